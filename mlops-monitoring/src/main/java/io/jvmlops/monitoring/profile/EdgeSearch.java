package io.jvmlops.monitoring.profile;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the bins of values without branches, which real data mislead. Immutable; shared by counters.
 *
 * <p>The range of the edges is cut into cells of equal width, so many that none has two edges: a value's cell says which one may
 * be near it. Where no such number of cells is small, edges are searched by halving steps.
 */
final class EdgeSearch {
    private static final int MIN_CELLS = 64;
    private static final int MAX_CELLS = 1024;

    private final int count;

    /** The edges, and after them greatest values, which none is above: one, or for halving up to one less than a power of two. */
    private final double[] padded;

    private double low;
    private double scale;

    /** The number of edges in the cells before. */
    private final byte @Nullable [] before;

    EdgeSearch(double[] edges) {
        count = edges.length;
        before = count <= Byte.MAX_VALUE ? cells(edges) : null;
        int slots = before != null ? count + 1 : Math.max(4, Integer.highestOneBit(count + 1) << 1) - 1;
        padded = Arrays.copyOf(edges, slots);
        Arrays.fill(padded, count, slots, Double.MAX_VALUE);
    }

    private byte @Nullable [] cells(double[] edges) {
        // Outliers are the first and the last edge: the cells lie between the others, and one more on either side.
        int outer = count < 4 ? 0 : 1;
        double range = count < 2 ? 0 : edges[count - 1 - outer] - edges[outer];
        for (int cells = MIN_CELLS; cells <= MAX_CELLS; cells *= 2) {
            scale = (cells - 3) / range;
            // The first of those between lies in the middle of a cell, wherever it is rounded to, and so does the last.
            low = count == 0 ? 0 : edges[outer] - 1.5 * range / (cells - 3);
            byte[] counts = new byte[cells + 1];
            boolean single = true;
            for (double edge : edges) {
                single &= ++counts[cell(edge, low, scale, cells - 1) + 1] == 1;
            }
            if (single) {
                for (int i = 0; i < cells; i++) {
                    counts[i + 1] += counts[i];
                }
                return Arrays.copyOf(counts, cells);
            }
        }
        return null;
    }

    /** Never less for a greater value, however it is rounded; that is all that is asked of it. */
    private static int cell(double value, double low, double scale, int last) {
        return Math.max(0, Math.min((int) ((value - low) * scale), last));
    }

    /** A copy. */
    double[] edges() {
        return Arrays.copyOf(padded, count);
    }

    int bins() {
        return count + 1;
    }

    /** @param value not NaN */
    int bin(double value) {
        if (value == Double.POSITIVE_INFINITY) {
            return count;
        }
        byte[] cells = before;
        if (cells == null) {
            return halving(value);
        }
        int first = cells[cell(value, low, scale, cells.length - 1)];
        return first + above(padded[first], value);
    }

    /** @param values the first so many are finite */
    void count(double[] values, int size, long[] bins) {
        byte[] cells = before;
        if (cells == null) {
            for (int i = 0; i < size; i++) {
                bins[halving(values[i])]++;
            }
            return;
        }
        double[] search = padded;
        double from = low;
        double factor = scale;
        int last = cells.length - 1;
        for (int i = 0; i < size; i++) {
            double value = values[i];
            int first = cells[cell(value, from, factor, last)];
            bins[first + above(search[first], value)]++;
        }
    }

    private int halving(double value) {
        double[] search = padded;
        int bin = 0;
        for (int step = search.length + 1 >>> 1; step > 0; step >>>= 1) {
            bin += step * above(search[bin + step - 1], value);
        }
        return bin;
    }

    /** 1 if the value is above the edge, else 0: the sign of their difference, which is 0 only where they are equal. */
    private static int above(double edge, double value) {
        return (int) (Double.doubleToRawLongBits(edge - value) >>> 63);
    }
}
