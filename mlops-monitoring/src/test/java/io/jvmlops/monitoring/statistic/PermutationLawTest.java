package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.monitoring.DriftScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.distribution.HypergeometricDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The laws of the statistics against all ways to divide the pooled rows into two samples, one by one. */
class PermutationLawTest {
    private static final long[][] TABLES = {
        {3, 2},
        {1, 1, 1},
        {4, 1, 3},
        {2, 2, 2, 2},
        {5, 3, 1, 1},
        {1, 1, 1, 1, 1, 1},
        {7, 2, 1, 4},
        {3, 3, 3, 1, 1, 1},
        {9, 8, 2}
    };

    /** Each division of the pooled counts, the current side's counts with its number of ways. */
    private static void divisions(long[] both, long drawn, BiConsumer<long[], Double> action) {
        divide(both, new long[both.length], 0, drawn, 1, action);
    }

    private static void divide(
            long[] both, long[] current, int cell, long left, double ways, BiConsumer<long[], Double> action) {
        if (cell == both.length) {
            if (left == 0) {
                action.accept(current.clone(), ways);
            }
            return;
        }
        for (long c = 0; c <= Math.min(left, both[cell]); c++) {
            current[cell] = c;
            divide(both, current, cell + 1, left - c, ways * choose(both[cell], c), action);
        }
        current[cell] = 0;
    }

    private static double choose(long n, long k) {
        double ways = 1;
        for (long i = 1; i <= k; i++) {
            ways = ways * (n - k + i) / i;
        }
        return ways;
    }

    private static long[] rest(long[] both, long[] current) {
        long[] rest = new long[both.length];
        Arrays.setAll(rest, i -> both[i] - current[i]);
        return rest;
    }

    /** A division and its probability. */
    private static final class Outcome {
        private final long[] reference;
        private final long[] current;
        private final double probability;

        Outcome(long[] reference, long[] current, double probability) {
            this.reference = reference;
            this.current = current;
            this.probability = probability;
        }

        long[] reference() {
            return reference;
        }

        long[] current() {
            return current;
        }

        double probability() {
            return probability;
        }
    }

    private static List<Outcome> outcomes(long[] both, long drawn) {
        List<Outcome> outcomes = new ArrayList<>();
        double all = choose(Arrays.stream(both).sum(), drawn);
        divisions(both, drawn, (current, ways) -> outcomes.add(new Outcome(rest(both, current), current, ways / all)));
        assertThat(outcomes.stream().mapToDouble(Outcome::probability).sum()).isCloseTo(1, within(1e-12));
        return outcomes;
    }

    private static double atLeast(List<Outcome> outcomes, ToDoubleFunction<Outcome> statistic, double least) {
        return outcomes.stream()
                .filter(o -> statistic.applyAsDouble(o) >= least - 1e-9)
                .mapToDouble(Outcome::probability)
                .sum();
    }

    @Test
    void kolmogorovSmirnovOnBinsIsExact() {
        for (long[] both : TABLES) {
            long total = Arrays.stream(both).sum();
            for (long drawn = 1; drawn < total; drawn++) {
                List<Outcome> outcomes = outcomes(both, drawn);
                for (Outcome seen : outcomes) {
                    DriftScore score = KolmogorovSmirnov.ofBins(seen.reference(), seen.current());
                    double p = atLeast(
                            outcomes,
                            o -> KolmogorovSmirnov.ofBins(o.reference(), o.current())
                                    .statistic(),
                            score.statistic());
                    assertThat(score.pValue())
                            .as("%s of %s", Arrays.toString(seen.current()), Arrays.toString(both))
                            .isCloseTo(p, within(1e-11));
                }
            }
        }
    }

    @Test
    void momentsOfTheChiSquareStatisticAreThoseOfAllDivisions() {
        for (long[] both : TABLES) {
            long total = Arrays.stream(both).sum();
            double inverse = Arrays.stream(both).mapToDouble(r -> 1.0 / r).sum();
            for (long drawn = 2; drawn < total - 1 && total > 3; drawn++) {
                double mean = 0;
                double square = 0;
                for (Outcome outcome : outcomes(both, drawn)) {
                    double x = ChiSquareHomogeneity.of(outcome.reference(), outcome.current())
                            .statistic();
                    mean += outcome.probability() * x;
                    square += outcome.probability() * x * x;
                }
                assertThat(mean).isCloseTo(total * (both.length - 1) / (total - 1.0), within(1e-9));
                assertThat(HomogeneityLaw.variance(both.length, inverse, (double) (total - drawn), (double) drawn))
                        .isCloseTo(square - mean * mean, within(1e-8));
            }
        }
    }

    @Test
    void twoLevelsAreExactWithHalfOfWhatIsAsExtreme() {
        for (long[] both : new long[][] {{3, 2}, {9, 8}, {15, 4}, {1, 11}}) {
            long total = Arrays.stream(both).sum();
            for (long drawn = 1; drawn < total; drawn++) {
                List<Outcome> outcomes = outcomes(both, drawn);
                for (Outcome seen : outcomes) {
                    DriftScore score = ChiSquareHomogeneity.calibrated(seen.reference(), seen.current());
                    ToDoubleFunction<Outcome> statistic = o ->
                            ChiSquareHomogeneity.of(o.reference(), o.current()).statistic();
                    double from = atLeast(outcomes, statistic, score.statistic());
                    double beyond = atLeast(outcomes, statistic, score.statistic() + 1e-6);
                    double expected = score.statistic() == 0 ? 1 : (from + beyond) / 2;
                    assertThat(score.pValue()).isCloseTo(expected, within(1e-11));
                }
            }
        }
    }

    @Test
    void permutationsOfSparseTablesAreNearTheExactLaw() {
        for (long[] both : TABLES) {
            long total = Arrays.stream(both).sum();
            long drawn = total / 2;
            List<Outcome> outcomes = outcomes(both, drawn);
            if (both.length == 2) {
                continue;
            }
            for (Outcome seen : outcomes) {
                DriftScore score = ChiSquareHomogeneity.calibrated(seen.reference(), seen.current());
                double p = atLeast(
                        outcomes,
                        o -> ChiSquareHomogeneity.of(o.reference(), o.current()).statistic(),
                        score.statistic());
                // 50 exceedances: a relative error of 0.14, five of them.
                assertThat(score.pValue())
                        .as("%s of %s", Arrays.toString(seen.current()), Arrays.toString(both))
                        .isBetween(p * 0.45 - 2e-4, p * 1.7 + 1e-3);
            }
        }
    }

    @Test
    void whatChanceMakesOfTotalVariationIsItsMean() {
        for (long[] both : TABLES) {
            long total = Arrays.stream(both).sum();
            for (long drawn = 1; drawn < total; drawn++) {
                double mean = outcomes(both, drawn).stream()
                        .mapToDouble(o -> o.probability() * TotalVariation.of(o.reference(), o.current()))
                        .sum();
                long[] current = new long[both.length];
                long left = drawn;
                for (int i = 0; i < both.length; i++) {
                    current[i] = Math.min(left, both[i]);
                    left -= current[i];
                }
                assertThat(CorrectedTotalVariation.byChance(LevelTable.of(rest(both, current), current)))
                        .isCloseTo(mean, within(1e-12));
            }
        }
    }

    @Test
    void newAndLostLevelsAreBoundedByTheirLaw() {
        for (long[] both : TABLES) {
            long total = Arrays.stream(both).sum();
            for (long drawn = 1; drawn < total; drawn++) {
                List<Outcome> outcomes = outcomes(both, drawn);
                for (boolean lost : new boolean[] {false, true}) {
                    ToDoubleFunction<Outcome> rows = o -> NewLevels.of(LevelTable.of(o.reference(), o.current()), lost)
                            .statistic();
                    for (Outcome seen : outcomes) {
                        double k = rows.applyAsDouble(seen);
                        double p = NewLevels.of(LevelTable.of(seen.reference(), seen.current()), lost)
                                .pValue();
                        assertThat(p)
                                .as("%s rows of %s", k, Arrays.toString(both))
                                .isBetween(atLeast(outcomes, rows, k) * (1 - 1e-9), 1.0);
                    }
                }
            }
        }
    }

    @Test
    void oneNewLevelOfManyRowsIsAsRareAsItIs() {
        // All 12 rows of one level among 40 of 100, the others common.
        long[] reference = {30, 30, 0};
        long[] current = {14, 14, 12};
        double exact = 1;
        for (int i = 0; i < 12; i++) {
            exact *= (40.0 - i) / (100 - i);
        }
        assertThat(NewLevels.of(LevelTable.of(reference, current), false).pValue())
                .isBetween(exact * (1 - 1e-9), exact * 1.01);
    }

    /** Values 1 to N without ties, all ways to take m of them. */
    @ParameterizedTest
    @CsvSource({"5, 4", "3, 7", "8, 2", "6, 6"})
    void exceedancesAreExactWithoutTies(int n, int m) {
        double[] ways = new double[m + 1];
        int all = 0;
        for (int set = 0; set < 1 << (n + m); set++) {
            if (Integer.bitCount(set) == m) {
                all++;
                int reference = ~set & (1 << (n + m)) - 1;
                int below = Integer.bitCount(set & (Integer.lowestOneBit(reference) - 1));
                int above = Integer.bitCount(set & -(Integer.highestOneBit(reference) << 1));
                ways[below + above]++;
            }
        }
        double tail = 0;
        for (int k = m; k >= 0; k--) {
            tail += ways[k] / all;
            assertThat(OutOfRange.upper(k, n, m)).isCloseTo(tail, within(1e-12));
        }
    }

    @Test
    void lawsAgreeWithTheLibrary() {
        for (double degrees : new double[] {1, 2, 3, 10, 29, 31, 99, 1000, 9999}) {
            for (double x :
                    new double[] {0.01, 0.5, 1, degrees / 2, degrees, 1.2 * degrees, 2 * degrees, 5 * degrees}) {
                double expected = ChiSquaredDistribution.of(degrees).survivalProbability(x);
                assertThat(Laws.chiSquareUpper(x, degrees))
                        .as("%s of %s degrees", x, degrees)
                        .isCloseTo(expected, within(1e-12 + 1e-9 * expected));
            }
        }
        assertThat(Laws.gammaUpper(0.3, 2.5))
                .isCloseTo(GammaDistribution.of(0.3, 1).survivalProbability(2.5), within(1e-14));
        for (int[] urn : new int[][] {{10, 3, 4}, {1000, 17, 300}, {100_000, 50_000, 70}, {1_000_000, 999_000, 5000}}) {
            HypergeometricDistribution expected = HypergeometricDistribution.of(urn[0], urn[1], urn[2]);
            for (int x = expected.getSupportLowerBound(); x <= Math.min(expected.getSupportUpperBound(), 6000); x++) {
                double p = expected.probability(x);
                assertThat(Laws.hypergeometric(x, urn[1], urn[0], urn[2])).isCloseTo(p, within(1e-9 * p + 1e-300));
            }
        }
    }

    /** Beyond the limit of the exact law its limit follows on: 1,998 and 2,002 rows a side. */
    @ParameterizedTest
    @CsvSource({"2", "5", "20"})
    void theLimitFollowsOnTheExactLaw(int bins) {
        for (int moved : new int[] {20, 30, 40, 60, 80}) {
            double[] p = new double[2];
            for (int i = 0; i < 2; i++) {
                long rows = i == 0 ? 1980 : 2020;
                long[] reference = new long[bins];
                Arrays.fill(reference, rows / bins);
                long[] current = reference.clone();
                current[0] += moved;
                current[bins - 1] -= moved;
                p[i] = KolmogorovSmirnov.ofBins(reference, current).pValue();
            }
            assertThat(p[1] / p[0]).as("%s against %s", p[1], p[0]).isBetween(0.97, 1.13);
        }
    }

    /** One edge: twice a normal tail. Everywhere: Kolmogorov's law. */
    @Test
    void theBridgeIsBetweenOneEdgeAndAll() {
        for (double x : new double[] {0.3, 0.6, 1, 1.3, 1.39, 1.41, 1.8, 2.4, 3}) {
            double one = MaximumLaw.bridge(new double[] {0.5}, x);
            assertThat(one).isCloseTo(Laws.chiSquareUpper(4 * x * x, 1), within(0.01 * one));
            double before = one;
            for (int bins : new int[] {4, 8, 16, 32, 64, 128}) {
                double[] times = new double[bins - 1];
                Arrays.setAll(times, i -> (i + 1.0) / bins);
                double p = MaximumLaw.bridge(times, x);
                assertThat(p).isGreaterThan(before * 0.999).isLessThan(KolmogorovSmirnov.limitLaw(x) * 1.001);
                before = p;
            }
        }
    }

    @Test
    void aGreaterDifferenceIsNeverMoreProbable() {
        for (long rows : new long[] {100, 1900, 2100, 1_000_000}) {
            double before = 1;
            for (long moved = 0; moved <= rows / 4; moved += Math.max(1, rows / 400)) {
                long[] current = {rows / 4 + moved, rows / 4, rows / 4, rows / 4 - moved};
                double p = KolmogorovSmirnov.ofBins(new long[] {rows / 4, rows / 4, rows / 4, rows / 4}, current)
                        .pValue();
                assertThat(p).as("%s of %s moved", moved, rows).isLessThanOrEqualTo(before * 1.1);
                before = p;
            }
            assertThat(before).isLessThan(rows == 100 ? 1e-3 : 1e-9);
        }
    }
}
