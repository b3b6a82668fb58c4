package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;

/**
 * Energy distance: the square root of twice the integral of the squared difference between the two distribution functions
 * (Székely and Rizzo 2013), agreeing with {@code scipy.stats.energy_distance}. Its unit is the square root of the
 * column's, so that a limit for it holds for one column only. A distance without a p-value.
 *
 * <p>NaN and infinities are left out.
 *
 * <p><b>On profiles</b> the rows of a bin are taken to be at one place of it. The energy distance is a metric, so the
 * result is off by no more than the distances of both sides from themselves so moved: {@link DriftScore#error} is the sum
 * of both {@code sqrt(2 sum share^2 width)} over the bins.
 */
public final class EnergyDistance implements DriftStatistic {
    @Override
    public String name() {
        return "energy";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Columns.requireNumeric(reference, "the energy distance");
        Line[] lines = Line.of(reference, current);
        return of(lines[0], lines[1]);
    }

    /**
     * Compares samples.
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
        // Even, so that its root is a power of two.
        int exponent = Line.downscale(reference, current) / 2 * 2;
        Line r = reference.scaled(exponent);
        Line c = current.scaled(exponent);
        double distance = Math.sqrt(2 * Line.integral(r, c, true));
        double error = moved(r) + moved(c);
        return DriftScore.distance(Math.scalb(distance, -exponent / 2), reference.count, current.count)
                .within(Math.scalb(error, -exponent / 2));
    }

    private static double moved(Line line) {
        double sum = 0;
        for (int i = 0; i < line.at.length; i++) {
            sum += line.share[i] * line.share[i] * line.width[i];
        }
        return Math.sqrt(2 * sum);
    }
}
