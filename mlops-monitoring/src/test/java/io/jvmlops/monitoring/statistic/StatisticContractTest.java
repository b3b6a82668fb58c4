package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.test.monitoring.DriftStatisticContract;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StatisticContractTest {
    @Nested
    class PsiTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new Psi();
        }

        /** Half a row: 0.005 of 100 rows against 0.1. */
        @Test
        void anEmptyCellIsHalfARow() {
            double expected = 0.095 * Math.log(20) + 0.1 * Math.log(1 / 0.9);

            assertThat(Psi.of(new long[] {90, 10}, new long[] {100, 0}).effect())
                    .isCloseTo(expected, within(1e-12));
        }

        @Test
        void oneRowInANewCellMattersLessTheMoreRowsThereAre() {
            double few = Psi.of(new long[] {50, 0}, new long[] {49, 1}).effect();
            double many = Psi.of(new long[] {5000, 0}, new long[] {4999, 1}).effect();

            assertThat(few).isLessThan(0.01);
            assertThat(many).isLessThan(few / 50);
        }
    }

    @Nested
    class KolmogorovSmirnovTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new KolmogorovSmirnov();
        }

        @Test
        void samplesWithOddValuesAreCompared() {
            double inf = Double.POSITIVE_INFINITY;
            assertThat(KolmogorovSmirnov.of(new double[] {Double.NaN, 1, 2}, new double[] {1, 2, Double.NaN}))
                    .isEqualTo(DriftScore.test(0, 1, 0, 2, 2));
            assertThat(KolmogorovSmirnov.of(new double[] {-inf, inf}, new double[] {-inf, inf})
                            .effect())
                    .isZero();
            assertThat(KolmogorovSmirnov.of(new double[] {-inf, 0, inf}, new double[] {inf, inf, inf})
                            .effect())
                    .isEqualTo(2 / 3.0);
            assertThat(KolmogorovSmirnov.of(new double[] {1e308}, new double[] {-1e308})
                            .effect())
                    .isEqualTo(1);
            assertThat(KolmogorovSmirnov.of(new double[] {-0.0}, new double[] {0.0})
                            .effect())
                    .isZero();
            assertThat(KolmogorovSmirnov.of(new double[] {}, new double[] {1})).isEqualTo(DriftScore.nothing(0, 1));
            assertThat(KolmogorovSmirnov.of(new double[] {Double.NaN}, new double[] {1}))
                    .isEqualTo(DriftScore.nothing(0, 1));
        }

        @Test
        void constantColumnsAreEqual() {
            double[] constant = new double[1000];
            assertThat(KolmogorovSmirnov.of(Arrays.copyOf(constant, 100), constant))
                    .isEqualTo(DriftScore.test(0, 1, 0, 100, 1000));
        }

        /** Fewer edges never make a change look larger or more certain. */
        @Test
        void binsAreConservative() {
            long[] fineReference = {10, 10, 10, 10, 10, 10, 10, 10};
            long[] fine = {4, 6, 4, 6, 15, 15, 15, 15};
            DriftScore all = KolmogorovSmirnov.ofBins(fineReference, fine);
            DriftScore coarse = KolmogorovSmirnov.ofBins(new long[] {30, 50}, new long[] {14, 66});

            assertThat(coarse.effect()).isLessThan(all.effect());
            assertThat(coarse.pValue()).isGreaterThan(all.pValue());
        }
    }

    @Nested
    class ChiSquareHomogeneityTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new ChiSquareHomogeneity();
        }
    }

    @Nested
    class TotalVariationTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new TotalVariation();
        }
    }

    @Nested
    class CorrectedTotalVariationTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new CorrectedTotalVariation();
        }
    }

    @Nested
    class MissingRateTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new MissingRate();
        }

        @Override
        protected Sight sees() {
            return Sight.MISSING;
        }
    }

    @Nested
    class JensenShannonTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new JensenShannon();
        }
    }

    @Nested
    class HellingerTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new Hellinger();
        }
    }

    @Nested
    class KullbackLeiblerTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new KullbackLeibler();
        }
    }

    @Nested
    class LInfinityTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new LInfinity();
        }
    }

    @Nested
    class LikelihoodRatioTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new GTest();
        }
    }

    @Nested
    class FisherTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new Fisher();
        }
    }

    @Nested
    class TwoProportionsTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new TwoProportions();
        }
    }

    @Nested
    class WassersteinTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new Wasserstein();
        }
    }

    @Nested
    class ScaledWassersteinTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return Wasserstein.scaled();
        }
    }

    @Nested
    class EnergyDistanceTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new EnergyDistance();
        }
    }

    @Nested
    class MannWhitneyTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new MannWhitney();
        }
    }

    @Nested
    class AndersonDarlingTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new AndersonDarling();
        }
    }

    @Nested
    class CramerVonMisesTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new CramerVonMises();
        }
    }

    @Nested
    class StudentTTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new StudentT();
        }
    }

    @Nested
    class WelchTest extends DriftStatisticContract {
        @Override
        protected DriftStatistic statistic() {
            return new Welch();
        }
    }
}
