package io.jvmlops.serving.cache;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The last measurements of what a row takes. Threads that lose the processor in the middle make some of them far too long, so
 * what is asked for is the mean of the middle half. Thread-safe; what is read beside a writer may lack its last value.
 */
final class Samples {
    /** Of a nanosecond, what is kept. */
    private static final int FRACTION = 256;

    private final AtomicLongArray ring;
    private final AtomicInteger count = new AtomicInteger();

    /** @param kept how many; a power of two */
    Samples(int kept) {
        ring = new AtomicLongArray(kept);
    }

    void add(long nanos, int rows) {
        int at = count.getAndIncrement();
        ring.setRelease(at & ring.length() - 1, nanos * FRACTION / rows);
    }

    /** How many are known, up to those that are kept. */
    int count() {
        int all = count.get();
        return all < 0 ? ring.length() : Math.min(all, ring.length());
    }

    /** The mean of the middle half, in nanoseconds; NaN if there are none. */
    double middle() {
        long[] sorted = new long[count()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = ring.getAcquire(i);
        }
        Arrays.sort(sorted);
        int from = sorted.length / 4;
        int to = sorted.length - from;
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += sorted[i];
        }
        return sum / (to - from) / FRACTION;
    }

    void clear() {
        count.set(0);
    }
}
