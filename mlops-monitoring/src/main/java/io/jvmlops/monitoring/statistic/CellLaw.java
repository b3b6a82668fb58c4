package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftScore;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Distances between two rows of counts, of which a multiple is near chi-square if nothing has changed: what they share.
 *
 * <p>All divergences that are smooth in the shares agree up to second order, so that each, times its factor and divided
 * by {@code 1/n + 1/m}, has the law of Pearson's statistic, with one degree of freedom less than there are cells in use
 * (Bishop, Fienberg and Holland 1975, section 14.9; Read and Cressie 1988).
 */
final class CellLaw {
    private CellLaw() {}

    /** What one cell adds to a divergence. Shares are of the cell's rows, not both 0. */
    interface Term {
        double of(double reference, double current);
    }

    /** The sum over cells in use; NaN if either side is empty. */
    static double sum(long[] reference, long[] current, Term term) {
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return Double.NaN;
        }
        double sum = 0;
        for (int i = 0; i < reference.length; i++) {
            if (reference[i] > 0 || current[i] > 0) {
                sum += term.of(reference[i] / n, current[i] / m);
            }
        }
        return Math.max(0, sum);
    }

    static int used(long[] reference, long[] current) {
        int used = 0;
        for (int i = 0; i < reference.length; i++) {
            if (reference[i] > 0 || current[i] > 0) {
                used++;
            }
        }
        return used;
    }

    /**
     * With a p-value from the law.
     *
     * @param chiSquare the divergence times its factor, before division by {@code 1/n + 1/m}
     */
    static DriftScore score(long[] reference, long[] current, double statistic, double chiSquare) {
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        int used = used(reference, current);
        double p = used < 2 ? 1 : ChiSquaredDistribution.of(used - 1).survivalProbability(chiSquare / (1 / n + 1 / m));
        return DriftScore.test(statistic, p, statistic, (long) n, (long) m);
    }
}
