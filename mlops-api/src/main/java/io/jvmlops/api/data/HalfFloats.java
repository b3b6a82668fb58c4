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

    /** The nearest binary16, the even one of two as near; infinite from 65,520 on. */
    static short toFp16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 65_520) {
            return (short) (sign | 0x7c00);
        }
        // Counted in the steps that binary16 has there: 2^-24 below its normal numbers, else 2^-10 of the binary digit.
        int exponent = Math.max(Math.getExponent(magnitude), -14);
        int steps = (int) Math.rint(Math.scalb((double) magnitude, 10 - exponent));
        // Steps from 0x400 on carry the implicit one, which counts the exponent up by itself; so does rounding up to
        // 0x800.
        return (short) (sign | (((exponent + 14) << 10) + steps));
    }

    /** bfloat16: the upper half of a 32-bit float. */
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16, the even one of two as near. */
    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
