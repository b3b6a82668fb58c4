package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftScore;
import java.util.Arrays;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Tests that counts come from a distribution that is <em>known</em>: a design, a law, a regulation's shares. A reference
 * sample is not known so: its own chance doubles the variance, and these tests alarm on a third of unchanged columns of
 * five levels at equal sizes. Compare samples by {@link ChiSquareHomogeneity} or {@link GTest}.
 *
 * <p>The effect is the total variation distance between expected and observed shares; degrees of freedom are one less
 * than cells. An expected 0 in which something is observed makes the statistic infinite and the p-value 0; cells that are
 * 0 on both sides are left out.
 */
public final class GoodnessOfFit {
    private GoodnessOfFit() {}

    /**
     * Pearson's (1900) chi-square; agrees with {@code scipy.stats.chisquare}.
     *
     * @param expected in any unit: brought to the observed total
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ, or anything is negative or not finite
     */
    public static DriftScore chiSquare(double[] expected, long[] observed) {
        return score(expected, observed, (e, o) -> e == 0 ? Double.POSITIVE_INFINITY : (o - e) * (o - e) / e);
    }

    /**
     * The likelihood ratio G; agrees with {@code scipy.stats.power_divergence(..., lambda_="log-likelihood")} where that
     * accepts the totals.
     *
     * @param expected in any unit: brought to the observed total
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ, or anything is negative or not finite
     */
    public static DriftScore g(double[] expected, long[] observed) {
        return score(expected, observed, (e, o) -> o == 0 ? 0 : 2 * o * StrictMath.log(o / e));
    }

    private static DriftScore score(double[] expected, long[] observed, CellLaw.Term term) {
        if (expected.length != observed.length) {
            throw new IllegalArgumentException("expected shares of " + expected.length + " cells and counts of "
                    + observed.length + ", expected the same");
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(expected[i] >= 0) || Double.isInfinite(expected[i]) || observed[i] < 0) {
                throw new IllegalArgumentException("cell " + i + " is negative or not finite");
            }
        }
        double total = Arrays.stream(expected).sum();
        double n = Counts.total(observed);
        if (total == 0 || n == 0) {
            return DriftScore.nothing(0, (long) n);
        }
        double statistic = 0;
        double difference = 0;
        int used = 0;
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] > 0 || observed[i] > 0) {
                double e = expected[i] / total * n;
                statistic += term.of(e, (double) observed[i]);
                difference += Math.abs(e - observed[i]) / n;
                used++;
            }
        }
        statistic = Math.max(0, statistic);
        double p = used < 2 ? 1 : ChiSquaredDistribution.of(used - 1).survivalProbability(statistic);
        return DriftScore.test(statistic, p, Math.min(1, difference / 2), 0, (long) n);
    }
}
