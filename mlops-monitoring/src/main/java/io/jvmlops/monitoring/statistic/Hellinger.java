package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Hellinger distance: {@code sqrt(1 - sum sqrt(r c))} over the shares r and c of the cells, between 0 and 1 (Hellinger
 * 1909). Computed as the length of the difference of the square roots of the shares, over the square root of 2, which
 * loses nothing where the two are close.
 *
 * <p><b>Significance.</b> Eight times its square, divided by {@code 1/n + 1/m}, is near chi-square if nothing has changed
 * (Freeman and Tukey 1950).
 */
public final class Hellinger implements DriftStatistic {
    @Override
    public String name() {
        return "hellinger";
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
        double squared = CellLaw.sum(reference, current, (r, c) -> {
            double difference = Math.sqrt(r) - Math.sqrt(c);
            return difference * difference / 2;
        });
        return CellLaw.score(reference, current, Math.min(1, Math.sqrt(squared)), 8 * squared);
    }
}
