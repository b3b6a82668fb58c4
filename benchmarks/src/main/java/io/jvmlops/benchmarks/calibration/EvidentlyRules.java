package io.jvmlops.benchmarks.calibration;

import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import java.util.Arrays;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * When Evidently 0.7.21 (Apache-2.0) by default calls a column drifted, formulas re-stated: up to 1,000 rows of reference by
 * p-values of 0.05, beyond by distances of 0.1.
 */
final class EvidentlyRules {
    private static final int SMALL = 1000;

    private EvidentlyRules() {}

    /** Kolmogorov and Smirnov's p, or Wasserstein's distance over the reference's standard deviation. */
    static boolean numeric(double[] reference, double[] current) {
        if (reference.length <= SMALL) {
            var score = (long) reference.length * current.length <= 1_000_000
                    ? KolmogorovSmirnov.of(reference, current)
                    : KolmogorovSmirnov.asymptotic(reference, current);
            return score.pValue() <= 0.05;
        }
        double mean = Arrays.stream(reference).average().orElseThrow();
        double variance = Arrays.stream(reference)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        return wasserstein(reference, current) / Math.max(Math.sqrt(variance), 0.001) >= 0.1;
    }

    /** The area between the two distribution functions. */
    private static double wasserstein(double[] reference, double[] current) {
        double[] a = reference.clone();
        double[] b = current.clone();
        Arrays.sort(a);
        Arrays.sort(b);
        double area = 0;
        double last = Math.min(a[0], b[0]);
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            double next = j == b.length || i < a.length && a[i] <= b[j] ? a[i] : b[j];
            area += Math.abs((double) i / a.length - (double) j / b.length) * (next - last);
            last = next;
            if (i < a.length && a[i] == next) {
                i++;
            } else {
                j++;
            }
        }
        return area;
    }

    /** Goodness of fit (two levels: two proportions), or Jensen and Shannon's distance in nats. */
    static boolean levels(long[] reference, long[] current) {
        double n = Arrays.stream(reference).sum();
        double m = Arrays.stream(current).sum();
        int used = 0;
        for (int i = 0; i < reference.length; i++) {
            used += reference[i] + current[i] > 0 ? 1 : 0;
        }
        if (n > SMALL) {
            return jensenShannon(reference, current, n, m) >= 0.1;
        }
        return used <= 2 ? proportions(reference, current, n, m) : goodnessOfFit(reference, current, n, m);
    }

    private static double jensenShannon(long[] reference, long[] current, double n, double m) {
        double divergence = 0;
        for (int i = 0; i < reference.length; i++) {
            double p = reference[i] / n;
            double q = current[i] / m;
            double middle = (p + q) / 2;
            divergence += (p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0);
        }
        return Math.sqrt(Math.max(0, divergence / 2));
    }

    private static boolean goodnessOfFit(long[] reference, long[] current, double n, double m) {
        double statistic = 0;
        int degrees = -1;
        for (int i = 0; i < reference.length; i++) {
            double expected = reference[i] / n * m;
            if (expected == 0) {
                if (current[i] > 0) {
                    return true;
                }
                continue;
            }
            degrees++;
            statistic += (current[i] - expected) * (current[i] - expected) / expected;
        }
        return degrees > 0 && ChiSquaredDistribution.of(degrees).survivalProbability(statistic) < 0.05;
    }

    private static boolean proportions(long[] reference, long[] current, double n, double m) {
        double pooled = (reference[0] + current[0]) / (n + m);
        double error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
        double z = (reference[0] / n - current[0] / m) / error;
        return error > 0 && 2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(z)) < 0.05;
    }
}
