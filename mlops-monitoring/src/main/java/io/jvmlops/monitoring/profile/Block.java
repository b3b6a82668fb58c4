package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Room to work on a block of rows, column by column: a column's values lie side by side, and what is summed is sorted by
 * exponent, so that each pass is a short loop without branches. Lent to one thread at a time from a few that are kept.
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

    /** How many are kept while nobody works. */
    private static final int KEPT =
            Math.max(2, 2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));

    private static final AtomicReferenceArray<Block> POOL = new AtomicReferenceArray<>(KEPT);

    private final double[] values = new double[MAX_ROWS];

    // Per biased exponent: the sum of significands, and of the high and low parts of their squares.
    private final long[] sums = new long[4 * 2048];
    private FloatBuffer floats = FloatBuffer.allocate(0);
    private DoubleBuffer doubles = DoubleBuffer.allocate(0);
    private int size;

    /** Whether the squares of significands have no low part, as those of floats. */
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
                    boolean finite = gather(tensor, from * width + column, width, count);
                    ((NumericCounter) counters[first + column]).add(this, finite);
                }
            }
        }
    }

    /** Counts the columns of rows that lie one after the other. */
    void count(float[] rows, int count, int width, ColumnCounter[] counters, int first) {
        for (int column = 0; column < width; column++) {
            boolean finite = gather(rows, column, width, count);
            ((NumericCounter) counters[first + column]).add(this, finite);
        }
    }

    /** Counts the columns of rows that lie one after the other. */
    void count(double[] rows, int count, int width, ColumnCounter[] counters, int first) {
        for (int column = 0; column < width; column++) {
            boolean finite = gather(rows, column, width, count);
            ((NumericCounter) counters[first + column]).add(this, finite);
        }
    }

    private boolean gather(float[] source, int from, int stride, int count) {
        double[] target = values;
        long marks = 0;
        for (int i = 0, at = from; i < count; i++, at += stride) {
            // -0.0 and 0.0 are one value.
            double value = source[at] + 0.0;
            target[i] = value;
            marks |= mark(value);
        }
        size = count;
        shortSignificands = true;
        return isFinite(marks);
    }

    boolean gather(double[] source, int from, int stride, int count) {
        double[] target = values;
        long marks = 0;
        for (int i = 0, at = from; i < count; i++, at += stride) {
            double value = source[at] + 0.0;
            target[i] = value;
            marks |= mark(value);
        }
        size = count;
        shortSignificands = false;
        return isFinite(marks);
    }

    private boolean gather(Tensor tensor, int from, int stride, int count) {
        double[] target = values;
        long marks = 0;
        for (int i = 0, at = from; i < count; i++, at += stride) {
            double value = tensor.doubleAt(at) + 0.0;
            target[i] = value;
            marks |= mark(value);
        }
        size = count;
        shortSignificands = false;
        return isFinite(marks);
    }

    /** Bit 11 is set for NaN and infinities alone, as their exponent is all ones. */
    private static long mark(double value) {
        return (Double.doubleToRawLongBits(value) >>> 52 & 0x7ff) + 1;
    }

    private static boolean isFinite(long marks) {
        return (marks & 0x800) == 0;
    }

    double[] values() {
        return values;
    }

    int size() {
        return size;
    }

    /** Leaves only the first values, as whoever sorted out the others says. */
    void truncate(int to) {
        size = to;
    }

    /** Adds the values and their squares, all of which are finite. */
    void sum(ExactAccumulator sum, ExactAccumulator squares) {
        boolean withLow = !shortSignificands;
        double[] source = values;
        long[] bins = sums;
        int least = 0x7ff;
        int greatest = 0;
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
            // 0 becomes the greatest: zeros, which come often, must not stretch the range that is looked through below.
            least = Math.min(least, exponent - 1 & 0x7ff);
            greatest = Math.max(greatest, exponent);
        }
        flush(0, sum, squares);
        for (int exponent = least + 1; exponent <= greatest; exponent++) {
            flush(exponent, sum, squares);
        }
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
