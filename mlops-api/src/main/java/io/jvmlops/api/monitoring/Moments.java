package io.jvmlops.api.monitoring;

import java.math.BigInteger;

/**
 * Count, range, mean and variance of finite values, without rounding until they are asked for: the same for any order and
 * any parts.
 *
 * @param count of the values
 * @param min least value; NaN if there is none
 * @param max greatest value; NaN if there is none
 * @param sum of the values
 * @param squares sum of the squares of the values
 */
public record Moments(long count, double min, double max, ExactSum sum, ExactSum squares) {
    public static final Moments NONE = new Moments(0, Double.NaN, Double.NaN, ExactSum.ZERO, ExactSum.ZERO);

    /** @throws IllegalArgumentException if count, range and sums contradict each other */
    public Moments {
        boolean none = count == 0
                && Double.isNaN(min)
                && Double.isNaN(max)
                && sum.equals(ExactSum.ZERO)
                && squares.equals(ExactSum.ZERO);
        boolean some = count > 0 && Double.isFinite(min) && min <= max && Double.isFinite(max);
        if (!none && !some || squares.unscaled().signum() < 0) {
            throw new IllegalArgumentException("moments of " + count
                    + " values contradict each other, expected a finite range, and none where there are no values");
        }
    }

    /** NaN if there are no values. */
    public double mean() {
        return count == 0 ? Double.NaN : sum.dividedBy(BigInteger.valueOf(count));
    }

    /** Over n - 1; NaN if there are fewer than two values. */
    public double variance() {
        return count < 2 ? Double.NaN : scatterOver(count - 1);
    }

    /** Over n; NaN if there are no values. */
    public double populationVariance() {
        return count == 0 ? Double.NaN : scatterOver(count);
    }

    /** n times the sum of squares less the square of the sum cancels without loss, as both are exact; rounded once. */
    private double scatterOver(long divisor) {
        ExactSum scatter = squares.times(count).plus(sum.times(sum).negate());
        return scatter.unscaled().signum() <= 0
                ? 0
                : scatter.dividedBy(BigInteger.valueOf(count).multiply(BigInteger.valueOf(divisor)));
    }

    public Moments plus(Moments other) {
        return new Moments(
                Math.addExact(count, other.count),
                Double.isNaN(min) ? other.min : Double.isNaN(other.min) ? min : Math.min(min, other.min),
                Double.isNaN(max) ? other.max : Double.isNaN(other.max) ? max : Math.max(max, other.max),
                sum.plus(other.sum),
                squares.plus(other.squares));
    }
}
