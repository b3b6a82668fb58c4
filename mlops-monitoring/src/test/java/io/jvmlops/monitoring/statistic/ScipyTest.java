package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.jvmlops.api.monitoring.DriftScore;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every statistic against SciPy 1.17.1, on data that {@code src/test/python/golden.py} makes likewise. */
class ScipyTest {
    @TestFactory
    Stream<DynamicTest> agrees() {
        return GoldenData.answers("statistics.csv").stream()
                .map(row -> dynamicTest(row[1] + " of " + row[0], () -> check(row)));
    }

    private static void check(String[] row) {
        double value = Double.parseDouble(row[2]);
        double p = row[3].isEmpty() ? Double.NaN : Double.parseDouble(row[3]);
        double[][] values = GoldenData.NUMERIC.get(row[0]);
        DriftScore found = values == null
                ? ofCounts(row[1], Objects.requireNonNull(GoldenData.LEVELS.get(row[0])))
                : ofSamples(row[1], values[0], values[1]);

        assertClose(found.statistic(), value, 1e-9);
        if (!Double.isNaN(p)) {
            // Its series of Cramer and von Mises ends at terms below 1e-7, and says 6e-10 where the truth is 2e-37.
            assertClose(found.pValue(), p, row[1].startsWith("cramer") ? 5e-9 / p : 2e-8);
        }
    }

    /** Relative, but for SciPy's own rounding. */
    private static void assertClose(double found, double expected, double tolerance) {
        if (found != expected) {
            assertThat(Math.abs(found - expected))
                    .as("%s, expected %s", found, expected)
                    .isLessThanOrEqualTo(Math.max(1e-13, tolerance * Math.abs(expected)));
        }
    }

    private static DriftScore ofSamples(String statistic, double[] r, double[] c) {
        return switch (statistic) {
            case "ks" ->
                Math.max(r.length, c.length) < 1000 ? KolmogorovSmirnov.of(r, c) : KolmogorovSmirnov.asymptotic(r, c);
            case "wasserstein" -> Wasserstein.of(r, c);
            case "wasserstein-scaled" -> Wasserstein.ofScaled(r, c);
            case "energy" -> EnergyDistance.of(r, c);
            case "mann-whitney" -> MannWhitney.of(r, c);
            case "mann-whitney-less" -> MannWhitney.less(r, c);
            case "t-test" -> StudentT.of(r, c);
            case "welch" -> Welch.of(r, c);
            case "anderson-darling" -> AndersonDarling.interpolated(r, c);
            case "cramer-von-mises" -> CramerVonMises.of(r, c);
            case "cramer-von-mises-asymptotic" -> CramerVonMises.asymptotic(r, c);
            case "cramer-von-mises-exact" -> CramerVonMises.exact(r, c);
            case "epps-singleton" -> EppsSingleton.of(r, c);
            default -> throw new AssertionError(statistic);
        };
    }

    private static DriftScore ofCounts(String statistic, long[][] counts) {
        long[] r = counts[0];
        long[] c = counts[1];
        long restR = Arrays.stream(r).sum() - r[0];
        long restC = Arrays.stream(c).sum() - c[0];
        return switch (statistic) {
            case "jensen-shannon" -> JensenShannon.of(r, c);
            case "hellinger" -> Hellinger.of(r, c);
            case "tvd" -> DriftScore.distance(TotalVariation.of(r, c), 0, 0);
            case "l-infinity" -> LInfinity.of(r, c);
            case "kl" -> KullbackLeibler.of(r, c);
            case "psi" -> Psi.of(r, c);
            case "chi-square" -> ChiSquareHomogeneity.of(r, c);
            case "g-test" -> GTest.of(r, c);
            case "fisher" -> Fisher.of(r[0], restR, c[0], restC);
            case "two-proportions" -> TwoProportions.of(r[0], restR, c[0], restC);
            case "fit" ->
                GoodnessOfFit.chiSquare(Arrays.stream(r).asDoubleStream().toArray(), c);
            default -> throw new AssertionError(statistic);
        };
    }
}
