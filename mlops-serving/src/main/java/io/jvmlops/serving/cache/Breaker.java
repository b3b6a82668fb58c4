package io.jvmlops.serving.cache;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Has left alone what failed several times in a row: for a second, then one call tries it again; as long as that fails, for
 * twice as long each time, up to a minute. What fails again soon after it worked is left alone for longer than before, so that
 * something that comes and goes is not tried, nor told of, every second. Thread-safe.
 *
 * <p>Who was let {@linkplain #pass pass} says afterwards how it went, by exactly one of {@link #succeeded}, {@link #failed} and
 * {@link #undecided}.
 */
final class Breaker {
    /** Failures in a row until it opens. */
    static final int FAILURES = 5;

    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(60);

    /** What a call may do. */
    enum Pass {
        CLOSED,
        /** The one that finds out whether it works again. */
        TRIAL,
        /** It is left alone. */
        REFUSED
    }

    private final LongSupplier nanoTime;

    private boolean open;
    private boolean trial;
    private int failures;
    private long pause;
    /** When it is tried again, if open. */
    private long next;
    /** When it closed, if it was ever open. */
    private long closed;

    Breaker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized Pass pass() {
        if (!open) {
            return Pass.CLOSED;
        }
        if (trial || nanoTime.getAsLong() - next < 0) {
            return Pass.REFUSED;
        }
        trial = true;
        return Pass.TRIAL;
    }

    /** Whether a call would be refused now. */
    synchronized boolean refuses() {
        return open && (trial || nanoTime.getAsLong() - next < 0);
    }

    synchronized boolean isOpen() {
        return open;
    }

    /** @return whether this closed it */
    synchronized boolean succeeded(Pass pass) {
        if (pass == Pass.TRIAL) {
            open = false;
            trial = false;
            closed = nanoTime.getAsLong();
        }
        if (!open) {
            failures = 0;
        }
        return pass == Pass.TRIAL;
    }

    /** @return for how many nanoseconds it is left alone, if this opened it; else 0 */
    synchronized long failed(Pass pass) {
        long now = nanoTime.getAsLong();
        if (pass == Pass.TRIAL) {
            trial = false;
            pause = Math.min(2 * pause, LONGEST_PAUSE);
            next = now + pause;
            return 0;
        }
        // What began before it opened is no news.
        if (open || ++failures < FAILURES) {
            return 0;
        }
        failures = 0;
        open = true;
        boolean again = pause > 0 && now - closed < LONGEST_PAUSE;
        pause = again ? Math.min(2 * pause, LONGEST_PAUSE) : FIRST_PAUSE;
        next = now + pause;
        return pause;
    }

    /** It was not found out whether it works. */
    synchronized void undecided(Pass pass) {
        if (pass == Pass.TRIAL) {
            trial = false;
        }
    }
}
