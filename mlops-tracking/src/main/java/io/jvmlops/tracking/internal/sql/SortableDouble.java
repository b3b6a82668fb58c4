package io.jvmlops.tracking.internal.sql;

/**
 * Doubles as integers of the same order: {@code Long.compare} of the codes is {@code Double.compare} of the values, but
 * for NaN, of which those with the sign bit come first. A column of them keeps every bit, of NaN too (which SQLite would
 * turn into NULL), tells -0.0 from 0.0 (which it would not), and can be part of an index.
 */
final class SortableDouble {
    private SortableDouble() {}

    static long encode(double value) {
        long bits = Double.doubleToRawLongBits(value);
        // Negative doubles grow downwards: turn around all their bits but the sign.
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }

    static double decode(long code) {
        return Double.longBitsToDouble(code ^ ((code >> 63) & Long.MAX_VALUE));
    }
}
