package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.Arrays;

/**
 * Anderson and Darling's test of two samples, in the version of Scholz and Stephens (1987) for ties by midranks: the
 * squared difference between the two distribution functions, divided by its variance so that the tails count as much as
 * the middle. The statistic is standardised, with the mean and variance of untied samples, and agrees with
 * {@code scipy.stats.anderson_ksamp}. The effect does not depend on the sizes: the root of the mean, over the pooled
 * values, of the squared difference over {@code H (1 - H)}, where H is the pooled distribution function.
 *
 * <p><b>Significance.</b> Of untied samples the p-value is from the limit law (Anderson and Darling 1952), after the
 * statistic is brought to its mean and variance. Of tied ones it is from the law of the quadratic form that the statistic
 * is for these ties, approximated by three moments (Imhof 1961): scipy's table knows no ties, and alarms on 11 % of
 * unchanged columns of two levels. {@link #interpolated} has scipy's p-value, which is between 0.001 and 0.25 and nothing
 * else.
 *
 * <p>NaN are left out; infinities are values. <b>On profiles</b> the rows of a bin are tied, which the p-value takes into
 * account. {@link DriftScore#error} bounds what any order of the rows within their bins would change of the effect; it is
 * wide for open bins at the ends, where the differences weigh most.
 */
public final class AndersonDarling implements DriftStatistic {
    @Override
    public String name() {
        return "anderson-darling";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Columns.requireNumeric(reference, "the test of Anderson and Darling");
        return of(Steps.of(reference, current));
    }

    /**
     * Compares samples.
     *
     * @return NaN if either side has no value; a p-value of 1 if all values are one
     */
    public static DriftScore of(double[] reference, double[] current) {
        return of(Steps.of(Samples.present(reference), Samples.present(current)));
    }

    /**
     * Compares samples, with the p-value that {@code scipy.stats.anderson_ksamp} interpolates in the table of Scholz and
     * Stephens.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore interpolated(double[] reference, double[] current) {
        DriftScore score = of(reference, current);
        return DriftScore.test(
                score.statistic(),
                interpolated(score.statistic()),
                score.effect(),
                score.referenceCount(),
                score.currentCount());
    }

    /**
     * Compares counts over the same cells in order, rows of a cell being tied.
     *
     * @return NaN if either side is empty; a p-value of 1 if only one cell is in use
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore of(long[] reference, long[] current) {
        return of(Steps.of(reference, current));
    }

    private static DriftScore of(Steps steps) {
        double n = steps.n();
        double m = steps.m();
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        int cells = steps.size();
        double rows = n + m;
        double below = 0;
        double belowNow = 0;
        double sum = 0;
        double least = 0;
        double most = 0;
        double[] weights = new double[cells];
        double[] middle = new double[cells];
        double[] variances = new double[cells];
        for (int i = 0; i < cells; i++) {
            double share = ((double) steps.reference[i] + steps.current[i]) / rows;
            double at = below + steps.reference[i] / 2.0;
            double atNow = belowNow + steps.current[i] / 2.0;
            middle[i] = (at + atNow) / rows;
            variances[i] = middle[i] * (1 - middle[i]) - share / 4;
            double here = 0;
            if (share > 0 && variances[i] > 1e-300) {
                double difference = (m * at - n * atNow) / n / m;
                weights[i] = share / variances[i];
                here = weights[i] * difference * difference;
            }
            sum += here;
            double f = below / n;
            double g = belowNow / m;
            double h = (below + belowNow) / rows;
            below += steps.reference[i];
            belowNow += steps.current[i];
            if (steps.single[i]) {
                least += here;
                most += here;
            } else {
                Bound bound =
                        Bound.of(f - belowNow / m, below / n - g, h, (below + belowNow) / rows, rows / Math.min(n, m));
                least += share * bound.least;
                most += share * bound.most;
            }
        }
        double effect = Math.sqrt(sum);
        double error = steps.isExact() ? 0 : Math.max(0, Math.max(Math.sqrt(most) - effect, effect - Math.sqrt(least)));
        double statistic = (rows - 1) / rows * (n * m / rows) * sum;
        double standardised = (statistic - 1) / deviation(n, m);
        if (sum == 0 || CellLaw.used(steps.reference, steps.current) < 2) {
            return DriftScore.test(standardised, 1, 0, (long) n, (long) m).within(error);
        }
        double p;
        if (steps.hasTies()) {
            p = LimitLaw.quadratic(statistic, weights, middle, variances);
        } else {
            double spread = Math.sqrt(2 * (Math.PI * Math.PI - 9) / 3);
            p = LimitLaw.andersonDarling(rows < 4 ? statistic : 1 + standardised * spread);
        }
        return DriftScore.test(standardised, p, effect, (long) n, (long) m).within(error);
    }

    /**
     * Of the squared difference over its variance, for any value of a cell.
     *
     * @param least 0 if the two functions may cross within it
     */
    private record Bound(double least, double most) {
        /**
         * The difference is between low and high, the pooled function h between before and after. The functions mix to h,
         * so the difference is at most c = N / min(n, m) times the lesser of h and 1 - h; its variance at a midrank is
         * the mean of four products of an h and a 1 - h. So the ratio is at most {@code 2 c^2}, and
         * {@code 2 c^2 h / (1 - h)}, and likewise from the other end, and in the middle the square over the least such
         * product.
         */
        static Bound of(double low, double high, double before, double after, double c) {
            double nearest = low > 0 ? low : high < 0 ? -high : 0;
            double furthest = Math.max(Math.abs(low), Math.abs(high));
            double most = 2 * c * c;
            if (after < 1) {
                most = Math.min(most, 2 * c * c * after / (1 - after));
            }
            if (before > 0) {
                most = Math.min(most, 2 * c * c * (1 - before) / before);
            }
            if (before > 0 && after < 1) {
                most = Math.min(most, furthest * furthest / (before * (1 - after)));
            }
            double middle = Math.max(before, Math.min(after, 0.5));
            return new Bound(nearest * nearest / (middle * (1 - middle)), most);
        }
    }

    /** Of the statistic of two untied samples; NaN below four values. */
    private static double deviation(double n, double m) {
        double rows = n + m;
        double bigH = 1 / n + 1 / m;
        double h = 1;
        double g = 0;
        if (rows <= 10_000_000) {
            // The sums of 1 / i and of their partial sums, as scipy adds them.
            double partial = 0;
            for (long i = 2; i < (long) rows; i++) {
                partial += 1 / (rows + 1 - i);
                g += partial / i;
            }
            h += partial;
        } else {
            h = StrictMath.log(rows - 1) + 0.5772156649015329 + 0.5 / (rows - 1);
            g = Math.PI * Math.PI / 6 - (h + 1) / rows;
        }
        double k = 2;
        double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * bigH;
        double b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * bigH - 8 * h + 4 * g - 6;
        double c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * bigH + 4 * h;
        double d = (2 * h + 6) * k * k - 4 * h * k;
        double variance = (a + b / rows + c / rows / rows + d / rows / rows / rows)
                / ((1 - 1 / rows) * (1 - 2 / rows) * (1 - 3 / rows));
        return Math.sqrt(variance);
    }

    /** Table 2 of Scholz and Stephens for two samples, and the parabola through the logarithms of its levels. */
    private static double interpolated(double statistic) {
        double[] critical = {
            0.675 - 0.245 - 0.105,
            1.281 + 0.25 - 0.305,
            1.645 + 0.678 - 0.362,
            1.96 + 1.149 - 0.391,
            2.326 + 1.822 - 0.396,
            2.573 + 2.364 - 0.345,
            3.085 + 3.615 - 0.154
        };
        double[] levels = {0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001};
        if (Double.isNaN(statistic)) {
            return Double.NaN;
        }
        if (statistic < critical[0]) {
            return levels[0];
        }
        if (statistic > critical[6]) {
            return levels[6];
        }
        double[] logs = Arrays.stream(levels).map(StrictMath::log).toArray();
        return StrictMath.exp(LimitLaw.parabola(critical, logs, statistic));
    }
}
