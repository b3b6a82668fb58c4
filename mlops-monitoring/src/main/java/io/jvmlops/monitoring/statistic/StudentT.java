package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;

/**
 * Student's t test that two samples have one mean, which takes them to have one variance, the pooled one; {@link Welch}
 * does not. Two-sided; t is reference less current. The effect is the absolute value of Cohen's (1988) d: the difference
 * of the means in pooled standard deviations. Agrees with {@code scipy.stats.ttest_ind}; computed by Apache Commons
 * Statistics.
 *
 * <p>NaN and infinities are left out. A side of less than two values has no variance, and the answer is NaN. If neither
 * side varies, t is infinite and p 0 where the means differ, and 0 and 1 where they do not.
 *
 * <p><b>On profiles</b> it is exact: their moments are not rounded, also for columns far from zero as times are.
 */
public final class StudentT implements DriftStatistic {
    @Override
    public String name() {
        return "t-test";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        NumericProfile r = Columns.requireNumeric(reference, "Student's test");
        NumericProfile c = Columns.requireNumeric(current, "Student's test");
        Counts.of(reference, current);
        return Means.of(r, c).score(true);
    }

    /**
     * Compares samples.
     *
     * @return NaN if either side has less than two finite values
     */
    public static DriftScore of(double[] reference, double[] current) {
        return Means.of(reference, current).score(true);
    }
}
