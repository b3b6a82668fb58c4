package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Moments;
import java.util.Arrays;

/** What statistics on samples share. */
final class Samples {
    private Samples() {}

    /** Without NaN. */
    static double[] present(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    }

    /** Without NaN and infinities. */
    static double[] finite(double[] values) {
        return Arrays.stream(values).filter(Double::isFinite).toArray();
    }

    /** Ascending, with -0.0 as 0.0. */
    static double[] sorted(double[] values) {
        double[] sorted = Arrays.stream(values).map(v -> v + 0.0).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    /**
     * The power of two that values are multiplied by so that sums and squares of them neither overflow nor vanish: it
     * makes the greatest of them about 1.
     */
    static int downscale(double... values) {
        double greatest = 0;
        for (double value : values) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        return greatest == 0 ? 0 : -Math.getExponent(greatest);
    }

    static double[] scaled(double[] values, int exponent) {
        return Arrays.stream(values).map(v -> Math.scalb(v, exponent)).toArray();
    }

    static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double rest = 0;
        for (double value : values) {
            rest += value - mean;
        }
        return mean + rest / values.length;
    }

    /** The sum of squared differences from the mean. */
    static double scatter(double[] values, double mean) {
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum;
    }

    /** Of values multiplied by a power of two. */
    static Moments scaled(Moments moments, int exponent) {
        return new Moments(
                moments.count(),
                Math.scalb(moments.min(), exponent),
                Math.scalb(moments.max(), exponent),
                new ExactSum(moments.sum().unscaled(), moments.sum().exponent() + exponent),
                new ExactSum(moments.squares().unscaled(), moments.squares().exponent() + 2 * exponent));
    }

    /**
     * Counts over cells of about equal shares of the reference: the classic bins of the population stability index.
     *
     * @param cells how many at most; values that come often make them fewer
     * @return reference and current; the first cell is open below, the last above
     */
    static Counts overQuantiles(double[] reference, double[] current, int cells) {
        double[] sorted = sorted(present(reference));
        double[] edges = new double[cells - 1];
        int size = 0;
        for (int k = 1; k < cells && sorted.length > 0; k++) {
            double edge = sorted[(int) (((long) sorted.length * k + cells - 1) / cells) - 1];
            if (size == 0 || edge > edges[size - 1]) {
                edges[size++] = edge;
            }
        }
        edges = Arrays.copyOf(edges, size);
        return new Counts(count(reference, edges), count(current, edges));
    }

    private static long[] count(double[] values, double[] edges) {
        long[] counts = new long[edges.length + 1];
        for (double value : values) {
            if (!Double.isNaN(value)) {
                int at = Arrays.binarySearch(edges, value + 0.0);
                counts[at < 0 ? -at - 1 : at]++;
            }
        }
        return counts;
    }
}
