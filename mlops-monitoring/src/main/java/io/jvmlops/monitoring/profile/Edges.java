package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.Sketch;
import java.util.Set;
import java.util.TreeSet;

/** Chooses the edges between which a numeric column is counted. */
final class Edges {
    static final int MAX_BINS = 20;

    private Edges() {}

    /**
     * Edges at the quantiles of the values, so that about as many fall into each bin: {@code min(20, floor(sqrt(n)))} bins,
     * at least 2. Columns of no more distinct values than that get an edge at and one just below each of them, and so does
     * a value that spans several quantiles: it has a bin of its own then, and a constant column tells below, equal and above.
     * All edges are ends of the sketch's bins, so that it can be counted over them exactly.
     *
     * @return strictly ascending and finite; none if there are no values
     */
    static double[] of(Sketch values) {
        long n = values.total();
        if (n == 0) {
            return new double[0];
        }
        int bins = (int) Math.max(2, Math.min(MAX_BINS, (long) Math.sqrt((double) n)));
        Set<Double> edges = new TreeSet<>();
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
        return edges.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** {@code ceil(n * k / bins)} without overflow. */
    private static long ceiling(long n, int k, int bins) {
        return n / bins * k + (n % bins * k + bins - 1) / bins;
    }

    private static void addBothEnds(Set<Double> edges, Sketch values, int bin) {
        addHigh(edges, values, bin);
        double low = Sketch.low(values.key(bin), values.shift());
        if (low > -Double.MAX_VALUE) {
            // Adding 0 turns -0.0, below the least positive number, into the 0.0 that it equals.
            edges.add(Math.nextDown(low) + 0.0);
        }
    }

    private static void addHigh(Set<Double> edges, Sketch values, int bin) {
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
