package io.jvmlops.serving.cache;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether the cache's own code has run often enough to be compiled. Before that it may take a hundred times as long, and who
 * judged by it would stop running it, so that it never was. Thread-safe.
 */
final class WarmUp {
    /** HotSpot's last compiler takes a method after some 15,000 calls, and a while. */
    static final long ROWS = 20_000;

    static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong since = new AtomicLong();

    /**
     * Counts rows that were looked up.
     *
     * @param now as {@link System#nanoTime}
     * @return whether it is over
     */
    boolean add(long count, long now) {
        if (rows.get() >= ROWS && now - since.get() >= NANOS) {
            return true;
        }
        if (rows.getAndAdd(count) == 0) {
            since.set(now);
        }
        return false;
    }
}
