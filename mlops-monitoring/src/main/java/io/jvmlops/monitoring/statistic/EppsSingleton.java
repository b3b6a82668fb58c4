package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftScore;
import java.util.Arrays;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Epps and Singleton's (1986) test of two samples: whether their characteristic functions agree at 0.4 and 0.8 over half
 * of the pooled interquartile range. It holds for discrete values as well as for continuous ones, and sees changes of
 * spread that {@link KolmogorovSmirnov} needs many more rows for. Agrees with {@code scipy.stats.epps_singleton_2samp},
 * including the correction of Goerg and Kaiser (2009) below 25 values.
 *
 * <p>The effect is the Mahalanobis distance between the two vectors of means: the root of the statistic over n + m, which
 * does not grow with the sizes.
 *
 * <p>NaN and infinities are left out. Defined on samples only: a profile does not know what is inside its bins as finely
 * as cosines ask. The answer is NaN with less than five values on a side, and where the middle half of the pooled values
 * is one value, so that there is no scale: scipy divides by zero there.
 */
public final class EppsSingleton {
    private static final double[] POINTS = {0.4, 0.8};

    private EppsSingleton() {}

    /**
     * Compares samples.
     *
     * @return NaN as the class says
     */
    public static DriftScore of(double[] reference, double[] current) {
        double[] r = Samples.finite(reference);
        double[] c = Samples.finite(current);
        if (r.length < 5 || c.length < 5) {
            return DriftScore.nothing(r.length, c.length);
        }
        int exponent = Math.min(Samples.downscale(r), Samples.downscale(c));
        r = Samples.scaled(r, exponent);
        c = Samples.scaled(c, exponent);
        double[] pooled = Arrays.copyOf(r, r.length + c.length);
        System.arraycopy(c, 0, pooled, r.length, c.length);
        Arrays.sort(pooled);
        double scale = (quantile(pooled, 0.75) - quantile(pooled, 0.25)) / 2;
        if (!(scale > 0)) {
            return DriftScore.nothing(r.length, c.length);
        }
        double rows = pooled.length;
        double[][] a = waves(r, scale);
        double[][] b = waves(c, scale);
        int size = a.length;
        double[] means = means(a);
        double[] meansNow = means(b);
        double[][] covariance = new double[size][size];
        double[] difference = new double[size];
        for (int i = 0; i < size; i++) {
            difference[i] = means[i] - meansNow[i];
            for (int j = 0; j < size; j++) {
                covariance[i][j] = rows / r.length * covariance(a[i], means[i], a[j], means[j])
                        + rows / c.length * covariance(b[i], meansNow[i], b[j], meansNow[j]);
            }
        }
        double[][] vectors = new double[size][size];
        double[] values = eigenvalues(covariance, vectors);
        double greatest = Arrays.stream(values).max().orElse(0);
        int rank = 0;
        double squared = 0;
        for (int k = 0; k < size; k++) {
            if (values[k] > greatest * size * Math.ulp(1.0)) {
                rank++;
                double along = 0;
                for (int i = 0; i < size; i++) {
                    along += vectors[i][k] * difference[i];
                }
                squared += along * along / values[k];
            }
        }
        if (rank == 0 || Double.isNaN(squared)) {
            return DriftScore.nothing(r.length, c.length);
        }
        double correction = Math.max(r.length, c.length) < 25
                ? 1
                        / (1
                                + StrictMath.pow(rows, -0.45)
                                + 10.1 * (StrictMath.pow(r.length, -1.7) + StrictMath.pow(c.length, -1.7)))
                : 1;
        double statistic = rows * squared * correction;
        double p = ChiSquaredDistribution.of(rank).survivalProbability(statistic);
        return DriftScore.test(statistic, p, Math.sqrt(squared), r.length, c.length);
    }

    /** Interpolated as numpy does by default. */
    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        double next = sorted[Math.min(below + 1, sorted.length - 1)];
        return sorted[below] + (at - below) * (next - sorted[below]);
    }

    private static double[][] waves(double[] values, double scale) {
        double[][] waves = new double[2 * POINTS.length][values.length];
        for (int i = 0; i < values.length; i++) {
            for (int t = 0; t < POINTS.length; t++) {
                double angle = POINTS[t] / scale * values[i];
                waves[t][i] = StrictMath.cos(angle);
                waves[POINTS.length + t][i] = StrictMath.sin(angle);
            }
        }
        return waves;
    }

    private static double[] means(double[][] rows) {
        return Arrays.stream(rows).mapToDouble(Samples::mean).toArray();
    }

    private static double covariance(double[] x, double meanX, double[] y, double meanY) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - meanX) * (y[i] - meanY);
        }
        return sum / x.length;
    }

    /** Jacobi's method for a symmetric matrix, which it turns into a diagonal one. */
    private static double[] eigenvalues(double[][] matrix, double[][] vectors) {
        int size = matrix.length;
        for (int i = 0; i < size; i++) {
            vectors[i][i] = 1;
        }
        for (int sweep = 0; sweep < 60; sweep++) {
            double off = 0;
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    off += Math.abs(matrix[p][q]);
                    rotate(matrix, vectors, p, q);
                }
            }
            if (off == 0) {
                break;
            }
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = matrix[i][i];
        }
        return values;
    }

    private static void rotate(double[][] matrix, double[][] vectors, int p, int q) {
        if (matrix[p][q] == 0) {
            return;
        }
        double theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cosine = 1 / Math.sqrt(t * t + 1);
        double sine = t * cosine;
        for (int k = 0; k < matrix.length; k++) {
            double kp = matrix[k][p];
            double kq = matrix[k][q];
            matrix[k][p] = cosine * kp - sine * kq;
            matrix[k][q] = sine * kp + cosine * kq;
        }
        for (int k = 0; k < matrix.length; k++) {
            double pk = matrix[p][k];
            double qk = matrix[q][k];
            matrix[p][k] = cosine * pk - sine * qk;
            matrix[q][k] = sine * pk + cosine * qk;
            double kp = vectors[k][p];
            double kq = vectors[k][q];
            vectors[k][p] = cosine * kp - sine * kq;
            vectors[k][q] = sine * kp + cosine * kq;
        }
    }
}
