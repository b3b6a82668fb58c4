package io.jvmlops.monitoring.statistic;

/**
 * Probabilities of the binomial, hypergeometric, chi-square and gamma laws. In {@link StrictMath}, so that they are the
 * same bits everywhere.
 *
 * <p>Point probabilities are by Loader (2000), "Fast and accurate computation of binomial probabilities": about 14 digits
 * at any size, where differences of log-factorials lose them.
 */
final class Laws {
    private static final double LOG_SQRT_TWO_PI = 0.9189385332046728;

    /** {@link #stirlingError} of small numbers, where the series is not good enough. */
    private static final double[] SMALL_ERRORS = new double[16];

    static {
        double logFactorial = 0;
        for (int i = 1; i < SMALL_ERRORS.length; i++) {
            logFactorial += StrictMath.log(i);
            SMALL_ERRORS[i] = logFactorial - (i + 0.5) * StrictMath.log(i) + i - LOG_SQRT_TWO_PI;
        }
    }

    private Laws() {}

    /** What Stirling's formula lacks of {@code log n!}; n is whole, or at least 16. */
    static double stirlingError(double n) {
        if (n < SMALL_ERRORS.length) {
            return SMALL_ERRORS[(int) n];
        }
        double nn = n * n;
        return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - 1 / 1188.0 / nn) / nn) / nn) / nn) / n;
    }

    /** {@code x log(x / e) + e - x}, without cancellation where x is near e. */
    private static double deviance(double x, double e) {
        if (Math.abs(x - e) < 0.1 * (x + e)) {
            double v = (x - e) / (x + e);
            double sum = (x - e) * v;
            double term = 2 * x * v;
            for (int j = 3; j < 1000; j += 2) {
                term *= v * v;
                double next = sum + term / j;
                if (next == sum) {
                    break;
                }
                sum = next;
            }
            return sum;
        }
        return x * StrictMath.log(x / e) + e - x;
    }

    /** The probability of x successes in n; q is 1 - p. */
    static double binomial(double x, double n, double p, double q) {
        if (x < 0 || x > n) {
            return 0;
        }
        if (p == 0 || q == 0) {
            return x == (p == 0 ? 0 : n) ? 1 : 0;
        }
        if (x == 0) {
            return StrictMath.exp(p < 0.1 ? n * StrictMath.log1p(-p) : n * StrictMath.log(q));
        }
        if (x == n) {
            return StrictMath.exp(q < 0.1 ? n * StrictMath.log1p(-q) : n * StrictMath.log(p));
        }
        double log = stirlingError(n)
                - stirlingError(x)
                - stirlingError(n - x)
                - deviance(x, n * p)
                - deviance(n - x, n * q);
        return StrictMath.exp(log) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
    }

    /** The probability that of {@code drawn} out of {@code total}, among which are {@code marked}, x are marked. */
    static double hypergeometric(double x, double marked, double total, double drawn) {
        if (x < Math.max(0, drawn - (total - marked)) || x > Math.min(marked, drawn)) {
            return 0;
        }
        double p = drawn / total;
        double q = (total - drawn) / total;
        return binomial(x, marked, p, q) * binomial(drawn - x, total - marked, p, q) / binomial(drawn, total, p, q);
    }

    /** How much more probable x + 1 marked ones are than x. */
    static double hypergeometricRatio(double x, double marked, double total, double drawn) {
        return (marked - x) * (drawn - x) / ((x + 1) * (total - marked - drawn + x + 1));
    }

    /**
     * A bound from above of the probability of x or more, x above the mean: a geometric series; within 5 % in the far
     * tail.
     */
    static double hypergeometricUpper(double x, double marked, double total, double drawn) {
        double least = Math.max(0, drawn - (total - marked));
        if (x <= least) {
            return 1;
        }
        double first = hypergeometric(x, marked, total, drawn);
        double ratio = hypergeometricRatio(x, marked, total, drawn);
        return first == 0 ? 0 : ratio >= 1 ? 1 : Math.min(1, first / (1 - ratio));
    }

    /**
     * The mean absolute deviation of the number of marked ones from its mean: De Moivre's formula for the binomial law,
     * as it is for the hypergeometric one (Kamat 1965).
     */
    static double hypergeometricDeviation(double marked, double total, double drawn) {
        double k = Math.floor(marked * drawn / total) + 1;
        return 2 * k * (total - marked - drawn + k) / total * hypergeometric(k, marked, total, drawn);
    }

    /** {@code log Gamma(x)}, x at least 0.5. */
    static double logGamma(double x) {
        double shifted = x;
        double product = 1;
        while (shifted < 15) {
            product *= shifted;
            shifted++;
        }
        double xx = shifted * shifted;
        double series = (1 / 12.0
                        - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - (1 / 1188.0 - 691 / 360360.0 / xx) / xx) / xx) / xx)
                                / xx)
                / shifted;
        return (shifted - 0.5) * StrictMath.log(shifted) - shifted + LOG_SQRT_TWO_PI + series - StrictMath.log(product);
    }

    /** The probability that a gamma variable of this shape and scale 1 is above x. */
    static double gammaUpper(double shape, double x) {
        if (!(x > 0)) {
            return 1;
        }
        // x^shape e^-x / Gamma(shape + 1): the density over shape, by its deviance where shape is large.
        double front = shape >= SMALL_ERRORS.length
                ? StrictMath.exp(-deviance(shape, x) - stirlingError(shape)) / Math.sqrt(2 * Math.PI * shape)
                : StrictMath.exp(shape * StrictMath.log(x) - x - logGamma(shape + 1));
        if (x < shape + 1) {
            double term = 1;
            double sum = 1;
            for (int i = 1; i < 1_000_000 && term > sum * 1e-17; i++) {
                term *= x / (shape + i);
                sum += term;
            }
            return Math.max(0, 1 - front * sum);
        }
        // Legendre's continued fraction, by Lentz's method.
        double tiny = 1e-300;
        double b = x + 1 - shape;
        double c = 1 / tiny;
        double d = 1 / b;
        double fraction = d;
        for (int i = 1; i < 1_000_000; i++) {
            double a = -i * (i - shape);
            b += 2;
            d = a * d + b;
            d = 1 / (Math.abs(d) < tiny ? tiny : d);
            c = b + a / c;
            c = Math.abs(c) < tiny ? tiny : c;
            double step = c * d;
            fraction *= step;
            if (Math.abs(step - 1) < 1e-16) {
                break;
            }
        }
        return Math.min(1, front * shape * fraction);
    }

    /** The probability of more than x under the chi-square law. */
    static double chiSquareUpper(double x, double degrees) {
        return gammaUpper(degrees / 2, x / 2);
    }
}
