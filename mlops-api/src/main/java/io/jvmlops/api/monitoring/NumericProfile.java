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
                || negativeInfinities > distribution.total()
                || positiveInfinities > distribution.total() - negativeInfinities
                || moments.count() != distribution.total() - negativeInfinities - positiveInfinities) {
            throw new IllegalArgumentException("column '" + column + "' has " + missing + " missing values, " + nan
                    + " NaN, " + negativeInfinities + " and " + positiveInfinities + " infinities, " + moments.count()
                    + " finite ones and a distribution of " + distribution.total()
                    + ", expected no more NaN than missing, and the others to add up");
        }
        if (distribution.total() > Long.MAX_VALUE - missing) {
            throw new IllegalArgumentException("column '" + column + "' has more than 2^63 - 1 values");
        }
        if (distribution instanceof Histogram histogram
                && (histogram.bin(0) < negativeInfinities
                        || histogram.bin(histogram.size() - 1) < positiveInfinities)) {
            throw new IllegalArgumentException("column '" + column + "' has " + negativeInfinities + " and "
                    + positiveInfinities + " infinities, expected no more than its outermost bins hold");
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

    /**
     * The least value that at least a share of all values does not exceed. The bin that holds it is known; where the bin holds
     * several values, they are taken to be spread evenly within it, so that the rank of the answer is off by no more than the
     * bin's share of values ({@link Distribution#coarseness} at most).
     *
     * @param share from 0 (the least value) to 1 (the greatest)
     * @return NaN if there are no values; an infinity if it is one
     * @throws IllegalArgumentException if the share is not between 0 and 1
     */
    public double quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a quantile of " + share + ", expected a share from 0 to 1");
        }
        long total = distribution.total();
        if (total == 0) {
            return Double.NaN;
        }
        // Ranks run from 1 to the total, finite values between the infinities.
        long rank = Math.max(1, Math.min(total, (long) Math.ceil(share * total)));
        if (rank <= negativeInfinities) {
            return Double.NEGATIVE_INFINITY;
        }
        if (rank > total - positiveInfinities) {
            return Double.POSITIVE_INFINITY;
        }
        return distribution instanceof Sketch sketch
                ? quantile(sketch, rank)
                : quantile((Histogram) distribution, rank);
    }

    private double quantile(Sketch sketch, long rank) {
        long before = 0;
        int bin = 0;
        while (before + sketch.count(bin) < rank) {
            before += sketch.count(bin++);
        }
        double low = Sketch.low(sketch.key(bin), sketch.shift());
        double high = Sketch.high(sketch.key(bin), sketch.shift());
        return within(low, high, rank - before, sketch.count(bin));
    }

    private double quantile(Histogram histogram, long rank) {
        long before = 0;
        int bin = 0;
        while (before + histogram.bin(bin) < rank) {
            before += histogram.bin(bin++);
        }
        double low = bin == 0 ? moments.min() : Math.nextUp(histogram.edge(bin - 1));
        double high = bin == histogram.size() - 1 ? moments.max() : histogram.edge(bin);
        return within(low, high, rank - before, histogram.bin(bin));
    }

    /** The so-many-th of values that are spread over what of a range there can be values in. */
    private double within(double low, double high, long rank, long count) {
        double from = Math.max(low, moments.min());
        double to = Math.min(high, moments.max());
        double part = count == 1 ? 0.5 : (rank - 1) / (count - 1.0);
        // The difference of two values may be beyond the range of a double; half of it is not.
        double value = from + part * (to / 2 - from / 2) * 2;
        return Math.max(from, Math.min(to, value));
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
