package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.Sketch;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Chooses the edges between which a numeric column is counted. */
final class Edges {
    static final int MAX_BINS = 20;

    private Edges() {}

    /**
     * Edges at the quantiles of the values, so that about as many fall into each bin: {@code min(20, floor(sqrt(n)))} bins,
     * at least 2. Columns of no more distinct values than that get an edge at and one just below each of them, and so does
     * a value that spans several quantiles: it has a bin of its own then, and a constant column tells below, equal and above.
     * All these are ends of the sketch's bins, so that it can be counted over them exactly. The first edge is just below the
     * least finite value and the last at the greatest: what is counted beyond them later is outside the range of these values.
     *
     * @param finite the moments of the finite values
     * @param negativeInfinities of which this many are below them
     * @param positiveInfinities of which this many are above them
     * @return over edges, strictly ascending and finite; none if there are no values
     */
    static Histogram histogram(Sketch values, Moments finite, long negativeInfinities, long positiveInfinities) {
        NavigableSet<Double> edges = quantiles(values);
        if (finite.count() == 0) {
            return values.over(array(edges));
        }
        double below = Math.nextDown(finite.min()) + 0.0;
        // No finite value lies beyond the range, so that edges there tell apart no more than those at its ends do.
        edges.removeIf(edge -> edge <= below || edge >= finite.max());
        Histogram inner = values.over(array(edges));
        boolean hasBelow = below > Double.NEGATIVE_INFINITY;
        if (hasBelow) {
            edges.add(below);
        }
        edges.add(finite.max());
        long[] bins = new long[edges.size() + 1];
        System.arraycopy(inner.bins(), 0, bins, hasBelow ? 1 : 0, inner.size());
        if (hasBelow) {
            bins[0] = negativeInfinities;
            bins[1] -= bins[0];
        }
        bins[bins.length - 1] = positiveInfinities;
        bins[bins.length - 2] -= bins[bins.length - 1];
        return new Histogram(array(edges), bins);
    }

    /** Only the edges at quantiles. */
    private static NavigableSet<Double> quantiles(Sketch values) {
        NavigableSet<Double> edges = new TreeSet<>();
        long n = values.total();
        if (n == 0) {
            return edges;
        }
        int bins = (int) Math.max(2, Math.min(MAX_BINS, (long) Math.sqrt((double) n)));
        if (values.size() <= bins) {
            for (int i = 0; i < values.size(); i++) {
                addBothEnds(edges, values, i);
            }
        } else {
            int bin = -1;
            long upTo = 0;
            int previous = -1;
            for (int k = 1; k < bins; k++) {
                // The least rank of which the share is k / bins.
                long rank = Math.max(1, ceiling(n, k, bins));
                while (upTo < rank) {
                    upTo += values.count(++bin);
                }
                if (bin == previous) {
                    addBothEnds(edges, values, bin);
                } else {
                    addHigh(edges, values, bin);
                }
                previous = bin;
            }
        }
        return edges;
    }

    private static double[] array(NavigableSet<Double> edges) {
        return edges.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** {@code ceil(n * k / bins)} without overflow. */
    private static long ceiling(long n, int k, int bins) {
        return n / bins * k + (n % bins * k + bins - 1) / bins;
    }

    private static void addBothEnds(NavigableSet<Double> edges, Sketch values, int bin) {
        addHigh(edges, values, bin);
        double low = Sketch.low(values.key(bin), values.shift());
        if (low > -Double.MAX_VALUE) {
            // Adding 0 turns -0.0, below the least positive number, into the 0.0 that it equals.
            edges.add(Math.nextDown(low) + 0.0);
        }
    }

    private static void addHigh(NavigableSet<Double> edges, Sketch values, int bin) {
        double high = Sketch.high(values.key(bin), values.shift());
        if (Double.isFinite(high)) {
            edges.add(high);
        } else if (high < 0 || Double.isInfinite(Sketch.low(values.key(bin), values.shift()))) {
            // An edge is finite: the least and the greatest double are it for the infinities, if they are alone in
            // their bin.
            edges.add(Math.copySign(Double.MAX_VALUE, high));
        }
    }
}
