package io.jvmlops.serving.internal;

import io.jvmlops.api.model.Deadline;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops calls that are over their deadline. A call that ends in time costs its thread two uncontended atomics and no lock,
 * allocation or system call: the watchdog looks at all calls that run, at the earliest deadline it knows of.
 *
 * <p>Why none is missed: a call first says when it must end and then looks when the watchdog will look next; the watchdog
 * first says when it will look next and then looks at the calls. Both are sequentially consistent, so one of the two sees
 * the other.
 *
 * <p>Its thread, {@code mlops-deadline}, begins with the first call that has a deadline, and ends when there have been none
 * for a while. A daemon.
 */
public final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    /** How long it goes on looking without having anything to do: beginning a thread is dearer. */
    private static final long LINGER = TimeUnit.SECONDS.toNanos(30);

    /** Between two looks where nothing is due: short after a call, so that the next does not have to wake it. */
    private static final long MIN_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long MAX_PAUSE = TimeUnit.SECONDS.toNanos(1);

    /** No deadline: those are odd. */
    private static final long NOTHING = 0;

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    private final ThreadFactory threads;

    /** When the calls will be looked at next; meaningless without a thread. */
    private volatile long nextLook;

    private volatile @Nullable Thread thread;

    public Watchdog() {
        this(task -> new Thread(task, "mlops-deadline"));
    }

    /** Visible for its test: systems refuse threads when it suits nobody. */
    Watchdog(ThreadFactory threads) {
        this.threads = threads;
    }

    /** What is used for one call at a time, again and again. Made, begun and ended by one thread at a time. */
    public abstract static class Call {
        private static final long IDLE = 0;
        private static final long FIRING = 2;
        private static final long FIRED = 4;

        /** One of the above, or, being odd, the time at which what runs must end. */
        private final AtomicLong state = new AtomicLong(IDLE);

        private @Nullable Watchdog watchdog;

        /** Stops what runs; on the watchdog's thread, once, between {@link #begin} and the return of {@link #end}. */
        protected abstract void stop();

        /** Something begins that must end by the deadline. */
        protected final void begin(Watchdog by, Deadline deadline) {
            if (deadline.isNone()) {
                return;
            }
            if (watchdog == null) {
                watchdog = by;
                by.calls.add(this);
            }
            long at = deadline.nanoTime() | 1;
            state.set(at);
            by.expect(at);
        }

        /** It has ended: {@code true} if the watchdog left it alone, and so does from now on. Asked again, it says the same. */
        protected final boolean end() {
            long now = state.get();
            if (now == IDLE || (now & 1) == 1 && state.compareAndSet(now, IDLE)) {
                return true;
            }
            while (state.get() != FIRED) {
                Thread.onSpinWait();
            }
            return false;
        }

        /** Whether what runs has been, or is being, stopped. */
        protected final boolean isStopped() {
            long now = state.get();
            return now == FIRING || now == FIRED;
        }

        /** It is used no more. */
        protected final void retire() {
            if (watchdog != null) {
                watchdog.calls.remove(this);
                watchdog = null;
            }
        }

        private void fire(long at) {
            if (state.compareAndSet(at, FIRING)) {
                try {
                    stop();
                } catch (RuntimeException | Error e) {
                    // The others are still to be watched.
                    LOG.warn("A call that is over its deadline could not be stopped; it ends by itself", e);
                } finally {
                    state.set(FIRED);
                }
            }
        }
    }

    private void expect(long at) {
        Thread current = thread;
        if (current == null) {
            start();
        } else if (nextLook - at > 0) {
            LockSupport.unpark(current);
        }
    }

    private synchronized void start() {
        if (thread == null) {
            Thread begun = threads.newThread(this::run);
            begun.setDaemon(true);
            nextLook = System.nanoTime();
            thread = begun;
            boolean started = false;
            try {
                begun.start();
                started = true;
            } finally {
                if (!started) {
                    // The system has no thread to give: the next call asks it again.
                    thread = null;
                }
            }
        }
    }

    private void run() {
        try {
            watch();
        } finally {
            // Out of memory: the next call begins another.
            synchronized (this) {
                if (thread == Thread.currentThread()) {
                    thread = null;
                }
            }
        }
    }

    private void watch() {
        long pause = MIN_PAUSE;
        long busy = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            // From here to the look the latest that it can become: who begins after the look relies on what it finds
            // here.
            nextLook = now + MAX_PAUSE;
            long earliest = look(now);
            if (earliest != NOTHING) {
                busy = now;
                pause = MIN_PAUSE;
                nextLook = Math.min(earliest - now, MAX_PAUSE) + now;
            } else if (now - busy > LINGER) {
                if (end()) {
                    return;
                }
                continue;
            } else {
                nextLook = now + pause;
                pause = Math.min(pause * 2, MAX_PAUSE);
            }
            long wait = nextLook - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    /** Stops what is overdue; the earliest deadline of what else runs. */
    private long look(long now) {
        long earliest = NOTHING;
        for (Call call : calls) {
            long at = call.state.get();
            if ((at & 1) == 1) {
                if (at - now <= 0) {
                    call.fire(at);
                } else if (earliest == NOTHING || at - earliest < 0) {
                    earliest = at;
                }
            }
        }
        return earliest;
    }

    private boolean anyRuns() {
        for (Call call : calls) {
            if ((call.state.get() & 1) == 1) {
                return true;
            }
        }
        return false;
    }

    /** Whether this thread may end: whoever begins a call from now on begins another. */
    private synchronized boolean end() {
        thread = null;
        if (anyRuns()) {
            thread = Thread.currentThread();
            return false;
        }
        return true;
    }
}
