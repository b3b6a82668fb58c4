package io.jvmlops.monitoring.detector;

import io.jvmlops.api.error.InvalidInputException;

/**
 * Says of a stream, value by value, whether it is still what it was.
 *
 * <p>After {@link State#DRIFT} a detector starts anew by itself: the next value is the first of what is now normal. Nothing
 * has to be reset, and a lasting change is told of once (or again, if a detector sees it in two steps).
 *
 * <p><b>Values.</b> NaN, infinities and numbers that the detector is not made for are refused with an
 * {@link InvalidInputException}, and the detector is as if they had not come. Whoever has missing values leaves them out and
 * watches their rate with a detector of its own.
 *
 * <p><b>Costs.</b> {@link #update} allocates nothing, except that {@link Adwin} doubles its table when its window has outgrown
 * it. The detectors here agree with River 0.26.1 (BSD-3-Clause) to the index wherever River has them; each names what differs.
 *
 * <p>Not thread-safe: one thread at a time, with a happens-before edge between two, as a lock or a queue gives.
 */
public interface ChangeDetector {
    /** What a detector thinks after a value. */
    enum State {
        /** Nothing has changed, as far as one can tell; also while too few values have come. */
        STABLE,
        /** Something may be changing. Only {@link Ddm}, {@link Eddm}, {@link HddmA}, {@link HddmW} and {@link Stepd} say so. */
        WARNING,
        /** Something has changed. */
        DRIFT
    }

    /**
     * Takes the stream's next value.
     *
     * @throws InvalidInputException if the value is NaN, infinite or outside of what the detector takes; nothing has changed then
     */
    State update(double value);

    /** What the last {@link #update} returned; {@link State#STABLE} before the first. */
    State state();

    /** Values taken since the detector was made or {@link #reset}, those before a drift included. */
    long count();

    /** Drifts told of since the detector was made or {@link #reset}. */
    long drifts();

    /** Makes the detector as it was when built: all that it has seen is forgotten, its options stay. */
    void reset();

    /**
     * All there is to the detector, options included, so that {@link #parse} gives one that goes on exactly as this one would.
     *
     * <p>Equal options and equal pasts give equal bytes. In big-endian order: the magic {@code JMCD}, a version byte (1), a byte
     * for the kind, options, what has been seen, and the CRC-32C of all before it. A few dozen bytes; {@link Adwin} has 16 for
     * each bucket, {@link Kswin} 8 and {@link Stepd} an eighth for each value of the window. Later versions of this library read it.
     */
    byte[] toBytes();

    /**
     * Gives back a detector of this package from its {@link #toBytes}.
     *
     * @throws InvalidInputException if the bytes are damaged, cut short, of an unknown version or contradict themselves. What
     *     is allocated is bounded by the limits of the options, whatever the bytes say.
     */
    static ChangeDetector parse(byte[] bytes) {
        return DetectorCodec.read(bytes);
    }
}
