package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.Arrays;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.PValueMethod;

/**
 * Kolmogorov and Smirnov's two-sample test, two-sided: D is the greatest difference between the two distribution functions,
 * between 0 and 1, which is the share of rows that moved past some value.
 *
 * <p><b>On samples</b> it is computed by Apache Commons Statistics and agrees with {@code scipy.stats.ks_2samp}. NaN are left
 * out; infinities are values like others. A side of one value gets its p-value from the limit law below.
 *
 * <p><b>On profiles</b> D is taken at the edges only, so it is never greater than D of the rows themselves, and its p-value
 * never less than theirs would be: the test is conservative, more so the fewer the edges. Up to {@value #EXACT_LIMIT} pairs of
 * rows the p-value is exact for untied rows; beyond, it is from Kolmogorov's limit law
 * {@code 2 sum (-1)^(k-1) exp(-2 k^2 D^2 nm/(n+m))}, which is within 0.2 % of the exact one or above it there.
 */
public final class KolmogorovSmirnov implements DriftStatistic {
    static final long EXACT_LIMIT = 100_000;

    @Override
    public String name() {
        return "ks";
    }

    @Override
    public boolean supports(ColumnProfile reference) {
        return reference instanceof NumericProfile;
    }

    @Override
    public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
        if (!(reference instanceof NumericProfile)) {
            throw new IllegalArgumentException(
                    "column '" + reference.column() + "' is not numeric, and ks is not defined for it");
        }
        Counts counts = Counts.of(reference, current);
        return ofBins(counts.reference(), counts.current());
    }

    /**
     * Compares samples: exactly while both have less than 10,000 values, asymptotically beyond.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore of(double[] reference, double[] current) {
        return test(reference, current, PValueMethod.AUTO);
    }

    /**
     * Compares samples, with the exact p-value for untied ones; time grows with the product of the sizes.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore exact(double[] reference, double[] current) {
        return test(reference, current, PValueMethod.EXACT);
    }

    /**
     * Compares samples, with the p-value of the one-sample law at {@code nm/(n+m)}, as scipy's {@code asymp}. It is too small
     * for small samples.
     *
     * @return NaN if either side has no value
     */
    public static DriftScore asymptotic(double[] reference, double[] current) {
        return test(reference, current, PValueMethod.ASYMPTOTIC);
    }

    private static DriftScore test(double[] reference, double[] current, PValueMethod method) {
        double[] r = present(reference);
        double[] c = present(current);
        if (r.length == 0 || c.length == 0) {
            return DriftScore.nothing(r.length, c.length);
        }
        if (r.length == 1 || c.length == 1) {
            // The library wants two values at least.
            DriftScore score = r.length == 1 ? ofOne(r[0], c) : ofOne(c[0], r);
            return DriftScore.test(score.statistic(), score.pValue(), score.effect(), r.length, c.length);
        }
        KolmogorovSmirnovTest test = KolmogorovSmirnovTest.withDefaults().with(method);
        var result = test.test(r, c);
        double d = result.getStatistic();
        return DriftScore.test(d, probability(result.getPValue()), d, r.length, c.length);
    }

    private static DriftScore ofOne(double value, double[] values) {
        double n = values.length;
        double below = Arrays.stream(values).filter(v -> v < value).count() / n;
        double above = Arrays.stream(values).filter(v -> v > value).count() / n;
        double d = Math.max(below, above);
        return DriftScore.test(d, limitLaw(d * Math.sqrt(n / (n + 1))), d, 1, values.length);
    }

    private static double[] present(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    }

    /**
     * Compares counts over the same ordered bins; see the class for what D and p are then.
     *
     * @return NaN if either side is empty
     * @throws IllegalArgumentException if the lengths differ or a count is negative
     */
    public static DriftScore ofBins(long[] reference, long[] current) {
        Counts.check(reference, current);
        double n = Counts.total(reference);
        double m = Counts.total(current);
        if (n == 0 || m == 0) {
            return DriftScore.nothing((long) n, (long) m);
        }
        if (n * m <= EXACT_LIMIT && n > 1 && m > 1) {
            return exact(expand(reference, (int) n), expand(current, (int) m));
        }
        double d = 0;
        double below = 0;
        double belowNow = 0;
        // After the last bin both are 1.
        for (int i = 0; i < reference.length - 1; i++) {
            below += reference[i];
            belowNow += current[i];
            d = Math.max(d, Math.abs(below / n - belowNow / m));
        }
        return DriftScore.test(d, limitLaw(d * Math.sqrt(n / (n + m) * m)), d, (long) n, (long) m);
    }

    /** The bins' positions, each as often as the bin has rows. */
    private static double[] expand(long[] bins, int total) {
        double[] positions = new double[total];
        int next = 0;
        for (int i = 0; i < bins.length; i++) {
            Arrays.fill(positions, next, next + (int) bins[i], i);
            next += (int) bins[i];
        }
        return positions;
    }

    /** Kolmogorov's (1933) law: the probability of more than x if nothing has changed. */
    static double limitLaw(double x) {
        if (x < 0.2) {
            // 1 to 15 digits, and the series converges slowly here.
            return 1;
        }
        double sum = 0;
        for (int k = 1; k <= 100; k++) {
            double term = Math.exp(-2.0 * k * k * x * x);
            sum += k % 2 == 1 ? term : -term;
            if (term < 1e-18 * sum) {
                break;
            }
        }
        return probability(2 * sum);
    }

    private static double probability(double p) {
        return Math.max(0, Math.min(1, p));
    }
}
