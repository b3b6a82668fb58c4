package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.monitoring.DriftScore;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers published elsewhere or computed by SciPy 1.17.1; the data are our own copies. */
class GoldenTest {
    /** Values 1 to 6, this often each: the data of a test of another drift library. */
    private static final long[] R = {16, 18, 16, 14, 12, 12};

    private static final long[] C = {16, 16, 16, 16, 16, 8};

    /** Gloss of paper, two laboratories; Scholz and Stephens 1987. */
    private static final double[] A8 = {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0};

    private static final double[] B8 = {39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8};

    private static final double[] Q =
            IntStream.rangeClosed(1, 1000).mapToDouble(i -> i / 1000.0).toArray();
    private static final double[] Q_SQUARED = Arrays.stream(Q).map(v -> v * v).toArray();

    /** Ten digits. */
    private static Offset<Double> digits(double expected) {
        return within(Math.abs(expected) * 6e-10);
    }

    private static void assertScore(DriftScore found, double statistic, double p) {
        assertThat(found.statistic()).isCloseTo(statistic, digits(statistic));
        assertThat(found.pValue()).isCloseTo(p, digits(p));
    }

    private static double[] repeated(long[] counts) {
        return IntStream.range(0, counts.length)
                .boxed()
                .flatMapToDouble(i -> IntStream.range(0, (int) counts[i]).mapToDouble(k -> i + 1))
                .toArray();
    }

    @Test
    void kolmogorovSmirnovOfThreeAndThree() {
        assertScore(KolmogorovSmirnov.of(new double[] {1, 2, 3}, new double[] {4, 5, 6}), 1, 0.1);
    }

    @Test
    void kolmogorovSmirnovOfEightAndEight() {
        assertScore(KolmogorovSmirnov.exact(A8, B8), 0.625, 0.08702408702);
        assertScore(KolmogorovSmirnov.of(A8, B8), 0.625, 0.08702408702);
        assertScore(KolmogorovSmirnov.asymptotic(A8, B8), 0.625, 0.04931640625);
    }

    @Test
    void kolmogorovSmirnovOfTiedSamplesAndOfTheirBins() {
        double[] r = repeated(R);
        double[] c = repeated(C);
        assertScore(KolmogorovSmirnov.exact(r, c), 0.04545454545, 0.999992609);
        assertScore(KolmogorovSmirnov.asymptotic(r, c), 0.04545454545, 0.9999463119);
        // With a bin for every value, bins lose nothing.
        DriftScore bins = KolmogorovSmirnov.ofBins(R, C);
        assertThat(bins.statistic()).isCloseTo(0.04545454545, digits(0.04545454545));
        // Its law knows of the ties, so it is more certain than that of untied values.
        assertThat(bins.pValue()).isBetween(0.95, 0.999992609);
    }

    @Test
    void kolmogorovSmirnovOfAThousandAndAThousand() {
        assertScore(KolmogorovSmirnov.asymptotic(Q, Q_SQUARED), 0.25, 5.084052234e-28);
        assertScore(KolmogorovSmirnov.exact(Q, Q_SQUARED), 0.25, 7.613348817e-28);
        assertScore(KolmogorovSmirnov.of(Q, Q_SQUARED), 0.25, 7.613348817e-28);
    }

    /** Tabulated by Smirnov (1948): 0.95 at 1.3581, 0.99 at 1.6276, 0.90 at 1.2238. */
    @Test
    void kolmogorovsLimitLaw() {
        assertThat(KolmogorovSmirnov.limitLaw(1.2238)).isCloseTo(0.10, within(5e-5));
        assertThat(KolmogorovSmirnov.limitLaw(1.3581)).isCloseTo(0.05, within(5e-5));
        assertThat(KolmogorovSmirnov.limitLaw(1.6276)).isCloseTo(0.01, within(5e-6));
        assertThat(KolmogorovSmirnov.limitLaw(0)).isEqualTo(1);
        assertThat(KolmogorovSmirnov.limitLaw(0.2)).isCloseTo(1, within(1e-9));
        assertThat(KolmogorovSmirnov.limitLaw(100)).isZero();
    }

    @Test
    void chiSquareOfHomogeneity() {
        assertScore(ChiSquareHomogeneity.of(R, C), 1.622408964, 0.8985262394);
        assertScore(
                ChiSquareHomogeneity.of(new long[] {10, 10, 20}, new long[] {20, 20, 20}), 2.777777778, 0.2493522088);
    }

    @Test
    void chiSquareLeavesOutCellsThatAreEmptyOnBothSidesOnly() {
        assertScore(
                ChiSquareHomogeneity.of(new long[] {10, 0, 10, 20}, new long[] {20, 0, 20, 20}),
                2.777777778,
                0.2493522088);
        assertThat(ChiSquareHomogeneity.of(new long[] {10, 10, 0}, new long[] {5, 5, 5})
                        .pValue())
                .isCloseTo(0.0204680757, within(5e-11));
    }

    @Test
    void populationStabilityIndex() {
        assertThat(Psi.of(R, C).effect()).isCloseTo(0.03721838158, digits(0.03721838158));
    }

    /**
     * The published number is over the deciles as NumPy interpolates them, and its histogram drops the 31 values below the
     * least of the reference, so that the shares do not add up to 1. We count such rows in the first cell.
     */
    @Test
    void populationStabilityIndexOfDeciles() {
        double[] shares = new double[10];
        long[] counts = new long[10];
        for (double value : Q_SQUARED) {
            int decile = 0;
            while (decile < 9 && value >= 0.001 + 0.0999 * (decile + 1)) {
                decile++;
            }
            counts[decile]++;
            shares[decile] += value < 0.001 ? 0 : 0.001;
        }
        double published = Arrays.stream(shares).map(c -> Psi.term(0.1, c)).sum();
        long[] reference = new long[10];
        Arrays.fill(reference, 100);

        assertThat(published).isCloseTo(0.3277980638, digits(0.3277980638));
        assertThat(counts).containsExactly(317, 131, 100, 84, 75, 67, 62, 58, 54, 52);
        assertThat(Psi.of(reference, counts).effect())
                .isCloseTo(published - Psi.term(0.1, 0.286) + Psi.term(0.1, 0.317), within(1e-12));
    }

    /** At a thousand rows a side and ten cells the 95 % point of the law is 0.03383795521. */
    @Test
    void lawOfThePopulationStabilityIndex() {
        long[] reference = new long[10];
        Arrays.fill(reference, 100);

        DriftScore below = Psi.of(reference, alternating(9));
        DriftScore above = Psi.of(reference, alternating(10));

        assertThat(0.03383795521).isBetween(below.effect() * 4, above.effect() * 4);
        // Four times the rows, a quarter of the point.
        assertThat(Psi.of(times(reference, 4), times(alternating(9), 4)).pValue())
                .isGreaterThan(0.05);
        assertThat(Psi.of(times(reference, 4), times(alternating(10), 4)).pValue())
                .isLessThan(0.05);
    }

    private static long[] alternating(long by) {
        return IntStream.range(0, 10)
                .mapToLong(i -> i % 2 == 0 ? 100 + by : 100 - by)
                .toArray();
    }

    private static long[] times(long[] counts, long factor) {
        return Arrays.stream(counts).map(v -> v * factor).toArray();
    }

    @Test
    void totalVariation() {
        assertThat(TotalVariation.of(R, C)).isCloseTo(0.06818181818, digits(0.06818181818));
    }

    @Test
    void chiSquareOfFit() {
        assertScore(GoodnessOfFit.chiSquare(doubles(R), C), 3.174603175, 0.6730876007);
        assertScore(GoodnessOfFit.chiSquare(new double[] {1, 1, 1, 1, 1, 1}, R), 2, 0.8491450361);
    }

    @Test
    void likelihoodRatio() {
        assertScore(GTest.of(new long[] {10, 10, 20}, new long[] {20, 20, 20}), 2.768858762, 0.2504666801);
        assertScore(GoodnessOfFit.g(new double[] {5, 5, 8}, new long[] {4, 6, 8}), 0.402710271, 0.8176220134);
    }

    @Test
    void distancesOfCells() {
        assertThat(Hellinger.of(R, C).effect()).isCloseTo(0.06812774371, digits(0.06812774371));
        assertThat(LInfinity.of(R, C).effect()).isCloseTo(0.04545454545, digits(0.04545454545));
        assertThat(LInfinity.of(repeated(R), repeated(C)).effect()).isCloseTo(0.04545454545, digits(0.04545454545));
        assertThat(JensenShannon.inNats(R, C)).isCloseTo(0.06804819618, digits(0.06804819618));
        assertThat(JensenShannon.of(R, C).effect()).isCloseTo(0.08173421331, digits(0.08173421331));
        assertThat(KullbackLeibler.of(R, C).effect()).isCloseTo(0.01890967697, digits(0.01890967697));
        double nats = JensenShannon.inNats(R, C);
        assertThat(8 * nats * nats).isCloseTo(0.03704445602, digits(0.03704445602));
    }

    @Test
    void distancesOfDocumentedExamples() {
        assertThat(JensenShannon.of(new long[] {1, 0, 0}, new long[] {0, 1, 0}).effect())
                .isEqualTo(1);
        assertThat(JensenShannon.inNats(new long[] {2, 0}, new long[] {1, 1}))
                .isCloseTo(0.464501404, digits(0.464501404));
        double nats = KullbackLeibler.of(new long[] {5, 5}, new long[] {9, 1}).effect();
        assertThat(nats).isCloseTo(0.5108256238, digits(0.5108256238));
        assertThat(nats / Math.log(2)).isCloseTo(0.7369655942, digits(0.7369655942));
    }

    @Test
    void wasserstein() {
        assertThat(Wasserstein.of(new double[] {0, 1, 3}, new double[] {5, 6, 8})
                        .effect())
                .isEqualTo(5);
        assertThat(Wasserstein.of(new double[] {0, 1}, new double[] {3, 1}, new double[] {0, 1}, new double[] {2, 2})
                        .effect())
                .isCloseTo(0.25, within(1e-15));
        assertThat(Wasserstein.of(A8, B8).effect()).isCloseTo(4.1625, digits(4.1625));
        assertThat(Wasserstein.ofScaled(A8, B8).effect()).isCloseTo(0.7812361058, digits(0.7812361058));
        assertThat(Wasserstein.ofScaled(Q, Q_SQUARED).effect()).isCloseTo(0.5773499805, digits(0.5773499805));
    }

    @Test
    void energyDistance() {
        assertThat(EnergyDistance.of(new double[] {0}, new double[] {2}).effect())
                .isCloseTo(2, within(1e-15));
        assertThat(EnergyDistance.of(new double[] {0, 8}, new double[] {3, 1}, new double[] {0, 8}, new double[] {2, 2})
                        .effect())
                .isCloseTo(1, within(1e-15));
        assertThat(EnergyDistance.of(
                                new double[] {0.7, 7.4, 2.4, 6.8},
                                new double[] {2.1, 4.2, 7.4, 8},
                                new double[] {1.4, 8},
                                new double[] {7.6, 8.8})
                        .effect())
                .isCloseTo(0.8800334098, digits(0.8800334098));
    }

    @Test
    void andersonAndDarling() {
        assertScore(AndersonDarling.interpolated(A8, B8), 1.718309674, 0.06351467729);
        // The limit law agrees with the table of Scholz and Stephens to two digits.
        assertThat(AndersonDarling.of(A8, B8).pValue()).isCloseTo(0.0635, within(0.001));
    }

    /** Upper points of the one-sample limit laws as tabulated by Marsaglia and Marsaglia (2004) and by Csörgő and Faraway (1996). */
    @Test
    void limitLaws() {
        assertThat(LimitLaw.andersonDarling(1.933)).isCloseTo(0.10, within(2e-4));
        assertThat(LimitLaw.andersonDarling(2.492)).isCloseTo(0.05, within(1e-4));
        assertThat(LimitLaw.andersonDarling(3.8781)).isCloseTo(0.01, within(1e-6));
        assertThat(LimitLaw.andersonDarling(0.02)).isCloseTo(1, within(1e-12));
        assertThat(LimitLaw.cramerVonMises(0.34730)).isCloseTo(0.10, within(1e-5));
        assertThat(LimitLaw.cramerVonMises(0.46136)).isCloseTo(0.05, within(1e-5));
        assertThat(LimitLaw.cramerVonMises(0.74346)).isCloseTo(0.01, within(1e-5));
        assertThat(LimitLaw.cramerVonMises(0.003)).isCloseTo(1, within(1e-12));
    }

    @Test
    void eppsAndSingleton() {
        assertScore(EppsSingleton.of(repeated(R), repeated(C)), 1.593150225, 0.8100227257);
    }

    @Test
    void mannAndWhitney() {
        assertScore(MannWhitney.less(repeated(R), repeated(C)), 3856, 0.4814330306);
        assertScore(MannWhitney.of(A8, B8), 49, 0.08298368298);
    }

    /** With a bin for every value, bins lose nothing. */
    @Test
    void mannAndWhitneyOfBins() {
        DriftScore samples = MannWhitney.of(repeated(R), repeated(C));
        DriftScore bins = MannWhitney.of(R, C);
        assertScore(bins, samples.statistic(), samples.pValue());
        assertThat(bins.effect()).isCloseTo(Math.abs(2 * 3856 / 88.0 / 88 - 1), within(1e-12));
    }

    @Test
    void meansOfSamples() {
        assertScore(StudentT.of(A8, B8), 1.85945234, 0.08410572024);
        assertScore(Welch.of(A8, B8), 1.85945234, 0.09512056472);
    }

    @Test
    void fishersExactTest() {
        assertThat(Fisher.of(30, 60, 45, 45).pValue()).isCloseTo(0.03397227432, digits(0.03397227432));
        assertThat(Fisher.of(0, 6, 3, 3).pValue()).isCloseTo(0.1818181818, digits(0.1818181818));
        assertThat(Fisher.of(6, 0, 0, 6).pValue()).isCloseTo(0.002164502165, digits(0.002164502165));
        assertThat(Fisher.of(30, 60, 45, 45).effect()).isCloseTo(1 / 6.0, within(1e-15));
    }

    @Test
    void twoProportions() {
        DriftScore found = TwoProportions.of(10_000, 10_000, 10_100, 9_900);
        assertThat(found.statistic() * found.statistic())
                .isCloseTo(
                        ChiSquareHomogeneity.of(new long[] {10_000, 10_000}, new long[] {10_100, 9_900})
                                .statistic(),
                        within(1e-9));
        assertThat(found.effect()).isCloseTo(0.005, within(1e-15));
    }

    /** Deequ's factor 1.8, and the critical value at alpha. */
    @Test
    void correctedLInfinity() {
        DriftScore plain = LInfinity.of(new long[] {100, 100}, new long[] {190, 10});
        assertThat(plain.effect()).isCloseTo(0.45, within(1e-12));
        assertThat(LInfinity.corrected(plain).effect()).isCloseTo(0.45 - 1.8 * 0.1, within(1e-12));
        assertThat(LInfinity.corrected(plain, 0.05).effect())
                .isCloseTo(0.45 - 0.1 * Math.sqrt(-Math.log(0.025) / 2), within(1e-12));
        assertThat(LInfinity.corrected(LInfinity.of(R, C)).effect()).isZero();
    }

    private static double[] doubles(long[] counts) {
        return Arrays.stream(counts).asDoubleStream().toArray();
    }

    /** Where Apache DataSketches 6.2.0 and 7.0.1 answer 0.667, 0.60 (and reject) and 0.171 (and reject). */
    @Test
    void tiesAndSmallSamplesThatASketchOfQuantilesGetsWrong() {
        assertThat(KolmogorovSmirnov.of(new double[] {1, 2, 3}, new double[] {4, 5, 6})
                        .effect())
                .isEqualTo(1);
        // Its threshold at a million rows a side is 0.104 whatever the rows; a shift of a fifth of a deviation is 0.08.
        DriftScore shifted = KolmogorovSmirnov.ofBins(new long[] {500_000, 500_000}, new long[] {420_000, 580_000});
        assertThat(shifted.effect()).isCloseTo(0.08, within(1e-12));
        assertThat(shifted.pValue()).isLessThan(1e-300);
        DriftScore constants = KolmogorovSmirnov.of(new double[100], new double[1000]);
        assertThat(constants.effect()).isZero();
        assertThat(constants.pValue()).isEqualTo(1);
        DriftScore bits = KolmogorovSmirnov.ofBins(new long[] {103, 97}, new long[] {2440, 2560});
        assertThat(bits.effect()).isCloseTo(0.027, within(1e-12));
        assertThat(bits.pValue()).isGreaterThan(0.4);
    }

    @Test
    void tablesWithZeros() {
        assertThat(ChiSquareHomogeneity.of(new long[] {0, 0}, new long[] {1, 2}).statistic())
                .isNaN();
        assertThat(GTest.of(new long[] {3, 0, 5}, new long[] {3, 0, 5}).pValue())
                .isEqualTo(1);
        assertThat(GoodnessOfFit.chiSquare(new double[] {10, 0}, new long[] {10, 1}))
                .isEqualTo(DriftScore.test(Double.POSITIVE_INFINITY, 0, 1 / 11.0, 0, 11));
    }

    @Test
    void missingRatesByFishersExactTest() {
        assertScore(MissingRate.of(30, 60, 45, 45), 0.5 - 1 / 3.0, 0.03397227432);
        assertScore(MissingRate.of(0, 6, 3, 3), 0.5, 0.1818181818);
        assertScore(MissingRate.of(6, 0, 0, 6), 1, 0.002164502165);
    }

    @Test
    void missingRatesOfManyRowsByChiSquare() {
        DriftScore found = MissingRate.of(10_000, 10_000, 10_100, 9_900);

        // The square of the pooled z of two proportions.
        double pooled = 20_100 / 40_000.0;
        double z = 0.005 / Math.sqrt(pooled * (1 - pooled) * 2 / 20_000);
        assertThat(found.effect()).isCloseTo(0.005, within(1e-12));
        assertThat(found.pValue())
                .isCloseTo(
                        ChiSquareHomogeneity.of(new long[] {10_000, 10_000}, new long[] {10_100, 9_900})
                                .pValue(),
                        within(1e-15));
        assertThat(ChiSquareHomogeneity.of(new long[] {10_000, 10_000}, new long[] {10_100, 9_900})
                        .statistic())
                .isCloseTo(z * z, within(1e-9));
    }

    /** A small window beside a large reference: there the chi-square law says 1e-6 of what happens once in a hundred times. */
    @Test
    void missingRatesOfSmallWindowsByFishersExactTest() {
        assertScore(MissingRate.of(500, 99_500, 2, 28), 2 / 30.0 - 0.005, 0.009963472025);
        assertScore(MissingRate.of(3_000, 97_000, 5, 45), 0.07, 0.01685937412);
        assertScore(MissingRate.of(0, 1_000_000, 1, 29), 1 / 30.0, 2.999910003e-05);
    }

    @Test
    void unchangedMissingRatesOfSmallWindowsAreNotMoreSignificantThanTheyAreRare() {
        for (int n : new int[] {30, 100, 1_000}) {
            for (double share : new double[] {0.001, 0.005, 0.02, 0.05}) {
                long missing = Math.round(100_000 * share);
                BinomialDistribution window = BinomialDistribution.of(n, share);
                for (double alpha : new double[] {0.05, 0.005, 0.0005}) {
                    double alarms = IntStream.rangeClosed(0, n)
                            .filter(k -> MissingRate.of(missing, 100_000 - missing, k, n - k)
                                            .pValue()
                                    <= alpha)
                            .mapToDouble(window::probability)
                            .sum();
                    assertThat(alarms).as("n %s, share %s", n, share).isLessThanOrEqualTo(1.05 * alpha);
                }
            }
        }
    }

    /** The example of R's help on p.adjust, and its adjustment by hand. */
    @Test
    void benjaminiAndHochberg() {
        assertThat(BenjaminiHochberg.adjust(0.01, 0.02, 0.03, 0.04, 0.05))
                .containsExactly(new double[] {0.05, 0.05, 0.05, 0.05, 0.05}, within(1e-15));
        assertThat(BenjaminiHochberg.adjust(0.5, 0.001, 0.2, 0.04))
                .containsExactly(new double[] {0.5, 0.004, 0.2 * 4 / 3, 0.08}, within(1e-15));
        assertThat(BenjaminiHochberg.adjust(Double.NaN, 0.02, 1)).containsExactly(Double.NaN, 0.04, 1);
        assertThat(BenjaminiHochberg.adjust()).isEmpty();
    }
}
