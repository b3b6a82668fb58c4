package io.jvmlops.api.monitoring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts of values between edges. Bin {@code i} holds values {@code v} with {@code edges[i-1] < v <= edges[i]}; the first bin
 * is open below, the last open above, so that there is one bin more than edges and infinities are counted like any value.
 * Immutable.
 */
public final class Histogram implements Distribution {
    private final double[] edges;
    private final long[] bins;
    private final long total;

    /**
     * @param edges strictly ascending, finite
     * @param bins one more than edges, each 0 or more
     * @throws IllegalArgumentException if edges and bins contradict each other
     */
    public Histogram(double[] edges, long[] bins) {
        if (bins.length != edges.length + 1) {
            throw new IllegalArgumentException(
                    edges.length + " edges and " + bins.length + " bins, expected one bin more than edges");
        }
        for (int i = 0; i < edges.length; i++) {
            if (!Double.isFinite(edges[i]) || i > 0 && edges[i] <= edges[i - 1]) {
                throw new IllegalArgumentException("edge " + i + " is not finite, or not above the one before");
            }
        }
        long sum = 0;
        for (long bin : bins) {
            if (bin < 0) {
                throw new IllegalArgumentException("a bin has a negative count");
            }
            sum = Math.addExact(sum, bin);
        }
        this.edges = edges.clone();
        for (int i = 0; i < edges.length; i++) {
            // -0.0 and 0.0 are one value, and so one edge.
            this.edges[i] += 0.0;
        }
        this.bins = bins.clone();
        total = sum;
    }

    @Override
    public Histogram histogram() {
        return this;
    }

    @Override
    public long total() {
        return total;
    }

    /** Number of bins. */
    public int size() {
        return bins.length;
    }

    /** The upper end of a bin but the last. */
    public double edge(int bin) {
        return edges[bin];
    }

    public long bin(int bin) {
        return bins[bin];
    }

    /** A copy. */
    public double[] edges() {
        return edges.clone();
    }

    /** A copy. */
    public long[] bins() {
        return bins.clone();
    }

    public boolean hasEdgesOf(Histogram other) {
        return Arrays.equals(edges, other.edges);
    }

    @Override
    public double coarseness() {
        long largest = 0;
        for (long bin : bins) {
            largest = Math.max(largest, bin);
        }
        return total == 0 ? 0 : (double) largest / total;
    }

    @Override
    public Histogram plus(Distribution other) {
        if (!(other instanceof Histogram that) || !hasEdgesOf(that)) {
            throw new IllegalArgumentException("two distributions over different edges cannot be added");
        }
        long[] sum = bins.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] = Math.addExact(sum[i], that.bins[i]);
        }
        return new Histogram(edges, sum);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Histogram that && Arrays.equals(edges, that.edges) && Arrays.equals(bins, that.bins);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bins);
    }

    @Override
    public String toString() {
        return total + " values in " + bins.length + " bins";
    }
}
