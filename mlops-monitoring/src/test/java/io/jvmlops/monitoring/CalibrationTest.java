package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.monitoring.statistic.ChiSquareHomogeneity;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import io.jvmlops.monitoring.statistic.MissingRate;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The study of calibration in short: p-values of unchanged columns. Seeds are fixed, so that the shares are always the same. */
class CalibrationTest {
    private static final int ROUNDS = 1000;

    private final SplittableRandom random = new SplittableRandom(20_260_102);

    /** Rows by level: of the level's rank to the power of -exponent. */
    private long[] counts(int rows, double[] cumulative) {
        long[] counts = new long[cumulative.length];
        for (int i = 0; i < rows; i++) {
            int at = Arrays.binarySearch(cumulative, random.nextDouble());
            counts[Math.min(cumulative.length - 1, at < 0 ? -at - 1 : at)]++;
        }
        return counts;
    }

    private static double[] cumulative(int levels, double exponent) {
        double[] cumulative = new double[levels];
        double sum = 0;
        for (int i = 0; i < levels; i++) {
            sum += Math.pow(i + 1, -exponent);
            cumulative[i] = sum;
        }
        for (int i = 0; i < levels; i++) {
            cumulative[i] /= sum;
        }
        return cumulative;
    }

    @ParameterizedTest
    @CsvSource({
        "2, 0, 500, 50",
        "2, 2, 500, 50",
        "5, 0, 500, 50",
        "5, 1, 2000, 500",
        "50, 1, 500, 50",
        "50, 0, 5000, 50",
        "50, 1, 2000, 2000",
        "500, 1, 500, 50",
        "500, 0, 2000, 500",
        "5000, 1, 2000, 200"
    })
    void levels(int levels, double exponent, int n, int m) {
        double[] cumulative = cumulative(levels, exponent);
        int rejected = 0;
        for (int i = 0; i < ROUNDS; i++) {
            double p = ChiSquareHomogeneity.calibrated(counts(n, cumulative), counts(m, cumulative))
                    .pValue();
            rejected += p <= 0.05 ? 1 : 0;
        }
        assertThat((double) rejected / ROUNDS).isBetween(0.03, 0.07);
    }

    /** Edges at the reference's own quantiles and ends, as a profile has them; or few values, with ties. */
    @ParameterizedTest
    @CsvSource({"20, 500, 50", "20, 500, 500", "20, 2000, 2000", "20, 4000, 300", "0, 500, 50", "0, 2000, 500"})
    void numbers(int bins, int n, int m) {
        int rejected = 0;
        for (int i = 0; i < ROUNDS; i++) {
            double p = bins == 0
                    ? KolmogorovSmirnov.ofBins(counts(n, cumulative(5, 0)), counts(m, cumulative(5, 0)))
                            .pValue()
                    : quantileBins(bins, n, m);
            rejected += p <= 0.05 ? 1 : 0;
        }
        assertThat((double) rejected / ROUNDS).isBetween(0.03, 0.07);
    }

    private double quantileBins(int bins, int n, int m) {
        double[] reference = random.doubles(n).sorted().toArray();
        double[] edges = new double[bins + 1];
        edges[0] = Math.nextDown(reference[0]);
        for (int bin = 1; bin <= bins; bin++) {
            edges[bin] = reference[(n * bin + bins - 1) / bins - 1];
        }
        return KolmogorovSmirnov.ofBins(
                        binned(reference, edges), binned(random.doubles(m).toArray(), edges))
                .pValue();
    }

    private static long[] binned(double[] values, double[] edges) {
        long[] bins = new long[edges.length + 1];
        for (double value : values) {
            int at = Arrays.binarySearch(edges, value);
            bins[at < 0 ? -at - 1 : at]++;
        }
        return bins;
    }

    @ParameterizedTest
    @CsvSource({"0.01, 500, 50", "0.1, 500, 50", "0.1, 100000, 1000", "0.5, 2000, 500", "0.003, 100000, 10000"})
    void missingRates(double share, int n, int m) {
        int rejected = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long before = binomial(n, share);
            long now = binomial(m, share);
            rejected += MissingRate.of(before, n - before, now, m - now).pValue() <= 0.05 ? 1 : 0;
        }
        assertThat((double) rejected / ROUNDS).isLessThan(0.07);
    }

    private long binomial(int rows, double share) {
        long count = 0;
        // Gaps between successes are geometric.
        for (double at = gap(share); at <= rows; at += gap(share)) {
            count++;
        }
        return count;
    }

    private double gap(double share) {
        return 1 + Math.floor(Math.log(1 - random.nextDouble()) / Math.log1p(-share));
    }
}
