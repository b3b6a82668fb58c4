package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Population stability index: the sum over cells of {@code (c - r) ln(c / r)}, where r and c are the shares of reference
 * and current data in the cell; in nats. It is the symmetrised Kullback-Leibler divergence (Jeffreys 1946), known under
 * this name from credit scoring.
 *
 * <p><b>Empty cells.</b> A cell that is empty on both sides counts for nothing. One that is empty on one side is taken to
 * hold half a row there, the other shares staying as they are. Fixed small shares, as other libraries put there (0.0001),
 * let a single row of 50 add 0.12 and a single row of 5000 nothing; half a row is worth the same at every size.
 *
 * <p><b>Significance.</b> If nothing has changed, PSI is near {@code (1/n + 1/m)} times a chi-square of one less degree
 * of freedom than there are cells in use; the p-value is from that law (Yurdakul 2018, "Statistical properties of
 * population stability index"). It is too small below about 20 rows a cell: at n = 100 and 10 cells the 95 % point is
 * 0.19 and the law says 0.17. That bias, and that the usual limits of 0.1 and 0.25 know no n, is why {@code DriftPolicy}
 * shows PSI and decides by other statistics.
 */
public final class Psi implements DriftStatistic {
    @Override
    public String name() {
        return "psi";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return true;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Counts counts = Counts.of(reference, current);
        return of(counts.reference(), counts.current());
    }

    /**
     * Compares samples over at most ten cells at the deciles of the reference. NaN are left out; infinities are values.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore of(double[] reference, double[] current) {
        Counts counts = Samples.overQuantiles(reference, current, 10);
        return of(counts.reference(), counts.current());
    }

    /**
     * Compares counts over the same cells.
     *
     * @return NaN if either side is empty; a p-value of 1 if only one cell is in use
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        Counts.check(reference, current);
        double leastReference = 0.5 / Counts.total(reference);
        double leastCurrent = 0.5 / Counts.total(current);
        double psi =
                CellLaw.sum(reference, current, (r, c) -> term(Math.max(r, leastReference), Math.max(c, leastCurrent)));
        return CellLaw.score(reference, current, psi, psi);
    }

    /** What a cell of these shares adds, both above 0. */
    static double term(double reference, double current) {
        return (current - reference) * StrictMath.log(current / reference);
    }
}
