package io.jvmlops.monitoring.detector;

import java.nio.ByteBuffer;

/** The counterpart of {@link DetectorWriter}: believes nothing that it reads. */
final class DetectorReader {
    private final ByteBuffer in;

    DetectorReader(ByteBuffer in) {
        this.in = in;
    }

    boolean readBoolean() {
        int value = in.get();
        if (value != 0 && value != 1) {
            throw DetectorCodec.invalid("a flag is " + value);
        }
        return value == 1;
    }

    int readInt() {
        return in.getInt();
    }

    long readLong() {
        return in.getLong();
    }

    long readCount(String what, long most) {
        long value = in.getLong();
        if (value < 0 || value > most) {
            throw DetectorCodec.invalid(what + " is " + value + ", expected 0 to " + most);
        }
        return value;
    }

    int readInt(String what, int least, int most) {
        int value = in.getInt();
        if (value < least || value > most) {
            throw DetectorCodec.invalid(what + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    /** As it is; an option, which its builder checks. */
    double readDouble() {
        return in.getDouble();
    }

    double readFinite(String what) {
        return readWithin(what, -Double.MAX_VALUE, Double.MAX_VALUE);
    }

    double readWithin(String what, double least, double most) {
        double value = in.getDouble();
        if (!(value >= least && value <= most)) {
            throw DetectorCodec.invalid(what + " is out of its range");
        }
        return value;
    }

    ChangeDetector.State readState() {
        int code = in.get();
        return switch (code) {
            case 0 -> ChangeDetector.State.STABLE;
            case 1 -> ChangeDetector.State.WARNING;
            case 2 -> ChangeDetector.State.DRIFT;
            default -> throw DetectorCodec.invalid("state " + code + " is unknown");
        };
    }

    Direction readDirection() {
        int code = in.get();
        return switch (code) {
            case 0 -> Direction.UP;
            case 1 -> Direction.DOWN;
            case 2 -> Direction.BOTH;
            default -> throw DetectorCodec.invalid("direction " + code + " is unknown");
        };
    }
}
