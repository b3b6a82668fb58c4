package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.SignificanceResult;

/**
 * The likelihood-ratio test that two rows of counts come from one distribution (Wilks 1938; Woolf 1957): twice the sum
 * over all cells of {@code observed ln(observed / expected)}. Both sides are samples, as in {@link ChiSquareHomogeneity}.
 * Computed by Apache Commons Statistics; agrees with {@code scipy.stats.chi2_contingency(..., lambda_="log-likelihood")}
 * for more than two cells, where scipy does not correct for continuity.
 *
 * <p>The effect is the total variation distance, which does not depend on the sizes. Cells that are empty on both sides
 * are left out. The law of chi-square holds later for it than for Pearson's statistic where cells are sparse: on
 * profiles, cells in which chance would put less than one row of the smaller side are pooled into one; the static
 * function pools nothing.
 */
public final class GTest implements DriftStatistic {
    @Override
    public String name() {
        return "g-test";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Counts counts = Counts.of(reference, current);
        long[] r = counts.reference();
        long[] c = counts.current();
        double n = Counts.total(r);
        double m = Counts.total(c);
        long[][] pooled = new long[2][r.length + 1];
        for (int i = 0; i < r.length; i++) {
            boolean sparse = ((double) r[i] + c[i]) * (Math.min(n, m) / (n + m)) < 1;
            pooled[0][sparse ? r.length : i] += r[i];
            pooled[1][sparse ? r.length : i] += c[i];
        }
        return of(pooled[0], pooled[1]);
    }

    /**
     * Compares counts over the same cells.
     *
     * @return the statistic and its p-value; 0 and 1 if only one cell is in use; NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        int[] used = IntStream.range(0, reference.length)
                .filter(i -> reference[i] > 0 || current[i] > 0)
                .toArray();
        double effect = TotalVariation.of(reference, current);
        if (used.length < 2 || effect == 0) {
            return DriftScore.test(0, 1, 0, (long) n, (long) m);
        }
        long[][] table = {
            IntStream.of(used).mapToLong(i -> reference[i]).toArray(),
            IntStream.of(used).mapToLong(i -> current[i]).toArray()
        };
        SignificanceResult result =
                org.apache.commons.statistics.inference.GTest.withDefaults().test(table);
        // A difference of large logarithms: equal shares may leave a remainder below 0.
        double statistic = Math.max(0, result.getStatistic());
        return DriftScore.test(
                statistic, result.getStatistic() > 0 ? result.getPValue() : 1, effect, (long) n, (long) m);
    }
}
