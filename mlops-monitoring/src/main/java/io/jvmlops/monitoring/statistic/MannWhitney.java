package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * Mann and Whitney's U test, also Wilcoxon's rank sum test: whether values of one side tend to be greater than those of
 * the other. The statistic U is the number of pairs in which the reference's value is the greater, ties counting half;
 * two-sided unless it says otherwise. The effect is the absolute rank-biserial correlation {@code |2 U / (n m) - 1|},
 * between 0 and 1, which is Cliff's delta and twice the distance of Vargha and Delaney's (2000) A from one half.
 *
 * <p>It sees a shift and no other change: two distributions with one centre and different spreads are equal to it.
 *
 * <p><b>On samples</b> it is computed by Apache Commons Statistics and agrees with {@code scipy.stats.mannwhitneyu}:
 * exactly below 50 values a side without ties, else by the normal law with the variance corrected for ties and a
 * correction for continuity. NaN are left out; infinities are values.
 *
 * <p><b>On profiles</b> the rows of a bin are tied, so the p-value is that of the coarser data and holds for them.
 * {@link DriftScore#error} is the share of pairs that are in one bin: so much the effect would change if all of
 * them fell one way.
 */
public final class MannWhitney implements DriftStatistic {
    @Override
    public String name() {
        return "mann-whitney";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Columns.requireNumeric(reference, "the test of Mann and Whitney");
        return of(Steps.of(reference, current));
    }

    /**
     * Compares samples.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore of(double[] reference, double[] current) {
        return of(reference, current, AlternativeHypothesis.TWO_SIDED);
    }

    /**
     * Compares samples with the one-sided p-value that the reference's values are less than the current ones; that of a
     * change in the other direction is near 1.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore less(double[] reference, double[] current) {
        return of(reference, current, AlternativeHypothesis.LESS_THAN);
    }

    private static DriftScore of(double[] reference, double[] current, AlternativeHypothesis alternative) {
        double[] r = Samples.sorted(Samples.present(reference));
        double[] c = Samples.sorted(Samples.present(current));
        Steps steps = Steps.of(r, c);
        DriftScore byTies = of(steps);
        if (r.length == 0 || c.length == 0 || steps.size() < 2) {
            return byTies;
        }
        var result = MannWhitneyUTest.withDefaults().with(alternative).test(r, c);
        return DriftScore.test(
                result.getStatistic(), Math.min(1, result.getPValue()), byTies.effect(), r.length, c.length);
    }

    /**
     * Compares counts over the same cells in order, rows of a cell being tied.
     *
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        return of(Steps.of(reference, current));
    }

    private static DriftScore of(Steps steps) {
        double n = steps.n();
        double m = steps.m();
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double below = 0;
        double belowNow = 0;
        double surplus = 0;
        double ties = 0;
        double unknown = 0;
        double rows = n + m;
        for (int i = 0; i < steps.size(); i++) {
            double r = steps.reference[i];
            double c = steps.current[i];
            // Pairs that the reference wins, less those that it loses: nothing is left of equal counts.
            surplus += r * belowNow - c * below;
            below += r;
            belowNow += c;
            double tied = (r + c) / rows;
            ties += tied * (tied * tied - 1 / rows / rows);
            unknown += steps.single[i] ? 0 : r / n * (c / m);
        }
        double u = n * m / 2 + surplus / 2;
        double effect = Math.min(1, Math.abs(surplus / n / m));
        // n m (N + 1 - sum(t^3 - t) / (N (N - 1))) / 12
        double variance = rows < 2 ? 0 : n * m / 12 * (rows + 1 - ties * rows * rows / (rows - 1));
        double z = (Math.abs(surplus) / 2 - 0.5) / Math.sqrt(variance);
        double p = surplus == 0 || !(variance > 0) || z <= 0
                ? 1
                : Math.min(1, 2 * NormalDistribution.of(0, 1).survivalProbability(z));
        return DriftScore.test(u, p, effect, (long) n, (long) m).within(Math.min(1, unknown));
    }
}
