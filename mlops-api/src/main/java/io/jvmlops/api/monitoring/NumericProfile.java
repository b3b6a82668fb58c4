package io.jvmlops.api.monitoring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A numeric column: how many values fell between which edges, and its moments. Immutable.
 *
 * <p>Bin {@code i} holds values {@code v} with {@code edges[i-1] < v <= edges[i]}; the first bin is open below, the last
 * open above, so that there is one bin more than edges and infinities are counted like any value. Two profiles can be
 * compared only over equal edges.
 */
public final class NumericProfile implements ColumnProfile {
    private final String column;
    private final long missing;
    private final long finite;
    private final double min;
    private final double max;
    private final double mean;
    private final double variance;
    private final double[] edges;
    private final long[] bins;

    /**
     * @param missing values that were NaN
     * @param finite values that were neither NaN nor infinite: what mean and variance are of
     * @param min least value; NaN if there is none
     * @param max greatest value; NaN if there is none
     * @param mean of the finite values; NaN if there is none
     * @param variance of the finite values, over n - 1; NaN if there are fewer than two
     * @param edges strictly ascending, finite
     * @param bins one more than edges, each 0 or more
     * @throws IllegalArgumentException if edges, bins or counts contradict each other
     */
    public NumericProfile(
            String column,
            long missing,
            long finite,
            double min,
            double max,
            double mean,
            double variance,
            double[] edges,
            long[] bins) {
        if (bins.length != edges.length + 1) {
            throw new IllegalArgumentException("column '" + column + "' has " + edges.length + " edges and "
                    + bins.length + " bins, expected one bin more than edges");
        }
        for (int i = 0; i < edges.length; i++) {
            if (!Double.isFinite(edges[i]) || i > 0 && edges[i] <= edges[i - 1]) {
                throw new IllegalArgumentException(
                        "column '" + column + "': edge " + i + " is not finite, or not above the one before");
            }
        }
        long present = 0;
        for (long bin : bins) {
            if (bin < 0) {
                throw new IllegalArgumentException("column '" + column + "' has a negative count");
            }
            present = Math.addExact(present, bin);
        }
        if (missing < 0 || finite < 0 || finite > present) {
            throw new IllegalArgumentException("column '" + column + "' has " + missing + " missing and " + finite
                    + " finite values of " + present + ", expected 0 or more and no more finite than there are");
        }
        this.column = column;
        this.missing = missing;
        this.finite = finite;
        this.min = min;
        this.max = max;
        this.mean = mean;
        this.variance = variance;
        this.edges = edges.clone();
        this.bins = bins.clone();
    }

    @Override
    public String column() {
        return column;
    }

    @Override
    public long count() {
        return present() + missing;
    }

    /** Values that were there. */
    public long present() {
        return Arrays.stream(bins).sum();
    }

    @Override
    public long missing() {
        return missing;
    }

    /** Values that were neither NaN nor infinite. */
    public long finite() {
        return finite;
    }

    public double min() {
        return min;
    }

    public double max() {
        return max;
    }

    public double mean() {
        return mean;
    }

    public double variance() {
        return variance;
    }

    /** A copy. */
    public double[] edges() {
        return edges.clone();
    }

    /** A copy. */
    public long[] bins() {
        return bins.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NumericProfile that
                && column.equals(that.column)
                && missing == that.missing
                && finite == that.finite
                && Arrays.equals(
                        new double[] {min, max, mean, variance},
                        new double[] {that.min, that.max, that.mean, that.variance})
                && Arrays.equals(edges, that.edges)
                && Arrays.equals(bins, that.bins);
    }

    @Override
    public int hashCode() {
        return 31 * column.hashCode() + Arrays.hashCode(bins);
    }

    @Override
    public String toString() {
        return column + ": n=" + present() + " missing=" + missing + " mean=" + mean + " min=" + min + " max=" + max;
    }
}
