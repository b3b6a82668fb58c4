package io.jvmlops.api.monitoring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts of values over a grid that is as fine as {@value #MAX_BINS} bins allow, for columns without a reference whose edges
 * could be taken. Immutable.
 *
 * <p>A bin holds the doubles that agree in all but the lowest {@link #shift} bits of their position among all doubles, so its
 * width is a power of two units in the last place, and grids of different shifts nest. The shift is the least at which the
 * values occupy at most {@value #MAX_BINS} bins. It depends on the set of values alone: sketches of parts, added in any order,
 * equal the sketch of the whole, bit by bit. Up to {@value #MAX_BINS} distinct values are kept as they are (shift 0).
 *
 * <p><b>Error:</b> counts up to the end of a bin are exact, and the rank of any value is known to within the count of its bin:
 * {@link #coarseness} is the greatest share of one bin, known after the fact and not only on average. For a million values of
 * a normal distribution it is below 0.01.
 *
 * <p>The idea of bins that merge pairwise when they are too many is that of UDDSketch (Epicoco et al. 2020); taking them from
 * the bits of the double keeps columns that are far from zero, as times are, as fine as others.
 */
public final class Sketch implements Distribution {
    /** The most bins that are occupied. */
    public static final int MAX_BINS = 2048;

    /** The coarsest grid: sign alone. */
    public static final int MAX_SHIFT = 62;

    private static final long NEGATIVE_ZERO = -1;

    public static final Sketch EMPTY = new Sketch(0, new long[0], new long[0]);

    private final int shift;
    private final long[] keys;
    private final long[] counts;
    private final long total;

    /**
     * @param shift bits that are not told apart
     * @param keys of the occupied bins, see {@link #key}, ascending
     * @param counts of the occupied bins, each 1 or more
     * @throws IllegalArgumentException if they contradict each other
     */
    public Sketch(int shift, long[] keys, long[] counts) {
        if (shift < 0 || shift > MAX_SHIFT || keys.length != counts.length || keys.length > MAX_BINS) {
            throw new IllegalArgumentException("a sketch of shift " + shift + " with " + keys.length + " keys and "
                    + counts.length + " counts, expected a shift of 0 to " + MAX_SHIFT + " and at most " + MAX_BINS
                    + " keys with a count each");
        }
        long sum = 0;
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] < 1 || i > 0 && keys[i] <= keys[i - 1]) {
                throw new IllegalArgumentException("bin " + i
                        + " of a sketch is empty, or not above the one before, expected occupied bins in order");
            }
            sum = Math.addExact(sum, counts[i]);
        }
        if (keys.length > 0
                && (keys[0] < key(Double.NEGATIVE_INFINITY, shift)
                        || keys[keys.length - 1] > key(Double.POSITIVE_INFINITY, shift))) {
            throw new IllegalArgumentException("a bin of a sketch lies beyond the infinities");
        }
        if (shift == 0 && Arrays.binarySearch(keys, NEGATIVE_ZERO) >= 0) {
            throw new IllegalArgumentException("a bin of a sketch is that of -0.0, which is counted as 0.0");
        }
        this.shift = shift;
        this.keys = keys.clone();
        this.counts = counts.clone();
        total = sum;
    }

    /** The bin of a value that is not NaN; -0.0 is 0.0. */
    public static long key(double value, int shift) {
        return ordered(Double.doubleToRawLongBits(value + 0.0)) >> shift;
    }

    /** Bits of a double to a long of the same order, and back. */
    private static long ordered(long bits) {
        return bits ^ bits >> 63 & Long.MAX_VALUE;
    }

    /** The least value of a bin. */
    public static double low(long key, int shift) {
        return value(key << shift, Double.NEGATIVE_INFINITY);
    }

    /** The greatest value of a bin. */
    public static double high(long key, int shift) {
        return value(key << shift | (1L << shift) - 1, Double.POSITIVE_INFINITY);
    }

    private static double value(long ordered, double ifBeyond) {
        if (ordered == NEGATIVE_ZERO) {
            // That is -0.0, which does not occur: the greatest of the negative values is the one before.
            return -Double.MIN_VALUE;
        }
        double value = Double.longBitsToDouble(ordered(ordered));
        // The bin of an infinity reaches into the NaN.
        return Double.isNaN(value) ? ifBeyond : value;
    }

    public int shift() {
        return shift;
    }

    @Override
    public long total() {
        return total;
    }

    /** Number of occupied bins. */
    public int size() {
        return keys.length;
    }

    public long key(int bin) {
        return keys[bin];
    }

    public long count(int bin) {
        return counts[bin];
    }

    /** Over a coarser grid; the same if it is this one. */
    public Sketch coarsened(int toShift) {
        if (toShift < shift) {
            throw new IllegalArgumentException("a sketch of shift " + shift + " cannot be refined to " + toShift);
        }
        int by = toShift - shift;
        long[] newKeys = new long[keys.length];
        long[] newCounts = new long[keys.length];
        int size = 0;
        for (int i = 0; i < keys.length; i++) {
            long key = keys[i] >> by;
            if (size == 0 || newKeys[size - 1] != key) {
                newKeys[size++] = key;
            }
            newCounts[size - 1] += counts[i];
        }
        return by == 0 ? this : new Sketch(toShift, Arrays.copyOf(newKeys, size), Arrays.copyOf(newCounts, size));
    }

    @Override
    public Sketch plus(Distribution other) {
        if (!(other instanceof Sketch that)) {
            throw new IllegalArgumentException("a sketch and a histogram over given edges cannot be added");
        }
        int common = Math.max(shift, that.shift);
        while (true) {
            Sketch a = coarsened(common);
            Sketch b = that.coarsened(common);
            long[] newKeys = new long[a.keys.length + b.keys.length];
            long[] newCounts = new long[newKeys.length];
            int size = 0;
            for (int i = 0, j = 0; i < a.keys.length || j < b.keys.length; size++) {
                boolean first = j == b.keys.length || i < a.keys.length && a.keys[i] <= b.keys[j];
                long key = first ? a.keys[i] : b.keys[j];
                newKeys[size] = key;
                if (i < a.keys.length && a.keys[i] == key) {
                    newCounts[size] += a.counts[i++];
                }
                if (j < b.keys.length && b.keys[j] == key) {
                    newCounts[size] = Math.addExact(newCounts[size], b.counts[j++]);
                }
            }
            if (size <= MAX_BINS) {
                return new Sketch(common, Arrays.copyOf(newKeys, size), Arrays.copyOf(newCounts, size));
            }
            common++;
        }
    }

    /** Its own bins, with edges at their greatest values. */
    @Override
    public Histogram histogram() {
        return histogram(keys);
    }

    /**
     * Counts over bins of this grid, as two sketches need them to be compared.
     *
     * @param upTo keys of bins, ascending; bins between two of them are counted with the second, those above the last with it
     */
    private Histogram histogram(long[] upTo) {
        if (upTo.length == 0) {
            return new Histogram(new double[0], new long[1]);
        }
        double[] edges = new double[upTo.length - 1];
        long[] bins = new long[upTo.length];
        int last = 0;
        int next = 0;
        for (int i = 0; i < upTo.length; i++) {
            while (next < keys.length && (keys[next] <= upTo[i] || i == upTo.length - 1)) {
                bins[last] += counts[next++];
            }
            double edge = Math.max(-Double.MAX_VALUE, high(upTo[i], shift));
            // An edge is finite, so the bin of the least finite value, if there is one, takes in that of negative
            // infinity.
            boolean same = high(upTo[i], shift) == Double.NEGATIVE_INFINITY
                    && i + 1 < upTo.length
                    && upTo[i + 1] == upTo[i] + 1;
            if (i < upTo.length - 1 && !same) {
                edges[last++] = edge;
            }
        }
        return new Histogram(Arrays.copyOf(edges, last), Arrays.copyOf(bins, last + 1));
    }

    /** This one over the bins that it or the other occupies, on the coarser of their grids. */
    public Histogram histogramBeside(Sketch other) {
        Sketch union = plus(other);
        return coarsened(union.shift).histogram(union.keys);
    }

    /**
     * Counts over given edges; exact where every edge is the end of a bin, else the values of a bin that an edge cuts are
     * counted with those above it.
     */
    public Histogram over(double[] edges) {
        long[] bins = new long[edges.length + 1];
        int bin = 0;
        for (int i = 0; i < keys.length; i++) {
            while (bin < edges.length && high(keys[i], shift) > edges[bin]) {
                bin++;
            }
            bins[bin] += counts[i];
        }
        return new Histogram(edges, bins);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Sketch that
                && shift == that.shift
                && Arrays.equals(keys, that.keys)
                && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * shift + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return total + " values in " + keys.length + " bins of 2^" + shift + " units in the last place";
    }
}
