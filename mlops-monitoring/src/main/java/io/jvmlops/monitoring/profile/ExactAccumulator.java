package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.ExactSum;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * Sums doubles, or their squares, without rounding: the small superaccumulator of Neal (2015), a fixed-point number of 32-bit
 * digits with room for carries, of which only the digits are held that the data reach. Not thread-safe.
 */
final class ExactAccumulator {
    private static final long DIGIT = 0xffffffffL;
    private static final long SIGNIFICAND = 0xfffffffffffffL;

    /** A digit takes 32 bits at a time, so that this many stay far below 2^63. */
    private static final int UNTIL_CARRY = 1 << 20;

    /** The power of two that the lowest bit of digit 0 stands for: below that of the square of the least double. */
    private static final int LOWEST = -2176;

    private long[] digits = new long[0];
    private int base;
    private int untilCarry = UNTIL_CARRY;

    /** The biased exponent of a finite double, as {@link #significand} goes with it: subnormal numbers have that of the next. */
    private static int exponent(long bits) {
        return Math.max(1, (int) (bits >>> 52) & 0x7ff);
    }

    private static long significand(long bits) {
        return bits & SIGNIFICAND | ((bits >>> 52 & 0x7ff) == 0 ? 0 : SIGNIFICAND + 1);
    }

    /** @param value finite */
    void add(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long significand = significand(bits);
        if (significand != 0) {
            add(bits < 0 ? -significand : significand, exponent(bits) - 1075);
        }
    }

    /** @param value finite */
    void addSquare(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long significand = significand(bits);
        if (significand != 0) {
            addSquares(lowOfSquare(significand), highOfSquare(significand), exponent(bits));
        }
    }

    /** The low 53 bits of the square of a significand. */
    static long lowOfSquare(long significand) {
        return significand * significand & (SIGNIFICAND << 1 | 1);
    }

    /** The other bits of the square of a significand. */
    static long highOfSquare(long significand) {
        return Math.multiplyHigh(significand << 6, significand << 5);
    }

    /**
     * Adds {@code (low + high * 2^53) * 2^(2 * (biased - 1075))}.
     *
     * @param biased the exponent of the numbers that were squared, at least 1
     */
    void addSquares(long low, long high, int biased) {
        int exponent = 2 * (biased - 1075);
        if (low != 0) {
            add(low, exponent);
        }
        if (high != 0) {
            add(high, exponent + 53);
        }
    }

    /** Adds {@code value * 2^exponent}. */
    void add(long value, int exponent) {
        int position = exponent - LOWEST;
        int digit = (position >>> 5) - base;
        if (digit < 0 || digit + 2 >= digits.length) {
            grow(position >>> 5);
            digit = (position >>> 5) - base;
        }
        int shift = position & 31;
        long sign = value >> 63;
        long magnitude = (value ^ sign) - sign;
        long rest = magnitude >>> 32 - shift;
        digits[digit] += (magnitude << shift & DIGIT ^ sign) - sign;
        digits[digit + 1] += (rest & DIGIT ^ sign) - sign;
        digits[digit + 2] += (rest >>> 32 ^ sign) - sign;
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
        return new ExactSum(sum, 32 * base + LOWEST);
    }
}
