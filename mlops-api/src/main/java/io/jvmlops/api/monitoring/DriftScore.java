package io.jvmlops.api.monitoring;

/**
 * What a statistic found.
 *
 * @param statistic as its source defines it: D, U, t, a distance
 * @param pValue the probability of a result at least as extreme if nothing has changed, between 0 and 1; NaN for a
 *     distance without a law
 * @param effect how far apart, in the unit that the statistic's documentation names: 0 for equal distributions, greater is
 *     further, and what a threshold is compared with
 * @param referenceCount values of the reference that were compared
 * @param currentCount values of the current data that were compared
 * @param error how far the effect may be from that of the values themselves, because only their profile was seen: 0 if the
 *     values or exact counts were seen; NaN if it is not known
 */
public record DriftScore(
        double statistic, double pValue, double effect, long referenceCount, long currentCount, double error) {
    /** A distance, which is its own effect, for which no p-value is known. */
    public static DriftScore distance(double distance, long referenceCount, long currentCount) {
        return new DriftScore(distance, Double.NaN, distance, referenceCount, currentCount, 0);
    }

    /** A statistic with a p-value, of values or exact counts. */
    public static DriftScore test(
            double statistic, double pValue, double effect, long referenceCount, long currentCount) {
        return new DriftScore(statistic, pValue, effect, referenceCount, currentCount, 0);
    }

    /** The answer where one side has nothing to compare: NaN for statistic, p-value and effect. */
    public static DriftScore nothing(long referenceCount, long currentCount) {
        return new DriftScore(Double.NaN, Double.NaN, Double.NaN, referenceCount, currentCount, 0);
    }

    /** The same with a bound of its error. */
    public DriftScore within(double bound) {
        return new DriftScore(statistic, pValue, effect, referenceCount, currentCount, bound);
    }

    public boolean hasPValue() {
        return !Double.isNaN(pValue);
    }
}
