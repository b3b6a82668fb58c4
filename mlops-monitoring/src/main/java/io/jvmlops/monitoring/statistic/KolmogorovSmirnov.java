package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Distribution;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.PValueMethod;

/**
 * Kolmogorov and Smirnov's two-sample test, two-sided: D is the greatest difference between the two distribution functions,
 * between 0 and 1, which is the share of rows that moved past some value.
 *
 * <p><b>On samples</b> it is computed by Apache Commons Statistics and agrees with {@code scipy.stats.ks_2samp}. NaN are left
 * out; infinities are values like others. A side of one value gets its p-value from the limit law below.
 *
 * <p><b>On profiles</b> D is taken at the edges only, so it is never greater than D of the rows themselves; {@link
 * DriftScore#error} says by how much they may differ. Its p-value is from the law of D at just these edges, given how many rows of
 * both sides together lie between them ({@code P(D >= d)} over all ways to divide these rows into two samples): exact up to
 * 1,000 effective rows {@code nm / (n + m)}, beyond by its limit, a Brownian bridge that is looked at there. It is
 * calibrated for two bins as for twenty and for values that many rows share, where the law of the test for continuous data
 * would be conservative. With more than 128 edges that are apart it is Kolmogorov's limit law
 * {@code 2 sum (-1)^(k-1) exp(-2 k^2 D^2 nm/(n+m))}.
 */
public final class KolmogorovSmirnov implements DriftStatistic {
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
        NumericProfile numeric = Columns.requireNumeric(reference, "ks");
        Counts counts = Counts.of(reference, current);
        DriftScore score = ofBins(counts.reference(), counts.current());
        if (Double.isNaN(score.effect())) {
            return score;
        }
        // Between neighbouring doubles there is one value only; sketches that are that fine hold single values.
        IntPredicate open = numeric.distribution() instanceof Histogram edges
                ? i -> i == 0 || i == edges.size() - 1 || Math.nextUp(edges.edge(i - 1)) < edges.edge(i)
                : i -> !isExact(reference) || !isExact(current);
        return score.within(coarseness(counts.reference(), counts.current(), open, score.effect()));
    }

    @Override
    public String law(ColumnProfile reference, ColumnProfile current) {
        double n = reference.present();
        double m = current.present();
        if (n == 0 || m == 0) {
            return "";
        }
        Distribution distribution = ((NumericProfile) reference).distribution();
        int bins = distribution instanceof Histogram edges
                ? edges.size()
                : Math.max(
                        distribution.histogram().size(),
                        ((NumericProfile) current).distribution().histogram().size());
        String law = n / (n + m) * m <= MaximumLaw.EXACT
                ? "exact"
                : bins - 1 <= MaximumLaw.MOST_EDGES ? "Brownian bridge at the edges" : "Kolmogorov's";
        return bins + " bins; law of the greatest difference at their edges: " + law;
    }

    private static boolean isExact(ColumnProfile column) {
        return column instanceof NumericProfile numeric
                && numeric.distribution() instanceof Sketch sketch
                && sketch.shift() == 0;
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
        double d = 0;
        double scaled = 0;
        double below = 0;
        double belowNow = 0;
        double[] pooled = new double[reference.length];
        int edges = 0;
        // After the last bin both are 1.
        for (int i = 0; i < reference.length - 1; i++) {
            below += reference[i];
            belowNow += current[i];
            double both = below + belowNow;
            if (both > 0 && both < n + m && (edges == 0 || both > pooled[edges - 1])) {
                pooled[edges++] = both;
            }
            d = Math.max(d, Math.abs(below / n - belowNow / m));
            scaled = Math.max(scaled, Math.abs(belowNow * n - below * m));
        }
        double p = MaximumLaw.upper(Arrays.copyOf(pooled, edges), n, m, scaled);
        return DriftScore.test(d, p, d, (long) n, (long) m);
    }

    /**
     * How much greater D of the values may be than D at the edges: within a bin each side rises by no more than its share there.
     *
     * @param open whether values may differ within the bin
     */
    static double coarseness(long[] reference, long[] current, IntPredicate open, double d) {
        double n = Counts.total(reference);
        double m = Counts.total(current);
        double greatest = d;
        double before = 0;
        for (int i = 0; i < reference.length; i++) {
            double r = reference[i] / n;
            double c = current[i] / m;
            double after = before + c - r;
            if (open.test(i)) {
                greatest =
                        Math.max(greatest, Math.max(Math.min(before + c, after + r), Math.min(r - before, c - after)));
            }
            before = after;
        }
        return Math.max(0, greatest - d);
    }

    /** Kolmogorov's (1933) law: the probability of more than x if nothing has changed. */
    static double limitLaw(double x) {
        if (x < 0.2) {
            // 1 to 15 digits, and the series converges slowly here.
            return 1;
        }
        double sum = 0;
        for (int k = 1; k <= 100; k++) {
            double term = StrictMath.exp(-2.0 * k * k * x * x);
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
