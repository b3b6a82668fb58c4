package io.jvmlops.api.monitoring;

/**
 * A numeric column.
 *
 * @param missing values that were not there, NaN among them
 * @param nan values that were NaN
 * @param negativeInfinities values that were negative infinity
 * @param positiveInfinities values that were positive infinity
 * @param moments of the finite values
 * @param distribution of the values that were there, infinities included
 * @param distinctCount of the values that were there
 */
public record NumericProfile(
        String column,
        long missing,
        long nan,
        long negativeInfinities,
        long positiveInfinities,
        Moments moments,
        Distribution distribution,
        DistinctCount distinctCount)
        implements ColumnProfile {
    /** @throws IllegalArgumentException if the counts contradict each other */
    public NumericProfile {
        if (nan < 0
                || missing < nan
                || negativeInfinities < 0
                || positiveInfinities < 0
                || moments.count() + negativeInfinities + positiveInfinities != distribution.total()) {
            throw new IllegalArgumentException("column '" + column + "' has " + missing + " missing values, " + nan
                    + " NaN, " + negativeInfinities + " and " + positiveInfinities + " infinities, " + moments.count()
                    + " finite ones and a distribution of " + distribution.total()
                    + ", expected no more NaN than missing, and the others to add up");
        }
    }

    @Override
    public long count() {
        return Math.addExact(distribution.total(), missing);
    }

    @Override
    public double distinct() {
        return distribution instanceof Sketch sketch && sketch.shift() == 0 ? sketch.size() : distinctCount.estimate();
    }

    @Override
    public boolean isOver(ColumnProfile other) {
        if (!(other instanceof NumericProfile that) || !column.equals(that.column)) {
            return false;
        }
        return distribution instanceof Histogram a
                ? that.distribution instanceof Histogram b && a.hasEdgesOf(b)
                : that.distribution instanceof Sketch;
    }
}
