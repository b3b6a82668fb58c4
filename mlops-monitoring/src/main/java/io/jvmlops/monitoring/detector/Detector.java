package io.jvmlops.monitoring.detector;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Locale;

/** What the detectors here have in common: counting, starting anew after a drift, refusing values, storing. */
abstract sealed class Detector implements ChangeDetector
        permits Adwin, Cusum, Ddm, Eddm, HddmA, HddmW, Kswin, PageHinkley, Stepd {
    /** So far its square times 2^63 is finite, so no sum over a stream overflows. */
    static final double GREATEST = 1e140;

    private State state = State.STABLE;
    private long count;
    private long drifts;

    /** Values since the last start: at first, or after a drift. */
    private long age;

    Detector() {}

    @Override
    public final State state() {
        return state;
    }

    @Override
    public final long count() {
        return count;
    }

    @Override
    public final long drifts() {
        return drifts;
    }

    @Override
    public final void reset() {
        restart();
        rewind();
        state = State.STABLE;
        count = 0;
        drifts = 0;
        age = 0;
    }

    @Override
    public final byte[] toBytes() {
        return DetectorCodec.write(this);
    }

    /** Forgets what has been seen. */
    abstract void restart();

    /** Forgets what outlives a drift, too. */
    void rewind() {}

    abstract DetectorCodec.Kind kind();

    abstract void writeOptions(DetectorWriter out);

    abstract void writeSeen(DetectorWriter out);

    /** What {@link #writeSeen} wrote; age and state are there already. */
    abstract void readSeen(DetectorReader in);

    /** Options by name, for {@link #toString}. */
    abstract String options();

    /** Values since the last start, this one included once {@link #begin} was called. */
    final long age() {
        return age;
    }

    final boolean drifting() {
        return state == State.DRIFT;
    }

    final void begin() {
        if (state == State.DRIFT) {
            restart();
            age = 0;
            state = State.STABLE;
        }
        count++;
        age++;
    }

    final State end(State now) {
        state = now;
        if (now == State.DRIFT) {
            drifts++;
        }
        return now;
    }

    final void writeCommon(DetectorWriter out) {
        out.writeState(state);
        out.writeLong(count);
        out.writeLong(age);
        out.writeLong(drifts);
    }

    final void readCommon(DetectorReader in) {
        state = in.readState();
        count = in.readCount("count", Long.MAX_VALUE);
        age = in.readCount("age", count);
        drifts = in.readCount("drifts", count);
        if (state == State.DRIFT ? drifts == 0 || age == 0 : drifts == 0 && age != count) {
            throw DetectorCodec.invalid("its counts contradict each other");
        }
    }

    /** Refuses what would poison sums; adds 0.0, which makes -0.0 to 0.0. */
    final double number(double value) {
        if (!(Math.abs(value) <= GREATEST)) {
            throw refused(value, "a finite number of a magnitude up to " + GREATEST);
        }
        return value + 0.0;
    }

    final double share(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw refused(value, "0 to 1, where 1 is an error");
        }
        return value + 0.0;
    }

    final boolean error(double value) {
        if (value == 1) {
            return true;
        }
        if (value != 0) {
            throw refused(value, "0 for right or 1 for an error");
        }
        return false;
    }

    /** The value itself may be somebody's: only its nature is told. */
    final InvalidInputException refused(double value, String expected) {
        String found = Double.isNaN(value) ? "NaN" : Double.isInfinite(value) ? "infinite" : "another number";
        return new InvalidInputException(name() + ": value " + (count + 1) + " is " + found + ", expected " + expected
                + "; leave out what is missing. The detector is unchanged.");
    }

    private String name() {
        return getClass().getSimpleName();
    }

    @Override
    public final String toString() {
        return String.format(
                Locale.ROOT, "%s[%s: %s after %d values, %d drifts]", name(), options(), state, count, drifts);
    }
}
