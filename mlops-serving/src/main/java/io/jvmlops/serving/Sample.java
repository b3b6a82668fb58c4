package io.jvmlops.serving;

import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Which rows of a call are taken: each with probability 2^-sampling, independently of the others. Immutable. */
final class Sample {
    /** All rows, as every row is taken. */
    static final Sample ALL = new Sample(0, null);

    private final int sampling;
    /** Null for all. */
    private final int @Nullable [] rows;

    private Sample(int sampling, int @Nullable [] rows) {
        this.sampling = sampling;
        this.rows = rows;
    }

    /**
     * Draws rows with the calling thread's own generator. Costs some nanoseconds for each 64 rows, and allocates nothing if none
     * is taken.
     *
     * @return null if no row was taken, as of no rows none is
     */
    static @Nullable Sample draw(int count, int sampling) {
        return sampling == 0 ? ALL : draw(count, sampling, ThreadLocalRandom.current());
    }

    /** As above, with a generator that may be seeded. A {@link SplittableRandom} is good enough, 48 bits of a Random are not. */
    static @Nullable Sample draw(int count, int sampling, RandomGenerator random) {
        if (sampling == 0) {
            return ALL;
        }
        if (count <= Long.SIZE) {
            long mask = mask(count, sampling, random);
            return mask == 0 ? null : of(count, sampling, mask);
        }
        int[] rows = {};
        int taken = 0;
        for (int first = 0; first < count; first += Long.SIZE) {
            long mask = mask(Math.min(Long.SIZE, count - first), sampling, random);
            if (mask != 0) {
                int more = Long.bitCount(mask);
                if (rows.length < taken + more) {
                    int[] larger = new int[Math.min(count, 2 * (taken + more))];
                    System.arraycopy(rows, 0, larger, 0, taken);
                    rows = larger;
                }
                put(mask, first, rows, taken);
                taken += more;
            }
        }
        if (taken == 0) {
            return null;
        }
        if (taken == count) {
            return new Sample(sampling, null);
        }
        int[] exact = new int[taken];
        System.arraycopy(rows, 0, exact, 0, taken);
        return new Sample(sampling, exact);
    }

    /** A bit for each of up to 64 rows, set with probability 2^-sampling. */
    private static long mask(int count, int sampling, RandomGenerator random) {
        if (count == 0) {
            return 0;
        }
        long mask = -1L >>> (Long.SIZE - count);
        for (int i = 0; i < sampling && mask != 0; i++) {
            mask &= random.nextLong();
        }
        return mask;
    }

    private static Sample of(int count, int sampling, long mask) {
        int taken = Long.bitCount(mask);
        if (taken == count) {
            return new Sample(sampling, null);
        }
        int[] rows = new int[taken];
        put(mask, 0, rows, 0);
        return new Sample(sampling, rows);
    }

    private static void put(long mask, int first, int[] rows, int at) {
        int next = at;
        for (long left = mask; left != 0; left &= left - 1) {
            rows[next++] = first + Long.numberOfTrailingZeros(left);
        }
    }

    int sampling() {
        return sampling;
    }

    boolean isAll() {
        return rows == null;
    }

    /** How many were taken, of so many. */
    int taken(int count) {
        return rows == null ? count : rows.length;
    }

    /** Whether the first row was taken: what decides on a call that turns out to be one row. */
    boolean hasFirst() {
        return rows == null || rows[0] == 0;
    }

    /** In ascending order; all of so many where all were taken. Not to be changed. */
    int[] rows(int count) {
        if (rows != null) {
            return rows;
        }
        int[] all = new int[count];
        for (int i = 0; i < count; i++) {
            all[i] = i;
        }
        return all;
    }

    /** The rows taken of many that lie one after the other, in an array of their own. */
    float[] of(float[] all, int width, int count) {
        if (rows == null) {
            // What is handed in may be longer than its rows.
            float[] copy = new float[count * width];
            System.arraycopy(all, 0, copy, 0, copy.length);
            return copy;
        }
        float[] some = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, rows[i] * width, some, i * width, width);
        }
        return some;
    }
}
