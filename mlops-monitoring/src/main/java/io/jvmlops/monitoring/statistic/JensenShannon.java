package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;

/**
 * Jensen-Shannon distance: the square root of the mean Kullback-Leibler divergence of the two sides from their average,
 * with logarithms to base 2, between 0 and 1 (Lin 1991; that the root is a metric: Endres and Schindelin 2003). Agrees
 * with {@code scipy.spatial.distance.jensenshannon(p, q, base=2)}. Cells that are empty on one side need no filling.
 *
 * <p>The distance in nats, as other libraries show it, is {@code sqrt(ln 2)} = 0.8326 times as large.
 *
 * <p><b>Significance.</b> Eight times the divergence in nats, divided by {@code 1/n + 1/m}, is near chi-square if nothing
 * has changed. So the distance of unchanged data grows with the square root of the number of cells over the rows: a fixed
 * limit of 0.1 alarms on 50 unchanged levels at 500 rows more often than not.
 */
public final class JensenShannon implements DriftStatistic {
    @Override
    public String name() {
        return "jensen-shannon";
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
        double divergence = divergence(reference, current);
        return CellLaw.score(
                reference, current, Math.min(1, Math.sqrt(divergence / StrictMath.log(2))), 8 * divergence);
    }

    /** The distance with natural logarithms, between 0 and {@code sqrt(ln 2)}; NaN if either side is empty. */
    public static double inNats(long[] reference, long[] current) {
        return Math.sqrt(divergence(reference, current));
    }

    private static double divergence(long[] reference, long[] current) {
        return CellLaw.sum(reference, current, (r, c) -> {
            double mean = (r + c) / 2;
            return (part(r, mean) + part(c, mean)) / 2;
        });
    }

    private static double part(double share, double mean) {
        return share == 0 ? 0 : share * StrictMath.log(share / mean);
    }
}
