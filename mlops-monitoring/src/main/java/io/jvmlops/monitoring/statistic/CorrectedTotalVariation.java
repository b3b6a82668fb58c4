package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Total variation distance less what chance alone would make of it, 0 or more: the share of rows that changed their cell, as well
 * for thousands of levels as for two. The {@link DriftScore#statistic} is the plain distance.
 *
 * <p>What chance makes is the mean of the distance over all ways to divide the rows of both sides into two samples of these
 * sizes: the mean absolute deviation of a hypergeometric count, cell by cell, which has a closed form (De Moivre's, Kamat 1965).
 * Each level that either side has is a cell, as in {@link ChiSquareHomogeneity}. A distance without a p-value.
 */
public final class CorrectedTotalVariation implements DriftStatistic {
    /** Counts of cells for which the deviation is computed once. */
    private static final int REMEMBERED = 512;

    /** A variance from which on a count's deviation is that of a normal one, within 0.2 %. */
    private static final double NORMAL = 50;

    @Override
    public String name() {
        return "tvd-corrected";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        return of(ChiSquareHomogeneity.table(reference, current));
    }

    /**
     * Compares counts over the same cells.
     *
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        return of(LevelTable.of(reference, current));
    }

    private static DriftScore of(LevelTable table) {
        double n = table.n();
        double m = table.m();
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double distance = TotalVariation.of(table);
        double corrected = Math.max(0, distance - byChance(table));
        return new DriftScore(distance, Double.NaN, corrected, (long) n, (long) m, 0);
    }

    /** The mean of the distance if nothing has changed. */
    static double byChance(LevelTable table) {
        double n = table.n();
        double m = table.m();
        double total = n + m;
        double[] known = new double[REMEMBERED];
        double sum = 0;
        for (int i = 0; i < table.size(); i++) {
            double both = table.both(i);
            double deviation = both < REMEMBERED ? known[(int) both] : 0;
            if (deviation == 0) {
                double variance = both / total * m * (1 - both / total) * (n / Math.max(1, total - 1));
                deviation = variance > NORMAL
                        ? Math.sqrt(2 / Math.PI * variance)
                        : Laws.hypergeometricDeviation(both, total, m);
                if (both < REMEMBERED) {
                    known[(int) both] = deviation;
                }
            }
            sum += table.times(i) * deviation;
        }
        // A count's deviation moves both shares: by itself over m, and by as much over n.
        return sum * (1 / n + 1 / m) / 2;
    }
}
