package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.ExactSum;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * Sums doubles, and their squares, without rounding: the small superaccumulator of Neal (2015), a fixed-point number of 32-bit
 * digits with room for carries, of which only the digits are held that the data reach. Not thread-safe.
 */
final class ExactAccumulator {
    private static final long DIGIT = 0xffffffffL;
    private static final long SIGNIFICAND = 0xfffffffffffffL;

    /** A digit takes up to 53 bits at a time, so that this many stay below 2^63. */
    private static final int UNTIL_CARRY = 512;

    /** Position of the lowest bit of the least double, so that squares of tiny values have room below. */
    private static final int OFFSET = 1216;

    /** Values beyond 2^(+-SCALE / 2 or so) are scaled by this before they are squared, so that nothing over- or underflows. */
    private static final int SCALE = 600;

    private static final int LEAST_SAFE = 540;
    private static final int GREATEST_SAFE = 1530;

    private long[] digits = new long[0];
    private int base;
    private int untilCarry = UNTIL_CARRY;

    /** @param value finite */
    void add(double value) {
        add(value, 0);
    }

    /** @param value finite */
    void addSquare(double value) {
        int biased = (int) (Double.doubleToRawLongBits(value) >>> 52) & 0x7ff;
        double scaled = value;
        int scale = 0;
        if (biased < LEAST_SAFE) {
            scaled = value * 0x1p600;
            scale = -2 * SCALE;
        } else if (biased > GREATEST_SAFE) {
            scaled = value * 0x1p-600;
            scale = 2 * SCALE;
        }
        double square = scaled * scaled;
        add(square, scale);
        double rest = Math.fma(scaled, scaled, -square);
        if (rest != 0) {
            add(rest, scale);
        }
    }

    /** Adds {@code value * 2^scale}. */
    private void add(double value, int scale) {
        long bits = Double.doubleToRawLongBits(value);
        int biased = (int) (bits >>> 52) & 0x7ff;
        long significand = bits & SIGNIFICAND;
        if (biased == 0) {
            if (significand == 0) {
                return;
            }
            biased = 1;
        } else {
            significand |= SIGNIFICAND + 1;
        }
        int position = biased - 1 + OFFSET + scale;
        int digit = (position >>> 5) - base;
        if (digit < 0 || digit + 1 >= digits.length) {
            grow(position >>> 5);
            digit = (position >>> 5) - base;
        }
        int shift = position & 31;
        long low = significand << shift & DIGIT;
        long high = significand >>> 32 - shift;
        long sign = bits >> 63;
        digits[digit] += (low ^ sign) - sign;
        digits[digit + 1] += (high ^ sign) - sign;
        if (--untilCarry == 0) {
            carry();
        }
    }

    /** Makes room for a digit and two above it. */
    private void grow(int digit) {
        if (digits.length == 0) {
            base = digit;
            digits = new long[4];
            return;
        }
        int low = Math.min(base, digit);
        int high = Math.max(base + digits.length, digit + 3);
        long[] grown = new long[high - low];
        System.arraycopy(digits, 0, grown, base - low, digits.length);
        digits = grown;
        base = low;
    }

    private void carry() {
        untilCarry = UNTIL_CARRY;
        int top = digits.length - 1;
        for (int i = 0; i < top; i++) {
            digits[i + 1] += digits[i] >> 32;
            digits[i] &= DIGIT;
        }
        // The top digit keeps the sign; it moves up before it could fill.
        if (top >= 0 && Math.abs(digits[top]) > 1L << 40) {
            digits = Arrays.copyOf(digits, digits.length + 1);
            digits[top + 1] = digits[top] >> 32;
            digits[top] &= DIGIT;
        }
    }

    ExactSum sum() {
        BigInteger sum = BigInteger.ZERO;
        for (int i = digits.length - 1; i >= 0; i--) {
            sum = sum.shiftLeft(32).add(BigInteger.valueOf(digits[i]));
        }
        return new ExactSum(sum, 32 * base - OFFSET - 1074);
    }
}
