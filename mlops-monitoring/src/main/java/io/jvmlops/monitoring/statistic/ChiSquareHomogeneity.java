package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.ChiSquareTest;
import org.apache.commons.statistics.inference.SignificanceResult;

/**
 * Pearson's chi-square test that two rows of counts come from one distribution. Both sides are samples: taking the
 * reference's shares for the truth, a goodness-of-fit test, alarms on a third of unchanged columns of five levels at equal
 * sizes. Computed by Apache Commons Statistics; agrees with {@code scipy.stats.chi2_contingency}.
 *
 * <p>Cells that are empty on both sides are left out. On profiles, values that are no level of the reference are a cell of
 * their own, and cells in which chance would put less than one row of the smaller side are pooled into one before testing,
 * so that the chi-square law holds (the limit of Lewontin and Felsenstein 1965 for tables of two rows); the static function pools
 * nothing.
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
        Counts counts = pooled(Counts.of(reference, current));
        return of(counts.reference(), counts.current());
    }

    /**
     * Compares counts over the same cells.
     *
     * @return the statistic and its p-value; 0 and 1 if only one cell is in use; NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        Counts.check(reference, current);
        if (Counts.total(reference) == 0 || Counts.total(current) == 0) {
            return DriftScore.nothing((long) Counts.total(reference), (long) Counts.total(current));
        }
        int[] used = IntStream.range(0, reference.length)
                .filter(i -> reference[i] > 0 || current[i] > 0)
                .toArray();
        if (used.length < 2) {
            return DriftScore.test(0, 1, 0, (long) Counts.total(reference), (long) Counts.total(current));
        }
        long[][] table = {
            IntStream.of(used).mapToLong(i -> reference[i]).toArray(),
            IntStream.of(used).mapToLong(i -> current[i]).toArray()
        };
        SignificanceResult result = ChiSquareTest.withDefaults().test(table);
        // Equal shares leave a remainder of rounding, which is no change.
        double statistic = result.getStatistic() < 1e-12 ? 0 : result.getStatistic();
        return DriftScore.test(
                statistic,
                statistic == 0 ? 1 : result.getPValue(),
                TotalVariation.of(reference, current),
                (long) Counts.total(reference),
                (long) Counts.total(current));
    }

    private static Counts pooled(Counts counts) {
        long[] reference = counts.reference();
        long[] current = counts.current();
        double n = Counts.total(reference);
        double m = Counts.total(current);
        double smallerShare = Math.min(n, m) / (n + m);
        long[][] pooled = new long[2][reference.length + 1];
        for (int i = 0; i < reference.length; i++) {
            boolean sparse = ((double) reference[i] + current[i]) * smallerShare < 1;
            pooled[0][sparse ? reference.length : i] += reference[i];
            pooled[1][sparse ? reference.length : i] += current[i];
        }
        return new Counts(pooled[0], pooled[1]);
    }
}
