package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import org.apache.commons.statistics.inference.FisherExactTest;

/**
 * Fisher's exact test of two proportions, two-sided: the probability of all tables of the same margins that are no more
 * likely than this one (Fisher 1934). Computed by Apache Commons Statistics; agrees with
 * {@code scipy.stats.fisher_exact}. The statistic is the odds ratio; the effect is the absolute difference of the shares.
 *
 * <p>Time grows with the least margin. Where that is above {@value #EXACT_LIMIT}, or a count beyond the range of int, the
 * p-value is that of {@link TwoProportions}, from which it does not differ there in three digits.
 *
 * <p>On profiles of categorical and boolean columns it compares the share of the level that is the reference's most
 * frequent against all others: all there is to know of a column of two levels, and a view of one level otherwise.
 */
public final class Fisher implements DriftStatistic {
    @Override
    public String name() {
        return "fisher";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof CategoricalProfile;
    }

    static final long EXACT_LIMIT = 1_000_000;

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        long[][] shares = Shares.of(reference, current);
        return of(shares[0][0], shares[0][1], shares[1][0], shares[1][1]);
    }

    /**
     * Compares two proportions.
     *
     * @return NaN if either side is empty; a p-value of 1 if the shares are both 0 or both 1
     * @throws IllegalArgumentException if a count is negative
     */
    public static DriftScore of(long referenceYes, long referenceNo, long yes, long no) {
        DriftScore normal = TwoProportions.of(referenceYes, referenceNo, yes, no);
        if (Double.isNaN(normal.effect())) {
            return normal;
        }
        double n = (double) referenceYes + referenceNo;
        double m = (double) yes + no;
        // NaN where both shares are 0, or both 1.
        double odds = (double) referenceYes * no / ((double) referenceNo * yes);
        double allYes = (double) referenceYes + yes;
        double allNo = (double) referenceNo + no;
        double p = normal.pValue();
        if (allYes == 0 || allNo == 0) {
            p = 1;
        } else if (n + m <= Integer.MAX_VALUE && Math.min(Math.min(allYes, allNo), Math.min(n, m)) <= EXACT_LIMIT) {
            int[][] table = {{(int) referenceYes, (int) referenceNo}, {(int) yes, (int) no}};
            // Its sum of probabilities may exceed 1 by rounding.
            p = Math.min(1, FisherExactTest.withDefaults().test(table).getPValue());
        }
        return DriftScore.test(odds, p, normal.effect(), (long) n, (long) m);
    }
}
