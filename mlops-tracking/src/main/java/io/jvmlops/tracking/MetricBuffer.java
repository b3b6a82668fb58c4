package io.jvmlops.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricBatch;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One run's points on their way to the store: those being logged, and those being written. Points leave only when the
 * store has acknowledged them.
 */
final class MetricBuffer {
    private final String runId;
    private final MetricWriter writer;
    private final int half;
    private final Duration maxWait;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private MetricColumns active;
    private MetricColumns writing;
    private long logged;
    private long stored;
    private long lastPass;
    private @Nullable Throwable failure;
    private boolean sealed;

    MetricBuffer(String runId, MetricWriter writer, int capacity, Duration maxWait) {
        this.runId = runId;
        this.writer = writer;
        this.half = Math.max(1, capacity / 2);
        this.maxWait = maxWait;
        this.active = new MetricColumns(capacity);
        this.writing = new MetricColumns(capacity);
    }

    void add(String key, long step, long timestampMillis, double value) {
        lock.lock();
        try {
            requireOpen();
            if (active.isFull()) {
                awaitSpace();
            }
            active.add(key, step, timestampMillis, value);
            logged++;
            int size = active.size();
            // The writer is told twice per batch, not once per point.
            if (size == half) {
                writer.hurry();
            } else if (size == 1) {
                writer.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitSpace() {
        writer.hurry();
        long deadline = System.nanoTime() + maxWait.toNanos();
        boolean interrupted = false;
        try {
            while (active.isFull()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new OverloadedException(
                            "metrics of run " + runId + ": the buffer of " + active.size() + " points stayed full for "
                                    + maxWait
                                    + (failure == null ? "; the store is too slow" : "; the store fails: " + failure)
                                    + ". The point was not logged, those before it are kept. Log less often, or give the"
                                    + " tracking a larger buffer",
                            failure);
                }
                try {
                    progress.awaitNanos(left);
                } catch (InterruptedException e) {
                    // A training that is being cancelled still wants its metrics.
                    interrupted = true;
                }
                requireOpen();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void requireOpen() {
        if (sealed) {
            throw new ClosedException("run " + runId + " has ended and takes no more metrics; start another run");
        }
    }

    /** Refuses points from now on, or takes them again. */
    void seal(boolean seal) {
        lock.lock();
        try {
            sealed = seal;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Points that the store has not acknowledged. */
    long pending() {
        lock.lock();
        try {
            return logged - stored;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns when what was logged before the call is stored.
     *
     * @throws StorageException if an attempt that began after the call failed
     */
    void flush() {
        long target;
        lock.lock();
        try {
            target = logged;
            if (stored >= target) {
                return;
            }
        } finally {
            lock.unlock();
        }
        while (true) {
            long pass = writer.request();
            lock.lock();
            try {
                while (stored < target && lastPass < pass) {
                    progress.awaitUninterruptibly();
                }
                if (stored >= target) {
                    return;
                }
                Throwable cause = failure;
                if (cause != null) {
                    throw new StorageException(
                            "run " + runId + ": " + (logged - stored)
                                    + " metric points are not stored yet; they stay buffered, flush again to try again ("
                                    + cause.getMessage() + ")",
                            cause,
                            cause instanceof StorageException storage && storage.retryable());
                }
                // That pass only got rid of what an earlier one had failed to write; the rest needs another.
            } finally {
                lock.unlock();
            }
        }
    }

    /** Writer only: what to write now, the same again until {@link #stored} is called; null if there is nothing. */
    @Nullable
    MetricBatch take() {
        lock.lock();
        try {
            if (writing.size() == 0) {
                if (active.size() == 0) {
                    return null;
                }
                MetricColumns full = active;
                active = writing;
                writing = full;
                progress.signalAll();
            }
            return writing.toBatch(runId);
        } finally {
            lock.unlock();
        }
    }

    /** Writer only: what was taken is durable. */
    void stored(long pass) {
        lock.lock();
        try {
            stored += writing.size();
            writing.clear();
            failure = null;
            lastPass = pass;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Writer only: what was taken could not be stored. */
    void failed(long pass, Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            lastPass = pass;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
