package io.jvmlops.api.data;

/** 16-bit floats, which Java 17 has no conversions for. */
final class HalfFloats {
    private HalfFloats() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 mantissa bits. */
    static float fromFp16(short bits) {
        int sign = bits >> 15 == 0 ? 1 : -1;
        int exponent = (bits >> 10) & 0x1f;
        int mantissa = bits & 0x3ff;
        if (exponent == 0x1f) {
            return mantissa != 0 ? Float.NaN : sign * Float.POSITIVE_INFINITY;
        }
        // A subnormal has no implicit leading one and the smallest exponent.
        float magnitude = exponent == 0
                ? Math.scalb((float) mantissa, -24)
                : Math.scalb((float) (mantissa | 0x400), exponent - 25);
        return sign * magnitude;
    }

    /** bfloat16: the upper half of a 32-bit float. */
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
