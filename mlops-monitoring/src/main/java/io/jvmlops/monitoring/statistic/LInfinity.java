package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;

/**
 * L-infinity distance, between 0 and 1: of categorical columns and of counts the greatest difference of a cell's share,
 * of numeric columns and of samples the greatest difference of the two distribution functions, which is D of
 * {@link KolmogorovSmirnov}. A distance without a p-value.
 *
 * <p>On numeric profiles it is taken at the edges; between them the functions can be further apart by what
 * {@link DriftScore#error} says.
 *
 * <p>{@link #corrected} takes off what chance alone may be expected to do, as Amazon Deequ's {@code Distance} does.
 */
public final class LInfinity implements DriftStatistic {
    @Override
    public String name() {
        return "l-infinity";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Counts counts = Counts.of(reference, current);
        if (!(reference instanceof NumericProfile)) {
            return of(counts.reference(), counts.current());
        }
        return ofSteps(Steps.of(reference, current));
    }

    /**
     * Compares samples by their distribution functions. NaN are left out; infinities are values.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore of(double[] reference, double[] current) {
        return ofSteps(Steps.of(Samples.present(reference), Samples.present(current)));
    }

    private static DriftScore ofSteps(Steps steps) {
        double n = steps.n();
        double m = steps.m();
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double distance = 0;
        double bound = 0;
        double below = 0;
        double belowNow = 0;
        for (int i = 0; i < steps.size(); i++) {
            double upTo = below + steps.reference[i];
            double upToNow = belowNow + steps.current[i];
            distance = Math.max(distance, Math.abs(upTo / n - upToNow / m));
            if (!steps.single[i]) {
                bound = Math.max(bound, Math.max(upTo / n - belowNow / m, upToNow / m - below / n));
            }
            below = upTo;
            belowNow = upToNow;
        }
        return DriftScore.distance(distance, (long) n, (long) m).within(Math.max(0, bound - distance));
    }

    /**
     * Compares counts over the same cells, of which the order does not matter.
     *
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double distance = 0;
        for (int i = 0; i < reference.length; i++) {
            distance = Math.max(distance, Math.abs(reference[i] / n - current[i] / m));
        }
        return DriftScore.distance(distance, (long) n, (long) m);
    }

    /** Less 1.8 times {@code sqrt(1/n + 1/m)}, 0 at least: the default of Deequ 2.1. */
    public static DriftScore corrected(DriftScore plain) {
        return lessened(plain, 1.8);
    }

    /**
     * Less the critical value of the two-sample test of Kolmogorov and Smirnov, {@code sqrt(-ln(alpha / 2) / 2)} times
     * {@code sqrt(1/n + 1/m)}, 0 at least: Deequ's form with alpha.
     *
     * @param alpha above 0 and below 1
     */
    public static DriftScore corrected(DriftScore plain, double alpha) {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("alpha is " + alpha + ", expected it above 0 and below 1");
        }
        return lessened(plain, Math.sqrt(-StrictMath.log(alpha / 2) / 2));
    }

    private static DriftScore lessened(DriftScore plain, double factor) {
        double chance = factor * Math.sqrt(1.0 / plain.referenceCount() + 1.0 / plain.currentCount());
        // NaN stays NaN.
        double distance = Math.max(0, plain.effect() - chance);
        return DriftScore.distance(distance, plain.referenceCount(), plain.currentCount())
                .within(plain.error());
    }
}
