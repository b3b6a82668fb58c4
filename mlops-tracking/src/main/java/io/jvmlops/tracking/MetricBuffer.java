package io.jvmlops.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.MetricBatch;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One run's points on their way to the store: those being logged, and those being written. Points leave only when the
 * store has acknowledged them.
 */
final class MetricBuffer {
    private final String runId;

    /** Of this buffer and no other, also if the run is resumed by this process. */
    private final String name = UUID.randomUUID().toString();

    private final MetricWriter writer;
    private final int half;
    private final Duration maxWait;
    private final boolean failFast;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private MetricColumns active;
    private MetricColumns writing;
    private long sequence;
    private long logged;
    private long stored;
    private long lastPass;
    private @Nullable Throwable failure;
    private boolean sealed;

    /** @param failFast whether to refuse points for as long as earlier ones could not be stored */
    MetricBuffer(String runId, MetricWriter writer, int capacity, Duration maxWait, boolean failFast) {
        this.runId = runId;
        this.writer = writer;
        this.half = Math.max(1, capacity / 2);
        this.maxWait = maxWait;
        this.failFast = failFast;
        this.active = new MetricColumns(capacity);
        this.writing = new MetricColumns(capacity);
    }

    void add(String key, long step, long timestampMillis, double value) {
        lock.lock();
        try {
            awaitSpace(1);
            active.add(key, step, timestampMillis, value);
            added(1);
        } finally {
            lock.unlock();
        }
    }

    /** Adds points that are stored together or not at all; if one is refused, none is added. */
    void add(Map<String, ? extends Number> points, long step, long timestampMillis) {
        // Read once, before anything changes: the map is the caller's.
        List<String> keys = new ArrayList<>(points.size());
        List<Double> values = new ArrayList<>(points.size());
        points.forEach((key, value) -> {
            keys.add(Keys.check("key of a metric", key));
            values.add(Objects.requireNonNull(value, () -> "value of metric '" + key + "' is null")
                    .doubleValue());
        });
        lock.lock();
        try {
            awaitSpace(keys.size());
            for (int i = 0; i < keys.size(); i++) {
                active.add(keys.get(i), step, timestampMillis, values.get(i));
            }
            added(keys.size());
        } finally {
            lock.unlock();
        }
    }

    /** The writer is told twice per batch, not once per point. */
    private void added(int points) {
        logged += points;
        int size = active.size();
        int before = size - points;
        if (before < half && size >= half) {
            writer.hurry();
        } else if (before == 0) {
            writer.wake();
        }
    }

    private void awaitSpace(int points) {
        requireOpen();
        if (failFast && failure != null) {
            throw notStored("the point was not logged, as the tracking fails fast", failure);
        }
        if (!active.hasSpace(points)) {
            awaitProgress(points);
        }
    }

    private void awaitProgress(int points) {
        writer.hurry();
        long deadline = System.nanoTime() + maxWait.toNanos();
        boolean interrupted = false;
        try {
            while (!active.hasSpace(points)) {
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
                if (failFast && failure != null) {
                    throw notStored("the point was not logged, as the tracking fails fast", failure);
                }
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
     * @param deadline by {@link System#nanoTime}
     * @throws StorageException if an attempt that began after the call failed
     * @throws TimedOutException if the deadline has passed before
     */
    void flush(long deadline) {
        long begun = System.nanoTime();
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
                awaitPass(pass, target, begun, deadline);
                if (stored >= target) {
                    return;
                }
                Throwable cause = failure;
                if (cause != null) {
                    throw notStored("they stay buffered, flush again to try again", cause);
                }
                // That pass only got rid of what an earlier one had failed to write; the rest needs another.
            } finally {
                lock.unlock();
            }
        }
    }

    private void awaitPass(long pass, long target, long begun, long deadline) {
        boolean interrupted = false;
        try {
            while (stored < target && lastPass < pass) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new TimedOutException("run " + runId + ": " + (logged - stored)
                            + " metric points are not stored yet, and the store has not answered within "
                            + Duration.ofNanos(System.nanoTime() - begun).truncatedTo(ChronoUnit.MILLIS)
                            + "; they stay buffered, flush again to wait again");
                }
                try {
                    progress.awaitNanos(left);
                } catch (InterruptedException e) {
                    // A training that is being cancelled still wants its metrics.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private StorageException notStored(String consequence, Throwable cause) {
        return new StorageException(
                "run " + runId + ": " + (logged - stored) + " metric points are not stored yet; " + consequence + " ("
                        + cause.getMessage() + ")",
                cause,
                cause instanceof StorageException storage && storage.retryable());
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
                active.growTo(full);
                sequence++;
                progress.signalAll();
            }
            // The same number each time the same points are tried.
            return writing.toBatch(runId).from(new MetricBatch.Origin(name, sequence));
        } finally {
            lock.unlock();
        }
    }

    /** Writer only: what was taken is durable. Returns whether there is more. */
    boolean stored(long pass) {
        lock.lock();
        try {
            stored += writing.size();
            writing.clear();
            failure = null;
            lastPass = pass;
            progress.signalAll();
            return active.size() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Writer only: what was taken could not be stored. */
    void failed(long pass, Throwable cause) {
        lock.lock();
        try {
            // With nothing to write there will be no success that could end it.
            failure = stored < logged ? cause : null;
            lastPass = pass;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
