package io.jvmlops.benchmarks.handover;

/**
 * How often calls took how long, to within half a percent: each power of two is cut into 256 parts. Small, so that counting does
 * not push out of the caches what is measured.
 */
final class Latencies {
    private static final int PARTS_LOG = 8;
    private static final int PARTS = 1 << PARTS_LOG;

    private final long[] counts = new long[(Long.SIZE - PARTS_LOG) * PARTS];
    private long total;

    void add(long nanos) {
        counts[bucket(Math.max(0, nanos))]++;
        total++;
    }

    private static int bucket(long nanos) {
        if (nanos < PARTS) {
            return (int) nanos;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - PARTS_LOG;
        return (shift + 1 << PARTS_LOG) + (int) (nanos >>> shift) - PARTS;
    }

    /** The least that falls into a bucket. */
    private static double from(int bucket) {
        if (bucket < PARTS) {
            return bucket;
        }
        int shift = (bucket >>> PARTS_LOG) - 1;
        return Math.scalb((double) (bucket % PARTS + PARTS), shift);
    }

    long total() {
        return total;
    }

    /**
     * The time within which so large a part of the calls ended, in nanoseconds.
     *
     * @throws IllegalStateException if there were none
     */
    double quantile(double part) {
        if (total == 0) {
            throw new IllegalStateException("no call was timed");
        }
        double rank = part * total;
        long before = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 && before + counts[i] >= rank) {
                // As if those of a bucket lay evenly in it.
                return from(i) + (from(i + 1) - from(i)) * (rank - before) / counts[i];
            }
            before += counts[i];
        }
        throw new IllegalStateException("quantile " + part);
    }
}
