package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The test of two proportions by the normal law: z is their difference (reference less current) over its standard error,
 * of which the share is that of both sides together. Two-sided; the effect is the absolute difference of the shares. The
 * square of z is the chi-square statistic of the table without correction for continuity, so it needs some ten rows in
 * each of the four cells; {@link Fisher} needs none.
 *
 * <p>On profiles of categorical and boolean columns it compares the share of the level that is the reference's most
 * frequent against all others: all there is to know of a column of two levels, and a view of one level otherwise.
 */
public final class TwoProportions implements DriftStatistic {
    @Override
    public String name() {
        return "two-proportions";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof CategoricalProfile;
    }

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
        Counts.check(new long[] {referenceYes, referenceNo}, new long[] {yes, no});
        double n = (double) referenceYes + referenceNo;
        double m = (double) yes + no;
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double difference = referenceYes / n - yes / m;
        if (difference == 0) {
            return DriftScore.test(0, 1, 0, (long) n, (long) m);
        }
        double share = ((double) referenceYes + yes) / (n + m);
        double rest = ((double) referenceNo + no) / (n + m);
        double z = difference / Math.sqrt(share * rest * (1 / n + 1 / m));
        double p = Math.min(1, 2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(z)));
        return DriftScore.test(z, p, Math.abs(difference), (long) n, (long) m);
    }
}
