package io.jvmlops.monitoring;

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
     *
     * @param sorted ascending, without NaN
     * @return strictly ascending and finite; none if there are no values
     */
    static double[] of(double[] sorted) {
        int n = sorted.length;
        if (n == 0) {
            return new double[0];
        }
        int bins = Math.max(2, Math.min(MAX_BINS, (int) Math.sqrt(n)));
        Set<Double> edges = new TreeSet<>();
        int distinct = 1;
        for (int i = 1; i < n && distinct <= bins; i++) {
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
        }
        if (distinct <= bins) {
            for (double value : sorted) {
                addWithOneBelow(edges, value);
            }
        } else {
            double previous = Double.NaN;
            for (int k = 1; k < bins; k++) {
                double cut = sorted[(int) (((long) k * n + bins - 1) / bins) - 1];
                if (cut == previous) {
                    addWithOneBelow(edges, cut);
                } else {
                    edges.add(finite(cut));
                }
                previous = cut;
            }
        }
        return edges.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void addWithOneBelow(Set<Double> edges, double value) {
        double edge = finite(value);
        edges.add(edge);
        if (edge > -Double.MAX_VALUE) {
            // Adding 0 turns -0.0, below the least positive number, into the 0.0 that it equals.
            edges.add(Math.nextDown(edge) + 0.0);
        }
    }

    private static double finite(double value) {
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, value)) + 0.0;
    }
}
