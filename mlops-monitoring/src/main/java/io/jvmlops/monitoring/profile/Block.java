package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Room to work on a block of rows, column by column: a column's values lie side by side, and each pass over them is a short loop
 * that branches on nothing but missing values. Lent to one thread at a time from a few that are kept.
 */
final class Block {
    /** The most values of a column: so many significands can be summed in 63 bits. */
    static final int MAX_ROWS = 512;

    /** Fewer rows are faster counted one by one. */
    static final int MIN_ROWS = 12;

    /** Elements that are copied at a time, unless rows are wide. */
    private static final int ELEMENTS = 16 * 1024;

    private static final int MIN_CHUNK = 16;
    private static final long SIGNIFICAND = 0xfffffffffffffL;
    private static final int FLOAT_INFINITY = 0x7f800000;
    private static final long DOUBLE_INFINITY = 0x7ff0000000000000L;

    /** The bits of a significand that floats do not have. */
    private static final long BELOW_FLOAT = (1L << 52 - 23) - 1;

    /** Between the exponents of magnitudes that are summed as doubles. */
    private static final int NEAR = 20;

    /** Exponents up to which nothing overflows or underflows in squares. */
    private static final int MODERATE = 400;

    /** How many are kept while nobody works. */
    private static final int KEPT =
            Math.max(2, 2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));

    private static final AtomicReferenceArray<Block> POOL = new AtomicReferenceArray<>(KEPT);

    // The finite values, side by side, and those that are NaN or infinite.
    private final double[] values = new double[MAX_ROWS];
    private final double[] odd = new double[MAX_ROWS];

    // Per biased exponent: the sum of significands, and of the high and low parts of their squares.
    private final long[] sums = new long[4 * 2048];
    private FloatBuffer floats = FloatBuffer.allocate(0);
    private DoubleBuffer doubles = DoubleBuffer.allocate(0);
    private int size;
    private int odds;

    // Of the finite values; least: the magnitude of the one that is nearest to zero but not zero.
    private double min;
    private double max;
    private double least;

    /** Whether the finite values have no more bits than floats. */
    private boolean shortSignificands;

    private Block() {}

    static Block take() {
        int first = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT; i++) {
            Block block = POOL.getAndSet(first + i & KEPT - 1, null);
            if (block != null) {
                return block;
            }
        }
        return new Block();
    }

    void giveBack() {
        POOL.set((int) Thread.currentThread().getId() & KEPT - 1, this);
    }

    /**
     * Counts a tensor's columns.
     *
     * @param counters of the columns, which are numeric, from {@code first}
     */
    void count(Tensor tensor, int width, ColumnCounter[] counters, int first) {
        int rows = tensor.size() / width;
        int chunk = Math.min(MAX_ROWS, ELEMENTS / width);
        DataType type = tensor.type();
        boolean copied = chunk >= MIN_CHUNK && (type == DataType.FP32 || type == DataType.FP64);
        if (!copied) {
            chunk = MAX_ROWS;
        }
        for (int from = 0; from < rows; from += chunk) {
            int count = Math.min(chunk, rows - from);
            if (copied && type == DataType.FP32) {
                if (floats.capacity() < count * width) {
                    floats = FloatBuffer.allocate(chunk * width);
                }
                tensor.copyTo(from * width, floats, 0, count * width);
                count(floats.array(), count, width, counters, first);
            } else if (copied) {
                if (doubles.capacity() < count * width) {
                    doubles = DoubleBuffer.allocate(chunk * width);
                }
                tensor.copyTo(from * width, doubles, 0, count * width);
                count(doubles.array(), count, width, counters, first);
            } else {
                for (int column = 0; column < width; column++) {
                    gather(tensor, from * width + column, width, count);
                    ((NumericCounter) counters[first + column]).add(this);
                }
            }
        }
    }

    /** Counts the columns of rows that lie one after the other. */
    void count(float[] rows, int count, int width, ColumnCounter[] counters, int first) {
        for (int column = 0; column < width; column++) {
            gather(rows, column, width, count);
            ((NumericCounter) counters[first + column]).add(this);
        }
    }

    /** Counts the columns of rows that lie one after the other. */
    void count(double[] rows, int count, int width, ColumnCounter[] counters, int first) {
        for (int column = 0; column < width; column++) {
            gather(rows, column, width, count);
            ((NumericCounter) counters[first + column]).add(this);
        }
    }

    private void gather(float[] source, int from, int stride, int count) {
        double[] target = values;
        int kept = 0;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        int nearest = Integer.MAX_VALUE;
        for (int i = 0, at = from; i < count; i++, at += stride) {
            // -0.0 and 0.0 are one value.
            double value = source[at] + 0.0;
            int magnitude = Float.floatToRawIntBits(source[at]) & Integer.MAX_VALUE;
            if (magnitude >= FLOAT_INFINITY) {
                odd[i - kept] = value;
                continue;
            }
            target[kept++] = value;
            if (value < low) {
                low = value;
            }
            if (value > high) {
                high = value;
            }
            // 0 becomes the greatest.
            nearest = Math.min(nearest, magnitude - 1 & Integer.MAX_VALUE);
        }
        gathered(count, kept, low, high);
        least = nearest == Integer.MAX_VALUE ? 0 : Float.intBitsToFloat(nearest + 1);
        shortSignificands = true;
    }

    void gather(double[] source, int from, int stride, int count) {
        double[] target = values;
        int kept = 0;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        long nearest = Long.MAX_VALUE;
        long used = 0;
        for (int i = 0, at = from; i < count; i++, at += stride) {
            double value = source[at] + 0.0;
            long magnitude = Double.doubleToRawLongBits(value) & Long.MAX_VALUE;
            if (magnitude >= DOUBLE_INFINITY) {
                odd[i - kept] = value;
                continue;
            }
            target[kept++] = value;
            if (value < low) {
                low = value;
            }
            if (value > high) {
                high = value;
            }
            nearest = Math.min(nearest, magnitude - 1 & Long.MAX_VALUE);
            used |= magnitude;
        }
        gathered(count, kept, low, high);
        least = nearest == Long.MAX_VALUE ? 0 : Double.longBitsToDouble(nearest + 1);
        shortSignificands = (used & BELOW_FLOAT) == 0;
    }

    private void gather(Tensor tensor, int from, int stride, int count) {
        if (doubles.capacity() < count) {
            doubles = DoubleBuffer.allocate(MAX_ROWS);
        }
        double[] column = doubles.array();
        for (int i = 0, at = from; i < count; i++, at += stride) {
            column[i] = tensor.doubleAt(at);
        }
        gather(column, 0, 1, count);
    }

    private void gathered(int count, int kept, double low, double high) {
        size = kept;
        odds = count - kept;
        min = low;
        max = high;
    }

    /** The finite values come first. */
    double[] values() {
        return values;
    }

    int size() {
        return size;
    }

    /** How many were NaN or infinite. */
    int odds() {
        return odds;
    }

    double odd(int index) {
        return odd[index];
    }

    /** Infinity if there is none. */
    double min() {
        return min;
    }

    /** Negative infinity if there is none. */
    double max() {
        return max;
    }

    /** Adds the finite values and their squares. */
    void sum(ExactAccumulator sum, ExactAccumulator squares) {
        if (least == 0) {
            return;
        }
        int top = Math.getExponent(Math.max(-min, max));
        if (shortSignificands && top - Math.getExponent(least) <= NEAR && Math.abs(top) <= MODERATE) {
            sumNear(top, sum, squares);
        } else {
            sumByExponent(sum, squares);
        }
    }

    /**
     * Where numbers of few bits are near each other in magnitude, sums of doubles are exact. With 2^(t+1) above all magnitudes and
     * all multiples of 2^(t-{@value #NEAR}-23), the sum of 2^9 is a multiple of the same below 2^(t+10): 53 bits. A square has 48
     * bits, so that squares are cut (Dekker 1971) at 2^(2t-42), which leaves sums of no more than 53 bits on both sides.
     */
    private void sumNear(int top, ExactAccumulator sum, ExactAccumulator squares) {
        double[] source = values;
        // What is added to this is rounded to a multiple of 2^(2 * top - 42).
        double cut = Math.scalb(1.5, 2 * top + 10);
        double all = 0;
        double high = 0;
        double low = 0;
        int count = size;
        for (int i = 0; i < count; i++) {
            double value = source[i];
            double square = value * value;
            double rounded = square + cut - cut;
            all += value;
            high += rounded;
            low += square - rounded;
        }
        sum.add(all);
        squares.add(high);
        squares.add(low);
    }

    private void sumByExponent(ExactAccumulator sum, ExactAccumulator squares) {
        boolean withLow = !shortSignificands;
        double[] source = values;
        long[] bins = sums;
        int count = size;
        for (int i = 0; i < count; i++) {
            long bits = Double.doubleToRawLongBits(source[i]);
            int exponent = (int) (bits >>> 52) & 0x7ff;
            // The leading bit is there unless the exponent is 0.
            long significand = bits & SIGNIFICAND | (long) (-exponent >>> 31) << 52;
            long sign = bits >> 63;
            int at = exponent << 2;
            bins[at] += (significand ^ sign) - sign;
            bins[at + 1] += ExactAccumulator.highOfSquare(significand);
            if (withLow) {
                bins[at + 2] += ExactAccumulator.lowOfSquare(significand);
            }
        }
        int greatest = biased(Math.max(-min, max));
        for (int exponent = biased(least); exponent <= greatest; exponent++) {
            flush(exponent, sum, squares);
        }
    }

    private static int biased(double positive) {
        return (int) (Double.doubleToRawLongBits(positive) >>> 52);
    }

    private void flush(int exponent, ExactAccumulator sum, ExactAccumulator squares) {
        int at = exponent << 2;
        long high = sums[at + 1];
        long low = sums[at + 2];
        if ((high | low) != 0) {
            int biased = Math.max(1, exponent);
            sum.add(sums[at], biased - 1075);
            squares.addSquares(low, high, biased);
            sums[at] = 0;
            sums[at + 1] = 0;
            sums[at + 2] = 0;
        }
    }
}
