package io.jvmlops.benchmarks.calibration;

import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Random counts, drawn by their law instead of row by row. */
final class Draws {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private final SplittableRandom random;

    Draws(long seed) {
        random = new SplittableRandom(seed);
    }

    SplittableRandom random() {
        return random;
    }

    /** A Poisson number; beyond 12 by Hoermann's (1993) transformed rejection. */
    long poisson(double mean) {
        if (mean < 12) {
            double limit = Math.exp(-mean);
            long count = 0;
            for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
                count++;
            }
            return count;
        }
        double b = 0.931 + 2.53 * Math.sqrt(mean);
        double a = -0.059 + 0.02483 * b;
        while (true) {
            double u = random.nextDouble() - 0.5;
            double v = random.nextDouble();
            double edge = 0.5 - Math.abs(u);
            double k = Math.floor((2 * a / edge + b) * u + mean + 0.43);
            if (edge >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) {
                return (long) k;
            }
            if (k >= 0
                    && (edge >= 0.013 || v <= edge)
                    && Math.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (edge * edge) + b))
                            <= k * Math.log(mean) - mean - logFactorial(k)) {
                return (long) k;
            }
        }
    }

    private static double logFactorial(double k) {
        if (k < 20) {
            double log = 0;
            for (int i = 2; i <= k; i++) {
                log += Math.log(i);
            }
            return log;
        }
        return (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * k) - 1 / (360 * k * k * k);
    }

    /** A gamma variable of shape 1 or more, by Marsaglia and Tsang (2000). */
    private double gamma(double shape) {
        double d = shape - 1 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = 1 + c * x;
            if (v > 0) {
                v = v * v * v;
                if (Math.log(random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                    return d * v;
                }
            }
        }
    }

    /** Poisson numbers about {@code rows} in all; as multinomial ones are, given how many came. */
    long[] counts(double[] shares, double rows) {
        long[] counts = new long[shares.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = poisson(rows * shares[i]);
        }
        return counts;
    }

    /**
     * A normal column of n rows in bins between its own quantiles, and one of about m rows, shifted, over the same edges: the
     * edges are order statistics, which lie where sums of gamma variables put them.
     *
     * @return the reference's and the current counts; the first and last bin are beyond the reference's range
     */
    long[][] normal(long n, double m, int bins, double shift) {
        long[] reference = new long[bins + 2];
        double[] ends = new double[bins + 2];
        double sum = gamma(1);
        ends[0] = sum;
        long before = 1;
        for (int bin = 1; bin <= bins; bin++) {
            long rank = bin == bins ? n : (n * bin + bins - 1) / bins;
            reference[bin] = bin == 1 ? rank : rank - before;
            sum += gamma((double) (rank - before));
            ends[bin] = sum;
            before = rank;
        }
        sum += gamma(1);
        double[] shares = new double[bins + 2];
        double below = 0;
        for (int i = 0; i <= bins; i++) {
            double share = ends[i] / sum;
            double now = shift == 0
                    ? share
                    : NORMAL.cumulativeProbability(NORMAL.inverseCumulativeProbability(share) - shift);
            shares[i] = now - below;
            below = now;
        }
        shares[bins + 1] = 1 - below;
        return new long[][] {reference, counts(shares, m)};
    }

    /** Shares of levels by rank to the power of -exponent. */
    static double[] zipf(int levels, double exponent) {
        double[] shares = new double[levels];
        double sum = 0;
        for (int i = 0; i < levels; i++) {
            shares[i] = Math.pow(i + 1, -exponent);
            sum += shares[i];
        }
        for (int i = 0; i < levels; i++) {
            shares[i] /= sum;
        }
        return shares;
    }
}
