package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Pearson's chi-square statistic for two rows of counts that may come from one distribution, with a p-value that holds for two
 * levels as for thousands. Both sides are samples: taking the reference's shares for the truth, a goodness-of-fit test,
 * alarms on a third of unchanged columns of five levels at equal sizes.
 *
 * <p><b>Cells.</b> On profiles of levels, each level that either side has is a cell, new ones too; those that the profile
 * lumps together are one. Nothing is pooled because it is rare. Numeric profiles are compared bin by bin. Cells that are
 * empty on both sides are left out.
 *
 * <p><b>Significance.</b> The statistic's law is that over all ways to divide the rows of both sides, as they are, into two samples of
 * these sizes:
 *
 * <ul>
 *   <li>two cells: the exact law, with half the probability of what is just as extreme (mid-p; Fisher's test without it
 *       would reject 2 to 4 % instead of 5);
 *   <li>all cells expect 10 rows and more of each side: Pearson's law;
 *   <li>else random divisions (Besag and Clifford 1991), from a seed that depends on the counts alone, if the smaller side has at
 *       most 1,000 rows;
 *   <li>else, and for p below what these can tell, a gamma law with the statistic's exact mean and variance (Haldane 1940, Dawson
 *       1954). Where levels that were not kept are extrapolated, the variance of that is added.
 * </ul>
 *
 * <p>The static function on plain counts takes Pearson's law always, as {@code scipy.stats.chi2_contingency} does. The effect of
 * both is the total variation distance.
 */
public final class ChiSquareHomogeneity implements DriftStatistic {
    @Override
    public String name() {
        return "chi-square";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        return of(table(reference, current), true);
    }

    @Override
    public String law(ColumnProfile reference, ColumnProfile current) {
        LevelTable table = table(reference, current);
        if (table.n() == 0 || table.m() == 0) {
            return "";
        }
        return Math.round(table.cells())
                + (reference instanceof CategoricalProfile ? " levels; law: " : " bins; law: ")
                + HomogeneityLaw.method(table).words();
    }

    static LevelTable table(ColumnProfile reference, ColumnProfile current) {
        if (reference instanceof CategoricalProfile r && current instanceof CategoricalProfile c) {
            return LevelTable.of(r, c);
        }
        Counts counts = Counts.of(reference, current);
        return LevelTable.of(counts.reference(), counts.current());
    }

    /**
     * Compares counts over the same cells, by Pearson's law.
     *
     * @return the statistic and its p-value; 0 and 1 if only one cell is in use; NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        return of(LevelTable.of(reference, current), false);
    }

    /**
     * Compares counts over the same cells, by the law that profiles are compared by.
     *
     * @return the statistic and its p-value; 0 and 1 if only one cell is in use; NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore calibrated(long[] reference, long[] current) {
        return of(LevelTable.of(reference, current), true);
    }

    private static DriftScore of(LevelTable table, boolean calibrated) {
        if (table.n() == 0 || table.m() == 0) {
            return DriftScore.nothing((long) table.n(), (long) table.m());
        }
        HomogeneityLaw.Result result = HomogeneityLaw.of(table);
        double p = calibrated || result.statistic() == 0
                ? result.p()
                : Laws.chiSquareUpper(result.statistic(), table.cells() - 1);
        return DriftScore.test(result.statistic(), p, TotalVariation.of(table), (long) table.n(), (long) table.m());
    }
}
