package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.DriftScore;
import java.util.Arrays;

/**
 * Rows whose level only one of two sides has. A column of many levels always has some new ones and lacks some old ones: the
 * p-value says whether there are more than chance brings.
 *
 * <p>If rows of both sides are divided at random, a level of t rows is wholly on a side of m among N with probability
 * {@code m (m-1) ... (m-t+1) / (N (N-1) ... (N-t+1))}. That levels are is negatively associated, so that Chernoff's bound of the
 * number of such rows, from the product of their generating functions, holds: the p-value is an upper bound, and that of a
 * single new level of t rows near its probability. Where levels are extrapolated from a sample, the generating function of the error
 * of that is a factor too. The effect is the share of the side's rows.
 *
 * <p>Levels that the profiles lump together, those beyond the bound, are on neither side alone.
 */
public final class NewLevels {
    private NewLevels() {}

    /**
     * Rows of levels that the reference does not have, as a share of the current ones.
     *
     * @return NaN if either side is empty; the statistic is the number of rows
     * @throws IllegalArgumentException if the two are not over the same levels
     */
    public static DriftScore of(CategoricalProfile reference, CategoricalProfile current) {
        return of(LevelTable.of(reference, current), false);
    }

    /**
     * Rows of levels that the current side no longer has, as a share of those of the reference.
     *
     * @return NaN if either side is empty; the statistic is the number of rows
     * @throws IllegalArgumentException if the two are not over the same levels
     */
    public static DriftScore lost(CategoricalProfile reference, CategoricalProfile current) {
        return of(LevelTable.of(reference, current), true);
    }

    static DriftScore of(LevelTable table, boolean lost) {
        double n = table.n();
        double m = table.m();
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        double rows = 0;
        for (int i = 0; i < table.named(); i++) {
            double other = lost ? table.current(i) : table.reference(i);
            rows += other > 0 ? 0 : table.times(i) * table.both(i);
        }
        double side = lost ? n : m;
        double p = rows == 0 ? 1 : upper(table, side, n + m, rows, lost);
        return DriftScore.test(rows, p, rows / side, (long) n, (long) m);
    }

    /** Chernoff's bound of the probability of so many rows or more. */
    private static double upper(LevelTable table, double side, double total, double rows, boolean lost) {
        // Levels of as many rows are alike.
        double[] sizes = new double[table.named()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = table.both(i);
        }
        Arrays.sort(sizes);
        int kinds = 0;
        for (int i = 0; i < sizes.length; i++) {
            if (i == 0 || sizes[i] != sizes[i - 1]) {
                sizes[kinds++] = sizes[i];
            }
        }
        double[] times = new double[kinds];
        for (int i = 0; i < table.named(); i++) {
            times[Arrays.binarySearch(sizes, 0, kinds, table.both(i))] += table.times(i);
        }
        double[] log = new double[kinds];
        double mean = 0;
        int possible = 0;
        double most = 0;
        for (int k = 0; k < kinds && sizes[k] <= side; k++) {
            log[k] = logAll(sizes[k], side, total);
            mean += times[k] * sizes[k] * StrictMath.exp(log[k]);
            most += times[k] * sizes[k];
            possible++;
        }
        if (rows <= mean) {
            return 1;
        }
        // Rows above the mean, as far as they depend on levels that were not kept.
        double uncertainty = table.varianceOfSum(size -> {
            double q = size > side ? 0 : StrictMath.exp(logAll(size, side, total));
            return lost == table.isOfReference() ? size * (1 - q) : size * q;
        });
        if (rows >= most && uncertainty == 0) {
            // All that can be: the bound's limit.
            double sum = 0;
            for (int k = 0; k < possible; k++) {
                sum += times[k] * log[k];
            }
            return StrictMath.exp(Math.min(0, sum));
        }
        // The slope of the generating function's logarithm grows with s; it is rows where the bound is least.
        double low = 0;
        double high = 1.0 / rows;
        while (slope(sizes, times, log, possible, high) + high * uncertainty < rows && high < 1e6) {
            low = high;
            high *= 2;
        }
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;
            if (slope(sizes, times, log, possible, middle) + middle * uncertainty < rows) {
                low = middle;
            } else {
                high = middle;
            }
        }
        // A normal error's own generating function.
        double value = low * low * uncertainty / 2 - low * rows;
        for (int k = 0; k < possible; k++) {
            double exponent = low * sizes[k] + log[k];
            double q = StrictMath.exp(log[k]);
            value += times[k]
                    * (exponent > 30
                            ? exponent + StrictMath.log1p((1 - q) * StrictMath.exp(-exponent))
                            : StrictMath.log1p(StrictMath.exp(exponent) - q));
        }
        return StrictMath.exp(Math.min(0, value));
    }

    private static double slope(double[] sizes, double[] times, double[] log, int kinds, double s) {
        double sum = 0;
        for (int k = 0; k < kinds; k++) {
            double rest = -StrictMath.expm1(log[k]);
            sum += times[k] * sizes[k] / (1 + rest * StrictMath.exp(-log[k] - s * sizes[k]));
        }
        return sum;
    }

    /** The logarithm of the chance that all of t rows are among the so many of one side, at least t. */
    static double logAll(double t, double side, double total) {
        // Which is that the rows of the other side are among those that are not the t.
        double other = total - side;
        return t <= other
                ? logFalling(side, t) - logFalling(total, t)
                : logFalling(total - t, other) - logFalling(total, other);
    }

    /** {@code log(x (x-1) ... (x-t+1))}. */
    static double logFalling(double x, double t) {
        if (t <= 32) {
            double log = 0;
            double product = 1;
            for (int i = 0; i < t; i++) {
                product *= x - i;
                if (product > 1e200) {
                    log += StrictMath.log(product);
                    product = 1;
                }
            }
            return log + StrictMath.log(product);
        }
        double rest = x - t;
        if (rest < 1) {
            return Laws.logGamma(x + 1);
        }
        // Stirling's formula for both factorials, in which what is as large as x log x cancels.
        return t * (StrictMath.log(x) - 1)
                - (rest + 0.5) * StrictMath.log1p(-t / x)
                + Laws.stirlingError(x)
                - Laws.stirlingError(rest);
    }
}
