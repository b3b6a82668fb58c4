package io.jvmlops.api.monitoring;

import java.math.BigInteger;
import java.util.Objects;

/**
 * A sum of doubles without any rounding: {@code unscaled * 2^exponent}. Sums of the same numbers are equal in whatever
 * order and parts they were added; floating-point sums are not.
 *
 * @param unscaled odd, or zero
 * @param exponent 0 where the sum is zero
 */
public record ExactSum(BigInteger unscaled, int exponent) {
    public static final ExactSum ZERO = new ExactSum(BigInteger.ZERO, 0);

    /** Bits of a double's significand, and those below it that decide how it is rounded. */
    private static final int KEPT = 62;

    /** Makes it canonical: trailing zero bits of {@code unscaled} move into the exponent. */
    public ExactSum {
        Objects.requireNonNull(unscaled);
        if (unscaled.signum() == 0) {
            exponent = 0;
        } else {
            int zeros = unscaled.getLowestSetBit();
            unscaled = unscaled.shiftRight(zeros);
            exponent = Math.addExact(exponent, zeros);
        }
    }

    /**
     * One number, exactly.
     *
     * @throws IllegalArgumentException if it is NaN or infinite
     */
    public static ExactSum of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "the exact sum of a value that is NaN or infinite, expected a finite one");
        }
        if (value == 0) {
            return ZERO;
        }
        long bits = Double.doubleToRawLongBits(value);
        int biased = (int) (bits >>> 52) & 0x7ff;
        long significand = bits & 0xfffffffffffffL | (biased == 0 ? 0 : 1L << 52);
        BigInteger unscaled = BigInteger.valueOf(value < 0 ? -significand : significand);
        return new ExactSum(unscaled, Math.max(biased, 1) - 1075);
    }

    public ExactSum plus(ExactSum other) {
        int common = Math.min(exponent, other.exponent);
        return new ExactSum(
                unscaled.shiftLeft(exponent - common).add(other.unscaled.shiftLeft(other.exponent - common)), common);
    }

    public ExactSum negate() {
        return new ExactSum(unscaled.negate(), exponent);
    }

    public ExactSum times(ExactSum other) {
        return new ExactSum(unscaled.multiply(other.unscaled), Math.addExact(exponent, other.exponent));
    }

    public ExactSum times(long factor) {
        return new ExactSum(unscaled.multiply(BigInteger.valueOf(factor)), exponent);
    }

    /**
     * The double nearest to this over a divisor, ties to even: neither the division nor what is divided is rounded before.
     *
     * @param divisor above 0
     */
    public double dividedBy(BigInteger divisor) {
        // So many more bits than the divisor has that the quotient has all that rounding needs, and one more.
        int shift = Math.max(0, divisor.bitLength() + KEPT + 1 - unscaled.bitLength());
        BigInteger[] quotient = unscaled.abs().shiftLeft(shift).divideAndRemainder(divisor);
        // A remainder is less than the last place: one bit below it says that there is one.
        BigInteger magnitude = quotient[0].shiftLeft(1);
        if (quotient[1].signum() != 0) {
            magnitude = magnitude.setBit(0);
        }
        ExactSum exact = new ExactSum(magnitude, exponent - shift - 1);
        return unscaled.signum() < 0 ? -exact.doubleValue() : exact.doubleValue();
    }

    /** The nearest double, ties to even; infinite where it is beyond the range. */
    public double doubleValue() {
        int excess = unscaled.bitLength() - KEPT;
        if (excess <= 0) {
            return scaled(unscaled.longValue(), exponent);
        }
        BigInteger top = unscaled.abs().shiftRight(excess);
        // What was cut off is not zero, as unscaled is odd: the lowest bit says so to the rounding.
        long sticky = top.longValue() | 1;
        return scaled(unscaled.signum() < 0 ? -sticky : sticky, exponent + excess);
    }

    /** Rounds once, also where the result is subnormal. */
    private static double scaled(long significand, int exponent) {
        int length = 64 - Long.numberOfLeadingZeros(Math.abs(significand));
        int lowest = Math.max(exponent, Math.max(-1074, exponent + length - 53));
        int drop = lowest - exponent;
        if (drop <= 0) {
            return Math.scalb((double) significand, exponent);
        }
        if (drop > 63) {
            return significand < 0 ? -0.0 : 0.0;
        }
        long magnitude = Math.abs(significand);
        long kept = drop == 63 ? 0 : magnitude >>> drop;
        long rest = magnitude - (kept << drop);
        long half = 1L << (drop - 1);
        if (rest > half || rest == half && (kept & 1) == 1) {
            kept++;
        }
        double value = Math.scalb((double) kept, lowest);
        return significand < 0 ? -value : value;
    }
}
