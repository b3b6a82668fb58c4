package io.jvmlops.tracking.internal.series;

/**
 * Doubles as integers in the order of {@link Double#compare}, with nothing lost: {@link #encode} is one to one on all 64
 * bits, so NaN keeps its payload. All NaN are greater than infinity; among themselves they have an order too (which
 * {@code Double.compare} does not see), so that the points of a series have one order only.
 */
public final class ValueOrder {
    /** How many NaN have the sign bit set: those that plain reordering would put below negative infinity. */
    private static final long NEGATIVE_NANS = (1L << 52) - 1;

    private static final long INFINITY = encode(Double.doubleToRawLongBits(Double.POSITIVE_INFINITY));

    private ValueOrder() {}

    /** @param bits as of {@link Double#doubleToRawLongBits} */
    public static long encode(long bits) {
        // Negative doubles grow downwards: turn around all their bits but the sign. The negative NaN, now the least,
        // are moved to the other end by an addition that wraps around.
        return (bits ^ ((bits >> 63) & Long.MAX_VALUE)) - NEGATIVE_NANS;
    }

    /** The code of a value. */
    public static long encode(double value) {
        return encode(Double.doubleToRawLongBits(value));
    }

    /** The raw bits of a code. */
    public static long bits(long code) {
        long turned = code + NEGATIVE_NANS;
        return turned ^ ((turned >> 63) & Long.MAX_VALUE);
    }

    /** The value of a code. */
    public static double value(long code) {
        return Double.longBitsToDouble(bits(code));
    }

    /** Whether the code is that of a NaN. */
    public static boolean isNaN(long code) {
        return code > INFINITY;
    }
}
