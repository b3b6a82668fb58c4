package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Total variation distance: half the sum over cells of the absolute difference of shares, between 0 and 1. It is the share
 * of rows that would have to change their cell to make the two alike, whatever the sizes of the two sides; Cramér's V, the
 * usual companion of the chi-square, shrinks as one side outgrows the other. A distance without a p-value.
 *
 * <p>Chance alone makes it grow with the number of cells: about {@code sqrt(k (1/n + 1/m) / (2 pi))} over k equal cells. {@link
 * CorrectedTotalVariation} takes that off.
 */
public final class TotalVariation implements DriftStatistic {
    @Override
    public String name() {
        return "tvd";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Counts counts = Counts.of(reference, current);
        double distance = of(counts.reference(), counts.current());
        return DriftScore.distance(
                distance, (long) Counts.total(counts.reference()), (long) Counts.total(counts.current()));
    }

    /**
     * Compares counts over the same cells.
     *
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static double of(long[] reference, long[] current) {
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return Double.NaN;
        }
        double sum = 0;
        for (int i = 0; i < reference.length; i++) {
            sum += Math.abs(reference[i] / n - current[i] / m);
        }
        return Math.min(1, sum / 2);
    }

    /** NaN if either side is empty. */
    static double of(LevelTable table) {
        double n = table.n();
        double m = table.m();
        if (n == 0 || m == 0) {
            return Double.NaN;
        }
        double sum = 0;
        for (int i = 0; i < table.size(); i++) {
            sum += table.times(i) * Math.abs(table.reference(i) / n - table.current(i) / m);
        }
        return Math.min(1, sum / 2);
    }
}
