package io.jvmlops.monitoring.statistic;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Laws of quadratic forms {@code sum lambda_j Z_j^2} of independent normal variables, which the statistics of Anderson
 * and Darling, and of Cramér and von Mises, have in large samples: probabilities of more than x.
 *
 * <p>By Smirnov's (1937) formula they are alternating sums of integrals between pairs of the {@code 1 / lambda_j}. Half
 * of the integrand's singularities at the ends is taken off by a cosine as variable; the midpoint rule converges
 * exponentially then. The result has a small relative error in the far tail too, where a difference from 1 has none of
 * its digits.
 */
final class LimitLaw {
    private static final int NODES = 256;

    private LimitLaw() {}

    /** Of {@code lambda_j = 1 / (pi j)^2}. */
    static double cramerVonMises(double x) {
        if (x < 0.003) {
            return 1;
        }
        // u = s^2; the product of 1 - lambda_j u is sin(s) / s.
        return alternating((k, cosine) -> {
            double s = Math.PI * (2 * k - 0.5) + Math.PI / 2 * cosine;
            return StrictMath.exp(-x * s * s / 2) * Math.PI / Math.sqrt(s);
        });
    }

    /** Of {@code lambda_j = 1 / (j (j + 1))}. */
    static double andersonDarling(double x) {
        if (x < 0.02) {
            return 1;
        }
        // u = (v^2 - 1) / 4; the product of 1 - lambda_j u is -cos(pi v / 2) / (pi u).
        return alternating((k, cosine) -> {
            double v = 4 * k + cosine;
            double u = (v * v - 1) / 4;
            return StrictMath.exp(-x * u / 2) * Math.sqrt(Math.PI / u) * v / 2;
        });
    }

    /** What of an integrand is not {@code sin(theta) / sqrt(cos(pi cos(theta) / 2))}. */
    private interface Smooth {
        double at(int interval, double cosine);
    }

    private static double alternating(Smooth smooth) {
        double sum = 0;
        for (int k = 1; k <= 400; k++) {
            double integral = 0;
            for (int i = 0; i < NODES; i++) {
                double theta = Math.PI * (i + 0.5) / NODES;
                double cosine = StrictMath.cos(theta);
                integral +=
                        smooth.at(k, cosine) * StrictMath.sin(theta) / Math.sqrt(StrictMath.cos(Math.PI / 2 * cosine));
            }
            integral *= Math.PI / NODES;
            sum += k % 2 == 1 ? integral : -integral;
            if (integral <= 1e-17 * sum) {
                break;
            }
        }
        return Math.max(0, Math.min(1, sum / Math.PI));
    }

    /**
     * Of {@code sum w_j D_j^2} of a normal vector D with the given variances and covariances {@code h_i (1 - h_j)} for i
     * before j, by Pearson's approximation with three moments (Imhof 1961, equation 4.1). Exact where one cell boundary
     * is all there is; over many cells within 10 % of the limit law above for p from 0.6 to 0.01, within 15 % at 0.001,
     * and half of it at 1e-7.
     */
    static double quadratic(double x, double[] weights, double[] h, double[] variances) {
        double first = 0;
        double second = 0;
        double third = 0;
        // Sums over i before j, and over i before j before k.
        double lower = 0;
        double lowerDiagonal = 0;
        double pair = 0;
        for (int j = 0; j < weights.length; j++) {
            double diagonal = weights[j] * variances[j];
            double up = weights[j] * h[j] * h[j];
            double down = weights[j] * (1 - h[j]) * (1 - h[j]);
            first += diagonal;
            second += diagonal * diagonal + 2 * lower * down;
            third += diagonal * diagonal * diagonal
                    + 3 * (lowerDiagonal * down + lower * down * diagonal)
                    + 6 * pair * down;
            pair += lower * weights[j] * h[j] * (1 - h[j]);
            lower += up;
            lowerDiagonal += up * diagonal;
        }
        if (!(third > 0)) {
            return 1;
        }
        double degrees = second / third * second / third * second;
        double y = (x - first) * Math.sqrt(degrees / second) + degrees;
        return y <= 0 ? 1 : ChiSquaredDistribution.of(degrees).survivalProbability(y);
    }

    /** The least-squares parabola through points, at x. */
    static double parabola(double[] xs, double[] ys, double x) {
        double[][] sums = new double[3][4];
        for (int i = 0; i < xs.length; i++) {
            double[] powers = {1, xs[i], xs[i] * xs[i]};
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 3; column++) {
                    sums[row][column] += powers[row] * powers[column];
                }
                sums[row][3] += powers[row] * ys[i];
            }
        }
        for (int pivot = 0; pivot < 3; pivot++) {
            for (int row = 0; row < 3; row++) {
                if (row != pivot) {
                    double factor = sums[row][pivot] / sums[pivot][pivot];
                    for (int column = pivot; column < 4; column++) {
                        sums[row][column] -= factor * sums[pivot][column];
                    }
                }
            }
        }
        return sums[0][3] / sums[0][0] + x * sums[1][3] / sums[1][1] + x * x * sums[2][3] / sums[2][2];
    }
}
