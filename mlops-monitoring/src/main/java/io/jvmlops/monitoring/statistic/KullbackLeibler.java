package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Kullback-Leibler divergence of the reference from the current data: the sum over cells of {@code r ln(r / c)}, in nats,
 * 0 or more and without upper limit (Kullback and Leibler 1951). Not symmetric: it is the loss of who codes data like the
 * reference's with the current shares, and a cell that only the current data have counts for little. {@link Psi} is the
 * sum of both directions.
 *
 * <p><b>Empty cells.</b> A cell that is empty now but not in the reference would make it infinite; it is taken to hold
 * half a row, and the current shares are those of the rows with these. Agrees with {@code scipy.stats.entropy(r, c)}
 * where there is none.
 *
 * <p><b>Significance.</b> Twice the divergence, divided by {@code 1/n + 1/m}, is near chi-square if nothing has changed.
 */
public final class KullbackLeibler implements DriftStatistic {
    @Override
    public String name() {
        return "kl";
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
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        Counts.check(reference, current);
        double m = Counts.total(current);
        double rows = m;
        for (int i = 0; i < reference.length; i++) {
            rows += current[i] == 0 && reference[i] > 0 ? 0.5 : 0;
        }
        double filled = rows;
        double divergence = CellLaw.sum(
                reference,
                current,
                (r, c) -> r == 0 ? 0 : r * StrictMath.log(r / (c == 0 ? 0.5 / filled : c * (m / filled))));
        return CellLaw.score(reference, current, divergence, 2 * divergence);
    }
}
