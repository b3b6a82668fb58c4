package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import org.apache.commons.statistics.inference.DataDispersion;
import org.apache.commons.statistics.inference.TTest;

/** Means and variances of both sides, in one unit, a power of two times that of the column. */
record Means(double mean, double variance, long n, double meanNow, double varianceNow, long m) {
    static Means of(NumericProfile reference, NumericProfile current) {
        Moments r = reference.moments();
        Moments c = current.moments();
        if (r.count() < 2 || c.count() < 2) {
            return nothing(r.count(), c.count());
        }
        int exponent = Samples.downscale(r.min(), r.max(), c.min(), c.max());
        r = Samples.scaled(r, exponent);
        c = Samples.scaled(c, exponent);
        return new Means(r.mean(), r.variance(), r.count(), c.mean(), c.variance(), c.count());
    }

    static Means of(double[] reference, double[] current) {
        double[] r = Samples.finite(reference);
        double[] c = Samples.finite(current);
        if (r.length < 2 || c.length < 2) {
            return nothing(r.length, c.length);
        }
        int exponent = Math.min(Samples.downscale(r), Samples.downscale(c));
        r = Samples.scaled(r, exponent);
        c = Samples.scaled(c, exponent);
        double mean = Samples.mean(r);
        double meanNow = Samples.mean(c);
        return new Means(mean, variance(r, mean), r.length, meanNow, variance(c, meanNow), c.length);
    }

    /** A mean that is rounded must not make a constant vary. */
    private static double variance(double[] values, double mean) {
        for (double value : values) {
            if (value != values[0]) {
                return Samples.scatter(values, mean) / (values.length - 1);
            }
        }
        return 0;
    }

    private static Means nothing(long n, long m) {
        return new Means(Double.NaN, Double.NaN, n, Double.NaN, Double.NaN, m);
    }

    DriftScore score(boolean pooled) {
        if (Double.isNaN(variance) || Double.isNaN(varianceNow)) {
            return DriftScore.nothing(n, m);
        }
        double difference = mean - meanNow;
        double rest = (double) n + m - 2;
        double spread =
                pooled ? variance * ((n - 1) / rest) + varianceNow * ((m - 1) / rest) : (variance + varianceNow) / 2;
        if (difference == 0) {
            return DriftScore.test(0, 1, 0, n, m);
        }
        if (spread == 0) {
            return DriftScore.test(difference * Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY, n, m);
        }
        var result = TTest.withDefaults()
                .with(pooled ? DataDispersion.HOMOSCEDASTIC : DataDispersion.HETEROSCEDASTIC)
                .test(mean, variance, n, meanNow, varianceNow, m);
        return DriftScore.test(
                result.getStatistic(), result.getPValue(), Math.abs(difference) / Math.sqrt(spread), n, m);
    }
}
