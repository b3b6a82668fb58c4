package io.jvmlops.api.model;

import io.jvmlops.api.error.TimedOutException;
import java.time.Duration;

/**
 * The moment after which nobody wants an answer any more. Counted by {@link System#nanoTime()}, so it means something in
 * this process only, and changes of the wall clock do not move it. Immutable.
 */
public final class Deadline {
    /** Never passes. */
    public static final Deadline NONE = new Deadline(0);

    /** The longest: what is further off never passes. A hundred years. */
    private static final long MAX_NANOS = Duration.ofDays(36_525).toNanos();

    /** Of {@link System#nanoTime()}; unused in NONE. */
    private final long at;

    private Deadline(long at) {
        this.at = at;
    }

    /** So long from now; zero or less has passed already. */
    public static Deadline after(Duration duration) {
        if (duration.compareTo(Duration.ofNanos(MAX_NANOS)) >= 0) {
            return NONE;
        }
        return afterNanos(duration.isNegative() ? 0 : duration.toNanos());
    }

    /** So many nanoseconds from now; zero or less has passed already. */
    public static Deadline afterNanos(long nanos) {
        return nanos >= MAX_NANOS ? NONE : new Deadline(System.nanoTime() + Math.max(0, nanos));
    }

    /** Whether this is {@link #NONE}. */
    public boolean isNone() {
        return this == NONE;
    }

    public boolean hasPassed() {
        return this != NONE && System.nanoTime() - at >= 0;
    }

    /** The time left, 0 or less once passed; {@link Long#MAX_VALUE} if there is no deadline. */
    public long remainingNanos() {
        return this == NONE ? Long.MAX_VALUE : at - System.nanoTime();
    }

    /**
     * The moment, on the clock of {@link System#nanoTime()}, to be compared by subtraction only.
     *
     * @throws IllegalStateException if there is no deadline
     */
    public long nanoTime() {
        if (this == NONE) {
            throw new IllegalStateException("there is no deadline");
        }
        return at;
    }

    /** Whichever passes first. */
    public Deadline or(Deadline other) {
        if (this == NONE) {
            return other;
        }
        return other == NONE || at - other.at <= 0 ? this : other;
    }

    /**
     * Returns if it has not passed.
     *
     * @param what has not been done, for the message: {@code model iris was not asked}
     * @throws TimedOutException if it has
     */
    public void check(String what) {
        if (this != NONE) {
            long late = System.nanoTime() - at;
            if (late >= 0) {
                throw new TimedOutException(what + ": its deadline passed " + late / 1_000
                        + " µs ago; allow more time, or send less at a time");
            }
        }
    }

    /** Like {@code in 12.5 ms}. */
    @Override
    public String toString() {
        return this == NONE ? "none" : "in " + Math.round(remainingNanos() / 1e5) / 10.0 + " ms";
    }
}
