package io.jvmlops.api.monitoring;

/**
 * What a statistic found.
 *
 * @param value the statistic itself: greater is further apart, 0 is equal
 * @param pValue probability of a value at least as great if nothing had changed; NaN for a distance without a law
 */
public record DriftScore(double value, double pValue) {
    /** A distance for which no p-value is known. */
    public static DriftScore distance(double value) {
        return new DriftScore(value, Double.NaN);
    }

    public boolean hasPValue() {
        return !Double.isNaN(pValue);
    }
}
