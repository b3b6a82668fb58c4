package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;

/**
 * Welch's (1947) t test that two samples have one mean, whatever their variances, with the degrees of freedom of
 * Satterthwaite. Two-sided; t is reference less current. The effect is the absolute value of Cohen's (1988) d with the
 * mean of the two variances, each side counting alike. Agrees with {@code scipy.stats.ttest_ind(..., equal_var=False)};
 * computed by Apache Commons Statistics.
 *
 * <p>NaN and infinities are left out. A side of less than two values has no variance, and the answer is NaN. If neither
 * side varies, t is infinite and p 0 where the means differ, and 0 and 1 where they do not.
 *
 * <p><b>On profiles</b> it is exact: their moments are not rounded, also for columns far from zero as times are.
 */
public final class Welch implements DriftStatistic {
    @Override
    public String name() {
        return "welch";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        NumericProfile r = Columns.requireNumeric(reference, "Welch's test");
        NumericProfile c = Columns.requireNumeric(current, "Welch's test");
        Counts.of(reference, current);
        return Means.of(r, c).score(false);
    }

    /**
     * Compares samples.
     *
     * @return NaN if either side has less than two finite values
     */
    public static DriftScore of(double[] reference, double[] current) {
        return Means.of(reference, current).score(false);
    }
}
