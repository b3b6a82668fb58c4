package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import org.apache.commons.statistics.inference.FisherExactTest;

/**
 * The change of the share of missing values: the absolute difference of the two proportions, between 0 and 1. Significance
 * is Fisher's exact test while both sides together have at most {@value #EXACT_LIMIT} values, or chance would put fewer
 * than {@value #EXPECTED_LIMIT} into one of the four cells, as it does in a small window beside a large reference; the
 * chi-square test, of which the law does not hold there, otherwise. They agree with {@code scipy.stats.fisher_exact} and
 * {@code chi2_contingency}; beyond what Apache Commons Statistics counts, 2^31 values, Fisher's is {@link
 * ChiSquareHomogeneity}'s exact law.
 */
public final class MissingRate implements DriftStatistic {
    static final long EXACT_LIMIT = 10_000;
    static final int EXPECTED_LIMIT = 25;

    @Override
    public String name() {
        return "missing";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Counts.of(reference, current);
        return of(
                reference.missing(),
                reference.count() - reference.missing(),
                current.missing(),
                current.count() - current.missing());
    }

    /**
     * Compares two proportions.
     *
     * @return NaN if either side is empty; a p-value of 1 if nothing, or everything, is missing on both
     * @throws IllegalArgumentException if a count is negative
     */
    public static DriftScore of(long referenceMissing, long referencePresent, long missing, long present) {
        long[] reference = {referenceMissing, referencePresent};
        long[] current = {missing, present};
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double difference = Math.abs(missing / m - referenceMissing / n);
        if (referenceMissing + (double) missing == 0 || referencePresent + (double) present == 0) {
            return DriftScore.test(0, 1, 0, (long) n, (long) m);
        }
        double rarer = Math.min(referenceMissing + (double) missing, referencePresent + (double) present);
        boolean sparse = Math.min(n, m) * rarer / (n + m) < EXPECTED_LIMIT;
        if (n + m <= EXACT_LIMIT || sparse && n + m <= Integer.MAX_VALUE) {
            int[][] table = {{(int) referenceMissing, (int) referencePresent}, {(int) missing, (int) present}};
            // Its sum of probabilities may exceed 1 by rounding.
            double p = FisherExactTest.withDefaults().test(table).getPValue();
            return DriftScore.test(difference, Math.min(1, p), difference, (long) n, (long) m);
        }
        DriftScore score = sparse
                ? ChiSquareHomogeneity.calibrated(reference, current)
                : ChiSquareHomogeneity.of(reference, current);
        return DriftScore.test(difference, score.pValue(), difference, (long) n, (long) m);
    }
}
