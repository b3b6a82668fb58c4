package io.jvmlops.tracking;

import io.jvmlops.api.tracking.TrackingStore;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that says, four times per lease, that this process and its runs live, and marks the runs of processes
 * of which the like has not been heard. It begins when the tracking is opened. Whatever fails is tried again next time.
 */
final class Heartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final int BEATS_PER_LEASE = 4;

    private final TrackingStore store;
    private final Duration lease;
    private final Supplier<Collection<String>> openRuns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final Thread thread;
    private boolean stopping;
    private volatile boolean failing;

    Heartbeat(TrackingStore store, Duration lease, Supplier<Collection<String>> openRuns) {
        this.store = store;
        this.lease = lease;
        this.openRuns = openRuns;
        thread = Threads.daemon("mlops-heartbeat", this::work);
        thread.start();
    }

    Duration lease() {
        return lease;
    }

    /** Gives a run its lease, on the caller's thread: from now on its death would be noticed. */
    void begin(String runId) {
        attempt(() -> store.heartbeat(List.of(runId), lease));
    }

    private void work() {
        do {
            // First what is ours: a process that was suspended must not take its own runs for killed.
            boolean done = attempt(() -> {
                Collection<String> open = openRuns.get();
                if (!open.isEmpty()) {
                    store.heartbeat(open, lease);
                }
            });
            done &= attempt(() -> {
                List<String> killed = store.markKilled();
                if (!killed.isEmpty()) {
                    LOG.warn("Runs whose processes gave no sign of life are marked as killed: {}", killed);
                }
            });
            if (done && failing) {
                failing = false;
                LOG.info("Heartbeats reach the tracking store again");
            }
        } while (awaitNext());
    }

    /** Not a word to the training: it goes on, and its metrics say by themselves whether they could be stored. */
    private boolean attempt(Runnable work) {
        try {
            work.run();
            return true;
        } catch (Throwable e) {
            report(e);
            return false;
        }
    }

    private void report(Throwable problem) {
        try {
            if (failing) {
                LOG.debug("The tracking store still takes no heartbeat", problem);
            } else {
                failing = true;
                LOG.warn(
                        "The tracking store takes no heartbeat; if that lasts for {}, other processes take the runs of"
                                + " this one for killed, until it does again",
                        lease,
                        problem);
            }
        } catch (Throwable e) {
            // A log that fails must not end this thread, nor a training.
        }
    }

    /** Returns false when there is no next. */
    private boolean awaitNext() {
        lock.lock();
        try {
            long deadline = System.nanoTime() + lease.toNanos() / BEATS_PER_LEASE;
            while (!stopping) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return true;
                }
                try {
                    // The result is of no use: the loop looks at the time itself.
                    long unused = told.awaitNanos(left);
                } catch (InterruptedException e) {
                    // This thread is ours; nobody has a reason to interrupt it, and it ends through stopping.
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread; returns whether it has ended, as a store that does not answer keeps it. */
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
