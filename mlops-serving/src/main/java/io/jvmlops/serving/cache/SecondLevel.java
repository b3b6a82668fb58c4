package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.PredictionCacheStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's store, behind what keeps it from doing harm. It is called on threads of the cache's,
 * {@code mlops-cache-store-<n>}, of which there are few, and which end when they are idle; a prediction waits for a bounded
 * time, and not at all where the store has failed of late ({@link Breaker}), all threads are in calls that never came back, or
 * it takes longer than the model ({@link #pays}). Answers are written behind ({@link WriteBehind}). What it gives is believed
 * only if it is bit for bit what was written for that key, and of the model's form. Nothing here throws.
 *
 * <p>Thread-safe.
 */
final class SecondLevel {
    private static final Logger LOG = LoggerFactory.getLogger(SecondLevel.class);

    static final int THREADS = 8;

    /** Calls that wait for a thread: who comes later asks the model instead of waiting for several others' calls. */
    private static final int WAITING = 2 * THREADS;

    /** Keys, and bytes of them, in one call of the store. */
    private static final int CHUNK = 1024;

    private static final long CHUNK_BYTES = 4L << 20;

    /** With less time left, another process is not asked. */
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** Reads until it is known how long one takes. */
    private static final int MEASURED = 64;

    /** Of so many that would not pay, one is done all the same, to find out when that has changed. */
    private static final int TRIED = 64;

    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PredictionCacheStore store;
    private final long timeoutNanos;
    private final StoreHealth health;
    private final ThreadPoolExecutor executor;
    private final AtomicInteger overdue = new AtomicInteger();
    private final WriteBehind writes;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger passedOver = new AtomicInteger();
    /** What a prediction has waited of late, a moving average in nanoseconds. */
    private final AtomicLong waited = new AtomicLong();

    private final AtomicBoolean misfit = new AtomicBoolean();

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder skipped = new LongAdder();

    /**
     * Stands before a store.
     *
     * @param timeout the longest that a prediction waits for it
     * @param nanoTime tells when what failed may be tried again; that waits go by the system's
     * @param maker of its threads
     */
    SecondLevel(
            PredictionCacheStore store,
            Duration timeout,
            LongSupplier nanoTime,
            BiFunction<Runnable, String, Thread> maker) {
        this.store = store;
        this.timeoutNanos = timeout.compareTo(Duration.ofDays(1)) < 0
                ? timeout.toNanos()
                : Duration.ofDays(1).toNanos();
        this.health = new StoreHealth(store.getClass().getName(), nanoTime);
        AtomicInteger threads = new AtomicInteger();
        this.executor = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = maker.apply(task, "mlops-cache-store-" + threads.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        this.writes = new WriteBehind(store, executor, overdue, health, nanoTime);
    }

    /**
     * Whether it can save a prediction any time: it cannot if it takes longer than the model.
     *
     * @param modelNanos the longest that the model took of late, or 0 if that is not known
     */
    boolean pays(long modelNanos) {
        return modelNanos == 0
                || reads.get() < MEASURED
                || waited.get() <= modelNanos
                || passedOver.incrementAndGet() % TRIED == 0;
    }

    private void measure(long nanos) {
        if (reads.get() < MEASURED) {
            reads.incrementAndGet();
        }
        long known = waited.get();
        waited.set(known == 0 ? nanos : known + (nanos - known) / 8);
    }

    /**
     * The answers it has, in the order of the keys; null where it has none, or did not say so in time.
     *
     * @param form what an answer has to look like
     * @param deadline of whoever waits for the answers; the store gets no more than half of what is left, so that the model
     *     has the rest
     */
    @Nullable
    Tensors[] get(List<CacheKey> keys, AnswerForm form, Deadline deadline) {
        @Nullable Tensors[] found = new Tensors[keys.size()];
        List<CacheKey> asked = new ArrayList<>(found.length);
        int[] at = new int[found.length];
        for (int i = 0; i < found.length; i++) {
            if (StoreCodec.keySize(keys.get(i)) <= StoreCodec.MAX_BYTES) {
                at[asked.size()] = i;
                asked.add(keys.get(i));
            }
        }
        skipped.add(found.length - asked.size());
        long wait = deadline.isNone() ? timeoutNanos : Math.min(timeoutNanos, deadline.remainingNanos() / 2);
        if (asked.isEmpty()) {
            return found;
        }
        if (wait < Math.min(LEAST_NANOS, timeoutNanos) || overdue.get() >= THREADS || closed.get()) {
            skipped.add(asked.size());
            return found;
        }
        Breaker.Pass pass = health.reads().pass();
        if (pass == Breaker.Pass.REFUSED) {
            skipped.add(asked.size());
            return found;
        }
        Read read = new Read(asked, form);
        boolean ended = false;
        long start = System.nanoTime();
        try {
            PredictionCache.execute(executor, read);
            ended = read.await(wait);
        } catch (RejectedExecutionException e) {
            LOG.trace("All threads of the second level are busy", e);
        } catch (InterruptedException e) {
            // Meant for the caller, who sees to it when the model has answered.
            Thread.currentThread().interrupt();
            wait = 0;
        }
        if (wait > 0) {
            measure(System.nanoTime() - start);
        }
        judge(read, ended, pass, wait);
        int count = 0;
        for (int i = 0; i < asked.size(); i++) {
            Tensors answer = read.found.get(i);
            if (answer != null) {
                found[at[i]] = answer;
                count++;
            }
        }
        hits.add(count);
        return found;
    }

    /** @param waited for it, in nanoseconds; 0 if the caller was interrupted */
    private void judge(Read read, boolean ended, Breaker.Pass pass, long waited) {
        StoreCall.Progress progress = ended ? StoreCall.Progress.ENDED : read.giveUp();
        switch (progress) {
            case NOT_BEGUN -> {
                // Nothing is known of the store: others' calls took the time.
                executor.remove(read);
                skipped.add(read.keys.size());
                health.reads().undecided(pass);
            }
            case UNDER_WAY -> {
                if (waited == 0) {
                    health.reads().undecided(pass);
                } else {
                    timeouts.increment();
                    health.failed(
                            health.reads(),
                            pass,
                            "has not answered within "
                                    + Duration.ofNanos(waited).toMillis() + " ms",
                            null);
                }
            }
            case ENDED -> {
                misses.add(read.missed.get());
                Throwable failure = read.failure();
                String garbage = read.garbage;
                if (failure != null) {
                    failures.increment();
                    health.failed(health.reads(), pass, "could not be read", failure);
                } else if (garbage != null) {
                    failures.increment();
                    health.failed(health.reads(), pass, "gave what is no answer of ours (" + garbage + ")", null);
                } else {
                    health.succeeded(health.reads(), pass);
                }
            }
        }
    }

    /** Asks the store, a part of the keys at a time if there are many. */
    private final class Read extends StoreCall {
        private final List<CacheKey> keys;
        private final AnswerForm form;
        /** Answers that are there can be used even if the call is given up before the others are. */
        private final AtomicReferenceArray<@Nullable Tensors> found;

        private final AtomicInteger missed = new AtomicInteger();
        /** What is wrong with a value. */
        private volatile @Nullable String garbage;

        Read(List<CacheKey> keys, AnswerForm form) {
            super(overdue);
            this.keys = keys;
            this.form = form;
            this.found = new AtomicReferenceArray<>(keys.size());
        }

        @Override
        void call() {
            int from = 0;
            while (from < keys.size() && !isGivenUp()) {
                List<byte[]> chunk = new ArrayList<>();
                long size = 0;
                for (int i = from; i < keys.size() && chunk.size() < CHUNK && size < CHUNK_BYTES; i++) {
                    byte[] key = StoreCodec.key(keys.get(i));
                    chunk.add(key);
                    size += key.length;
                }
                int count = chunk.size();
                ask(from, chunk);
                from += count;
            }
        }

        private void ask(int from, List<byte[]> chunk) {
            int count = chunk.size();
            List<Optional<byte[]>> values = store.getAll(chunk);
            if (values == null || values.size() != count) {
                garbage = (values == null ? "null" : values.size() + " values") + " for " + count + " keys";
                return;
            }
            Iterator<Optional<byte[]>> next = values.iterator();
            for (int i = 0; i < count; i++) {
                Optional<byte[]> value = next.next();
                if (value == null) {
                    garbage = "null instead of an Optional";
                } else if (value.isEmpty()) {
                    missed.incrementAndGet();
                } else {
                    try {
                        found.set(from + i, StoreCodec.decode(keys.get(from + i), value.get(), form));
                    } catch (IOException e) {
                        garbage = e.getMessage();
                    }
                }
            }
        }
    }

    /** Tells it of an answer, some time; never waits. */
    void put(CacheKey key, Tensors outputs, AnswerForm form) {
        if (closed.get()) {
            writes.drop();
        } else if (form.accepts(outputs)) {
            writes.put(key, outputs);
        } else {
            // It would not be believed when it came back.
            writes.drop();
            if (misfit.compareAndSet(false, true)) {
                LOG.info(
                        "A model answers {}, which is not what its signature says: the second level of the prediction cache does"
                                + " not keep such answers. Said once",
                        outputs);
            }
        }
    }

    /** What has happened so far. */
    CacheStatus.Store numbers() {
        return new CacheStatus.Store(
                hits.sum(),
                misses.sum(),
                failures.sum() + writes.failures(),
                timeouts.sum() + writes.timeouts(),
                skipped.sum(),
                writes.written(),
                writes.dropped(),
                health.isOpen());
    }

    /** Gives what waits to be written a second, and drops what is left then. Closing twice is harmless. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (!health.takesWrites()) {
            writes.clear();
        }
        writes.schedule();
        executor.shutdown();
        boolean interrupted = false;
        try {
            if (!executor.awaitTermination(CLOSE_NANOS, TimeUnit.NANOSECONDS)) {
                LOG.debug("The second level of the prediction cache is still busy; its threads are interrupted");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        writes.stop();
        executor.shutdownNow();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
