package io.jvmlops.monitoring.detector;

import java.io.ByteArrayOutputStream;

/** Big-endian bytes in memory; see {@link ChangeDetector#toBytes}. */
final class DetectorWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);

    void writeByte(int value) {
        bytes.write(value);
    }

    void writeBoolean(boolean value) {
        bytes.write(value ? 1 : 0);
    }

    void writeInt(int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.write(value >>> shift);
        }
    }

    void writeLong(long value) {
        writeInt((int) (value >>> 32));
        writeInt((int) value);
    }

    void writeDouble(double value) {
        writeLong(Double.doubleToLongBits(value));
    }

    void writeState(ChangeDetector.State state) {
        writeByte(
                switch (state) {
                    case STABLE -> 0;
                    case WARNING -> 1;
                    case DRIFT -> 2;
                });
    }

    void writeDirection(Direction direction) {
        writeByte(
                switch (direction) {
                    case UP -> 0;
                    case DOWN -> 1;
                    case BOTH -> 2;
                });
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
