package io.jvmlops.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that stores metrics. Each pass hands the waiting points of all runs to the store in one call, so that
 * they share a commit. A pass begins a little after the first point, at once if a flush asks or a buffer is half full.
 */
final class MetricWriter {
    private static final Logger LOG = LoggerFactory.getLogger(MetricWriter.class);

    /** How long points wait for company. Not a promise to anybody: only a flush makes points durable. */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final MetricStore store;
    private final FailureReporter reporter;
    private final Set<MetricBuffer> buffers = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final Thread thread;
    private boolean dirty;

    /** No waiting for company. */
    private boolean soon;

    /** No waiting at all, be it that the store fails. */
    private boolean urgent;

    private boolean stopping;
    private long passes;

    // The rest is the writer's thread's own.

    /** Of anything, as it is told. */
    private int failuresInARow;

    /** Of the store for all runs, which makes all of them wait. */
    private int outages;

    /** Runs that the store refuses while it takes others: each waits by itself. */
    private final Map<MetricBuffer, Refusal> refused = new HashMap<>();

    /** @param retryAt by {@link System#nanoTime} */
    private record Refusal(int times, long retryAt) {}

    MetricWriter(MetricStore store, FailureReporter reporter) {
        this.store = store;
        this.reporter = reporter;
        thread = Threads.daemon("mlops-metric-writer", this::work);
        thread.start();
    }

    void add(MetricBuffer buffer) {
        buffers.add(buffer);
    }

    void remove(MetricBuffer buffer) {
        buffers.remove(buffer);
    }

    /** There is something to write. */
    void wake() {
        lock.lock();
        try {
            dirty = true;
            told.signal();
        } finally {
            lock.unlock();
        }
    }

    /** There is much to write: at once, unless the store fails, which more attempts would not heal. */
    void hurry() {
        lock.lock();
        try {
            dirty = true;
            soon = true;
            told.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for a pass.
     *
     * @return its number: it begins after this call, and so sees all that was logged before
     * @throws ClosedException if there will be none
     */
    long request() {
        lock.lock();
        try {
            if (stopping) {
                throw new ClosedException("the tracking has been closed; metrics cannot be stored any more");
            }
            dirty = true;
            urgent = true;
            told.signal();
            return passes + 1;
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        while (true) {
            long pass;
            boolean last;
            boolean all;
            lock.lock();
            try {
                awaitWork();
                all = urgent || stopping;
                dirty = false;
                soon = false;
                urgent = false;
                pass = ++passes;
                last = stopping;
            } finally {
                lock.unlock();
            }
            try {
                pass(pass, all);
            } catch (Throwable e) {
                // Out of memory, say, or a log that throws: without this thread every flush would wait forever.
                failuresInARow++;
                outages++;
                buffers.forEach(buffer -> buffer.failed(pass, e));
            }
            if (last) {
                return;
            }
        }
    }

    private void awaitWork() {
        long begun = System.nanoTime();
        boolean outage = outages > 0;
        long pause = outage ? retryNanos(outages) : pauseOfRefused(begun);
        boolean lingering = false;
        while (!urgent && !stopping && (outage || !soon)) {
            long now = System.nanoTime();
            if (dirty && !outage && !lingering) {
                lingering = true;
                pause = Math.min(pause, now - begun + LINGER_NANOS);
            }
            long left = pause - (now - begun);
            if (left <= 0) {
                return;
            }
            try {
                // The result is of no use: the loop looks at the time itself.
                long unused = told.awaitNanos(left);
            } catch (InterruptedException e) {
                // This thread is ours; nobody has a reason to interrupt it, and it ends through stopping.
            }
        }
    }

    private long pauseOfRefused(long now) {
        long pause = Long.MAX_VALUE;
        for (Refusal refusal : refused.values()) {
            pause = Math.min(pause, refusal.retryAt - now);
        }
        return pause;
    }

    private static long retryNanos(int failures) {
        return Math.min(LAST_RETRY_NANOS, FIRST_RETRY_NANOS << Math.min(failures - 1, 10));
    }

    /** @param all also what the store has refused lately */
    private void pass(long pass, boolean all) {
        refused.keySet().retainAll(buffers);
        long now = System.nanoTime();
        List<MetricBuffer> taken = new ArrayList<>();
        List<MetricBatch> batches = new ArrayList<>();
        for (MetricBuffer buffer : buffers) {
            Refusal refusal = refused.get(buffer);
            MetricBatch batch = all || refusal == null || refusal.retryAt - now <= 0 ? buffer.take() : null;
            if (batch != null) {
                taken.add(buffer);
                batches.add(batch);
            }
        }
        if (batches.isEmpty()) {
            outages = 0;
            failuresInARow = refused.isEmpty() ? 0 : failuresInARow;
            return;
        }
        Throwable failure = append(batches);
        // What is not worth another attempt may be one run's: a damaged series, say, must not hold up the others.
        outages = failure instanceof StorageException storage && storage.retryable() ? outages + 1 : 0;
        if (failure == null) {
            taken.forEach(buffer -> stored(buffer, pass));
        } else if (outages > 0) {
            for (MetricBuffer buffer : taken) {
                buffer.failed(pass, failure);
            }
        } else if (taken.size() == 1) {
            refused(taken.get(0), pass, failure);
        } else {
            failure = separately(taken, batches, pass);
        }
        report(failure);
    }

    /** One run that the store refuses (because it was deleted or is damaged, say) must not hold up the others. */
    private @Nullable Throwable separately(List<MetricBuffer> taken, List<MetricBatch> batches, long pass) {
        Throwable last = null;
        for (int i = 0; i < taken.size(); i++) {
            Throwable failure = append(List.of(batches.get(i)));
            if (failure == null) {
                stored(taken.get(i), pass);
            } else {
                refused(taken.get(i), pass, failure);
                last = failure;
            }
        }
        return last;
    }

    private void refused(MetricBuffer buffer, long pass, Throwable failure) {
        Refusal before = refused.get(buffer);
        int times = before == null ? 1 : before.times + 1;
        refused.put(buffer, new Refusal(times, System.nanoTime() + retryNanos(times)));
        buffer.failed(pass, failure);
    }

    private void stored(MetricBuffer buffer, long pass) {
        refused.remove(buffer);
        if (buffer.stored(pass)) {
            // What came while a failed batch was tried again.
            wake();
        }
    }

    private @Nullable Throwable append(List<MetricBatch> batches) {
        try {
            store.append(batches);
            return null;
        } catch (Throwable e) {
            // An Error of a host's store must not end this thread either: flush would wait forever.
            return e;
        }
    }

    private void report(@Nullable Throwable failure) {
        if (failure == null) {
            if (!refused.isEmpty()) {
                return;
            }
            if (failuresInARow > 0) {
                LOG.info("Metrics are being stored again, after {} failed attempts", failuresInARow);
            }
            failuresInARow = 0;
            return;
        }
        failuresInARow++;
        long points = 0;
        int runs = 0;
        for (MetricBuffer buffer : buffers) {
            long pending = buffer.pending();
            points += pending;
            runs += pending > 0 ? 1 : 0;
        }
        if (failuresInARow == 1) {
            LOG.warn("{} metric points of {} runs could not be stored; they stay buffered", points, runs, failure);
        } else {
            LOG.debug("Attempt {} to store {} metric points failed", failuresInARow, points, failure);
        }
        reporter.report(new WriteFailure(runs, points, failuresInARow, failure));
    }

    /**
     * Makes a last pass and ends the thread.
     *
     * @return whether it has ended; a store that does not answer keeps it
     */
    boolean close(Duration patience) {
        lock.lock();
        try {
            stopping = true;
            told.signal();
        } finally {
            lock.unlock();
        }
        return Threads.join(thread, patience);
    }
}
