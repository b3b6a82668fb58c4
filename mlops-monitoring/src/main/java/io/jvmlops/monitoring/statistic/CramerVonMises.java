package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.Arrays;

/**
 * Cramér and von Mises' test of two samples (Anderson 1962): the squared difference between the two distribution
 * functions, added up over the pooled values. The effect does not depend on the sizes: the root of the mean squared
 * difference, between 0 and 0.577 ({@code 1 / sqrt(3)}), in shares of rows as D of {@link KolmogorovSmirnov} is.
 *
 * <p><b>Untied samples:</b> statistic and p-value agree with {@code scipy.stats.cramervonmises_2samp}: exact while
 * neither side has more than 20 values, else from the limit law after the statistic is brought to its mean and variance;
 * below 1e-7, where scipy's series ends in rounding, p is still right.
 *
 * <p><b>Ties:</b> each value counts with the mean of the squared differences before and after it, and the p-value is from
 * the law of the quadratic form that the statistic is for these ties, approximated by three moments (Imhof 1961).
 * {@link #exact} and {@link #asymptotic} treat ties as scipy does, by midranks in laws that know none; that is too
 * certain on few levels.
 *
 * <p>NaN are left out; infinities are values. <b>On profiles</b> the rows of a bin are tied, which the p-value takes into
 * account. {@link DriftScore#error} bounds what any order of the rows within their bins would change of the effect.
 */
public final class CramerVonMises implements DriftStatistic {
    static final int EXACT_LIMIT = 20;
    private static final int MOST_EXACT = 60;

    @Override
    public String name() {
        return "cramer-von-mises";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        Columns.requireNumeric(reference, "the test of Cramer and von Mises");
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
        double[] weights = new double[cells];
        double[] pooled = new double[cells];
        double[] variances = new double[cells];
        double below = 0;
        double belowNow = 0;
        double squares = 0;
        double least = 0;
        double most = 0;
        for (int i = 0; i < cells; i++) {
            double share = ((double) steps.reference[i] + steps.current[i]) / rows;
            double before = (m * below - n * belowNow) / n / m;
            double f = below / n;
            double g = belowNow / m;
            below += steps.reference[i];
            belowNow += steps.current[i];
            double after = i == cells - 1 ? 0 : (m * below - n * belowNow) / n / m;
            double here = share * (before * before + after * after) / 2;
            squares += here;
            if (steps.single[i]) {
                least += here;
                most += here;
            } else {
                // Within the bin the difference is between these.
                double low = f - belowNow / m;
                double high = below / n - g;
                double furthest = Math.max(Math.abs(low), Math.abs(high));
                most += share * furthest * furthest;
                double nearest = low > 0 ? low : high < 0 ? -high : 0;
                least += share * nearest * nearest;
            }
            weights[i] += share / 2;
            if (i > 0) {
                weights[i - 1] += share / 2;
            }
            pooled[i] = (below + belowNow) / rows;
            variances[i] = pooled[i] * (1 - pooled[i]);
        }
        weights[cells - 1] = 0;
        double effect = Math.sqrt(squares);
        double error = steps.isExact() ? 0 : Math.max(0, Math.max(Math.sqrt(most) - effect, effect - Math.sqrt(least)));
        double statistic = n * m / rows * squares;
        if (squares == 0 || CellLaw.used(steps.reference, steps.current) < 2) {
            return DriftScore.test(0, 1, 0, (long) n, (long) m).within(error);
        }
        double p;
        if (steps.hasTies()) {
            p = LimitLaw.quadratic((rows - 1) / rows * statistic, weights, pooled, variances);
        } else if (Math.max(n, m) <= EXACT_LIMIT) {
            p = exactP(rankSum(statistic, n, m), (int) n, (int) m);
        } else {
            p = LimitLaw.cramerVonMises(standardised(statistic, n, m));
        }
        return DriftScore.test(statistic, p, effect, (long) n, (long) m).within(error);
    }

    /**
     * Compares samples as scipy's {@code exact}: time and memory grow quickly beyond 20 values.
     *
     * @return NaN if either side has less than two values
     * @throws IllegalArgumentException if a side has more than 60 values
     */
    public static DriftScore exact(double[] reference, double[] current) {
        return byMidranks(reference, current, true);
    }

    /**
     * Compares samples as scipy's {@code asymptotic}.
     *
     * @return NaN if either side has less than two values
     */
    public static DriftScore asymptotic(double[] reference, double[] current) {
        return byMidranks(reference, current, false);
    }

    private static DriftScore byMidranks(double[] reference, double[] current, boolean exact) {
        double[] r = Samples.present(reference);
        double[] c = Samples.present(current);
        if (r.length < 2 || c.length < 2) {
            return DriftScore.nothing(r.length, c.length);
        }
        if (exact && Math.max(r.length, c.length) > MOST_EXACT) {
            throw new IllegalArgumentException("samples of " + r.length + " and " + c.length
                    + " values, expected at most " + MOST_EXACT + " for the exact law");
        }
        Steps steps = Steps.of(r, c);
        double n = r.length;
        double m = c.length;
        double u = 0;
        double below = 0;
        double belowNow = 0;
        for (int i = 0; i < steps.size(); i++) {
            double rank = below + belowNow + (steps.reference[i] + steps.current[i] + 1) / 2.0;
            for (int k = 1; k <= steps.reference[i]; k++) {
                u += n * (rank - (below + k)) * (rank - (below + k));
            }
            for (int k = 1; k <= steps.current[i]; k++) {
                u += m * (rank - (belowNow + k)) * (rank - (belowNow + k));
            }
            below += steps.reference[i];
            belowNow += steps.current[i];
        }
        double statistic = u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));
        double p = exact ? exactP(u, r.length, c.length) : LimitLaw.cramerVonMises(standardised(statistic, n, m));
        return DriftScore.test(statistic, p, of(steps).effect(), r.length, c.length);
    }

    /** Anderson's U for his T. */
    private static double rankSum(double statistic, double n, double m) {
        return Math.rint((statistic + (4 * n * m - 1) / (6 * (n + m))) * n * m * (n + m));
    }

    /** With the mean and variance of the limit law: his equations 11, 14 and 15. */
    private static double standardised(double statistic, double n, double m) {
        double rows = n + m;
        double pairs = n * m;
        double mean = (1 + 1 / rows) / 6;
        double variance =
                (rows + 1) / rows * (4 * pairs - 3 * (n / rows * n + m / rows * m) - 2 * pairs / rows) / (180 * pairs);
        return 1.0 / 6 + (statistic - mean) / Math.sqrt(45 * variance);
    }

    /**
     * The share of all orders of the pooled values that make U as great: the paths of Xiao, Gordon and Yakovlev (2007),
     * counted by the sum of squared distances that they pass.
     */
    private static double exactP(double u, int n, int m) {
        long common = (long) n / gcd(n, m) * m;
        long a = common / n;
        long b = common / m;
        double pairs = (double) n * m;
        double zeta = Math.floor(
                (double) common * common * (n + m) * (6 * u - pairs * (4 * pairs - 1)) / (6 * pairs * pairs) + 1e-9);
        long[][] sums = new long[n + 1][];
        double[][] ways = new double[n + 1][];
        for (int j = 0; j <= m; j++) {
            for (int i = 0; i <= n; i++) {
                if (i == 0 && j == 0) {
                    sums[0] = new long[] {0};
                    ways[0] = new double[] {1};
                    continue;
                }
                long step = a * i - b * j;
                long[] leftSums = i == 0 ? new long[0] : sums[i - 1];
                double[] leftWays = i == 0 ? new double[0] : ways[i - 1];
                long[] downSums = j == 0 ? new long[0] : sums[i];
                double[] downWays = j == 0 ? new double[0] : ways[i];
                long[] both = new long[leftSums.length + downSums.length];
                double[] bothWays = new double[both.length];
                int size = 0;
                for (int x = 0, y = 0; x < leftSums.length || y < downSums.length; size++) {
                    long next = y == downSums.length || x < leftSums.length && leftSums[x] <= downSums[y]
                            ? leftSums[x]
                            : downSums[y];
                    if (x < leftSums.length && leftSums[x] == next) {
                        bothWays[size] += leftWays[x++];
                    }
                    if (y < downSums.length && downSums[y] == next) {
                        bothWays[size] += downWays[y++];
                    }
                    both[size] = next + step * step;
                }
                sums[i] = Arrays.copyOf(both, size);
                ways[i] = Arrays.copyOf(bothWays, size);
            }
        }
        double all = 0;
        double asGreat = 0;
        for (int x = 0; x < sums[n].length; x++) {
            all += ways[n][x];
            asGreat += sums[n][x] >= zeta ? ways[n][x] : 0;
        }
        return asGreat / all;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
