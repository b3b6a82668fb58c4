package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.predict.PredictionCacheStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers on their way to a store. Nobody waits for them: one call at a time writes what has come meanwhile, and what there is
 * no room for is dropped. Thread-safe.
 */
final class WriteBehind {
    /** Answers that wait at most. */
    static final int MAX_WAITING = 4096;

    /** Bytes, as they would be written, that wait at most. */
    static final long MAX_WAITING_BYTES = 16L << 20;

    /** Answers, and bytes of them, in one call of the store; one answer may be as large. */
    private static final int BATCH = 256;

    private static final long BATCH_BYTES = StoreCodec.MAX_BYTES;

    /** Nobody waits for a write, so it gets far more time than a read, but not for ever. */
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PredictionCacheStore store;
    private final Executor executor;
    private final AtomicInteger overdue;
    private final StoreHealth health;
    private final LongSupplier nanoTime;

    private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile @Nullable Write current;
    private volatile boolean stopped;

    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();

    /** @param overdue threads of the executor that are in calls which were given up */
    WriteBehind(
            PredictionCacheStore store,
            Executor executor,
            AtomicInteger overdue,
            StoreHealth health,
            LongSupplier nanoTime) {
        this.store = store;
        this.executor = executor;
        this.overdue = overdue;
        this.health = health;
        this.nanoTime = nanoTime;
    }

    private record Waiting(CacheKey key, Tensors outputs, long bytes) {}

    long written() {
        return written.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    long failures() {
        return failures.sum();
    }

    long timeouts() {
        return timeouts.sum();
    }

    /** Puts an answer down to be written, or drops it. */
    void put(CacheKey key, Tensors outputs) {
        Write write = current;
        if (write != null && write.isLate()) {
            dropped.increment();
            return;
        }
        long size = StoreCodec.valueSize(StoreCodec.keySize(key), outputs);
        if (size > StoreCodec.MAX_BYTES || !health.takesWrites() || !reserve(size)) {
            dropped.increment();
            return;
        }
        queue.add(new Waiting(key, outputs, size));
        schedule();
    }

    /** Counts one that is not even put down. */
    void drop() {
        dropped.increment();
    }

    private boolean reserve(long size) {
        if (count.incrementAndGet() > MAX_WAITING) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > MAX_WAITING_BYTES) {
            bytes.addAndGet(-size);
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Has what waits written, if there is a thread for it. */
    void schedule() {
        if (!queue.isEmpty() && scheduled.compareAndSet(false, true)) {
            try {
                PredictionCache.execute(executor, new Write());
            } catch (RejectedExecutionException e) {
                // Whoever puts down the next answer tries again.
                scheduled.set(false);
            }
        }
    }

    /** Begins no further call, and drops all that waits. */
    void stop() {
        stopped = true;
        clear();
    }

    /** Drops all that waits. */
    void clear() {
        for (Waiting next = poll(); next != null; next = poll()) {
            dropped.increment();
        }
    }

    private @Nullable Waiting poll() {
        Waiting next = queue.poll();
        if (next != null) {
            count.decrementAndGet();
            bytes.addAndGet(-next.bytes);
        }
        return next;
    }

    private List<PredictionCacheStore.Entry> batch() {
        List<PredictionCacheStore.Entry> batch = new ArrayList<>();
        long size = 0;
        while (batch.size() < BATCH && size < BATCH_BYTES) {
            Waiting next = poll();
            if (next == null) {
                break;
            }
            byte[] key = StoreCodec.key(next.key);
            batch.add(new PredictionCacheStore.Entry(key, StoreCodec.value(key, next.outputs)));
            size += next.bytes;
        }
        return batch;
    }

    /** Writes until nothing waits. */
    private final class Write extends StoreCall {
        private volatile boolean inStore;
        /** When the store was called, if it is being called. */
        private volatile long since;

        private volatile Breaker.Pass pass = Breaker.Pass.CLOSED;

        Write() {
            super(overdue);
        }

        /** Whether it takes too long; then it is stopped, too. */
        boolean isLate() {
            if (isGivenUp()) {
                return true;
            }
            if (!isOverLimit() || !giveUpIfLate()) {
                return false;
            }
            timeouts.increment();
            health.failed(
                    health.writes(),
                    pass,
                    "has not taken what it was given for " + TimeUnit.NANOSECONDS.toSeconds(LIMIT_NANOS) + " s",
                    null);
            clear();
            return true;
        }

        private boolean isOverLimit() {
            return inStore && nanoTime.getAsLong() - since >= LIMIT_NANOS;
        }

        private synchronized boolean giveUpIfLate() {
            return !isGivenUp() && isOverLimit() && giveUp() == Progress.UNDER_WAY;
        }

        private synchronized void enter() {
            since = nanoTime.getAsLong();
            inStore = true;
        }

        private synchronized void leave() {
            inStore = false;
        }

        @Override
        void call() {
            current = this;
            try {
                while (!isGivenUp() && !stopped && !queue.isEmpty()) {
                    if (health.takesWrites()) {
                        write(batch());
                    } else {
                        clear();
                    }
                }
            } finally {
                current = null;
                scheduled.set(false);
                schedule();
            }
        }

        private void write(List<PredictionCacheStore.Entry> batch) {
            pass = health.writes().pass();
            if (pass == Breaker.Pass.REFUSED) {
                dropped.add(batch.size());
                return;
            }
            Throwable thrown = null;
            enter();
            try {
                store.putAll(batch);
            } catch (Throwable e) {
                // Whatever it throws, a StackOverflowError too.
                thrown = e;
            }
            leave();
            if (thrown == null) {
                written.add(batch.size());
            } else {
                dropped.add(batch.size());
            }
            if (isGivenUp()) {
                // That was told when it was given up.
                return;
            }
            if (thrown == null) {
                health.succeeded(health.writes(), pass);
            } else {
                failures.increment();
                health.failed(health.writes(), pass, "could not be written to", thrown);
            }
        }
    }
}
