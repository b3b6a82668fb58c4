package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;

/**
 * Wasserstein's distance of order 1, or earth mover's: the area between the two distribution functions, which is how far,
 * on average, values must be moved to make one distribution the other (Kantorovich 1942; Vallender 1974). Raw, in the
 * column's unit, or {@linkplain #scaled() scaled} by the population standard deviation of the reference. Agrees with
 * {@code scipy.stats.wasserstein_distance}. A distance without a p-value: that of unchanged data is about
 * {@code sqrt(1/n + 1/m)} times 0.8 standard deviations, so a fixed limit of 0.1 alarms on most small samples.
 *
 * <p>NaN and infinities are left out. One value far out counts as much as it is far.
 *
 * <p><b>On profiles</b> the rows of a bin are taken to be at one place of it, chosen such that the means are the exact
 * ones; {@link DriftScore#error} is the sum over bins of share times the distance to the further end, and no arrangement
 * of the rows within their bins and range is further from the result than that. Sketches that have not been coarsened,
 * and columns of few values, are exact.
 *
 * <p>Scaled, the distance from a constant reference is infinite, and 0 if nothing has moved.
 */
public final class Wasserstein implements DriftStatistic {
    private final boolean scaled;

    /** In the column's unit. */
    public Wasserstein() {
        this(false);
    }

    private Wasserstein(boolean scaled) {
        this.scaled = scaled;
    }

    /** In standard deviations of the reference. */
    public static Wasserstein scaled() {
        return new Wasserstein(true);
    }

    @Override
    public String name() {
        return scaled ? "wasserstein-scaled" : "wasserstein";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        NumericProfile profile = Columns.requireNumeric(reference, "Wasserstein's distance");
        Line[] lines = Line.of(reference, current);
        if (lines[0].isEmpty() || lines[1].isEmpty()) {
            return DriftScore.nothing(lines[0].count, lines[1].count);
        }
        int exponent = Line.downscale(lines[0], lines[1]);
        DriftScore raw = distance(lines[0].scaled(exponent), lines[1].scaled(exponent));
        return scaled
                ? over(
                        raw,
                        Math.sqrt(Samples.scaled(profile.moments(), exponent).populationVariance()))
                : times(raw, -exponent);
    }

    /**
     * Compares samples, in their unit.
     *
     * @return NaN if either side has no finite value
     */
    public static DriftScore of(double[] reference, double[] current) {
        return of(Line.of(Samples.finite(reference)), Line.of(Samples.finite(current)));
    }

    /**
     * Compares values with weights.
     *
     * @return NaN if either side has no weight
     * @throws IllegalArgumentException if a weight is negative or anything is not finite, or there is not one weight a
     *     value
     */
    public static DriftScore of(
            double[] reference, double[] referenceWeights, double[] current, double[] currentWeights) {
        return of(Line.of(reference, referenceWeights), Line.of(current, currentWeights));
    }

    private static DriftScore of(Line reference, Line current) {
        if (reference.isEmpty() || current.isEmpty()) {
            return DriftScore.nothing(reference.count, current.count);
        }
        int exponent = Line.downscale(reference, current);
        return times(distance(reference.scaled(exponent), current.scaled(exponent)), -exponent);
    }

    /**
     * Compares samples, in population standard deviations of the reference.
     *
     * @return NaN if either side has no finite value
     */
    public static DriftScore ofScaled(double[] reference, double[] current) {
        double[] r = Samples.finite(reference);
        double[] c = Samples.finite(current);
        if (r.length == 0 || c.length == 0) {
            return DriftScore.nothing(r.length, c.length);
        }
        int exponent = Line.downscale(Line.of(r), Line.of(c));
        double[] small = Samples.scaled(r, exponent);
        DriftScore raw = distance(Line.of(small), Line.of(Samples.scaled(c, exponent)));
        boolean constant = Steps.of(r, new double[0]).size() == 1;
        double deviation = constant ? 0 : Math.sqrt(Samples.scatter(small, Samples.mean(small)) / small.length);
        return over(raw, deviation);
    }

    private static DriftScore distance(Line reference, Line current) {
        double error = 0;
        for (Line line : new Line[] {reference, current}) {
            for (int i = 0; i < line.at.length; i++) {
                error += line.share[i] * line.radius[i];
            }
        }
        return DriftScore.distance(Line.integral(reference, current, false), reference.count, current.count)
                .within(error);
    }

    private static DriftScore times(DriftScore score, int exponent) {
        return DriftScore.distance(Math.scalb(score.effect(), exponent), score.referenceCount(), score.currentCount())
                .within(Math.scalb(score.error(), exponent));
    }

    private static DriftScore over(DriftScore score, double deviation) {
        return DriftScore.distance(
                        score.effect() == 0 ? 0 : score.effect() / deviation,
                        score.referenceCount(),
                        score.currentCount())
                .within(score.error() == 0 ? 0 : score.error() / deviation);
    }
}
