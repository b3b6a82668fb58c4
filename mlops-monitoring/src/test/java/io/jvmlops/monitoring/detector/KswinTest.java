package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KswinTest {
    /** n * D, by Kswin's counting. */
    static int difference(double[] newest, double[] chosen) {
        double[] sorted = newest.clone();
        Arrays.sort(sorted);
        int[] below = new int[sorted.length + 1];
        int[] upTo = new int[sorted.length + 1];
        for (double x : chosen) {
            below[(int) Arrays.stream(sorted).filter(v -> v < x).count()]++;
            upTo[(int) Arrays.stream(sorted).filter(v -> v <= x).count()]++;
        }
        return Kswin.difference(sorted, below, upTo);
    }

    @Test
    void agreesWithTheTestOfWholeSamplesWhenEveryOlderValueIsChosen() {
        // Of a window twice as long as the newest part, all of the older part is chosen, whatever the random numbers.
        for (int round = 0; round < 40; round++) {
            Streams.Lcg r = new Streams.Lcg(round);
            int n = 20;
            double coarse = round % 2 == 0 ? 0 : 6;
            Kswin kswin =
                    Kswin.builder().windowSize(2 * n).statSize(n).alpha(1e-6).build();
            double[] values = new double[3 * n];
            for (int i = 0; i < values.length; i++) {
                double x = r.uniform() + (i >= 2 * n ? 0.2 : 0);
                values[i] = coarse == 0 ? x : Math.floor(x * coarse);
                kswin.update(values[i]);
                if (i >= 2 * n - 1 && kswin.drifts() == 0) {
                    double[] older = Arrays.copyOfRange(values, i - 2 * n + 1, i - n + 1);
                    double[] newer = Arrays.copyOfRange(values, i - n + 1, i + 1);
                    DriftScore whole = KolmogorovSmirnov.exact(older, newer);
                    assertThat(kswin.statistic()).isCloseTo(whole.statistic(), within(1e-12));
                    if (coarse == 0) {
                        assertThat(kswin.pValue()).isCloseTo(whole.pValue(), within(1e-9));
                    }
                }
            }
        }
    }

    @Test
    void choosesEveryOlderValueEquallyOften() {
        // The newest are all 0.5; of the older ones k are 1, so 30 * D is the number of those that were chosen.
        int w = 100;
        int n = 30;
        double sum = 0;
        int rounds = 4000;
        for (int seed = 0; seed < rounds; seed++) {
            Kswin kswin = Kswin.builder().seed(seed).alpha(1e-12).build();
            for (int i = 0; i < w; i++) {
                kswin.update(i >= w - n ? 0.5 : i % 7 == 3 ? 1 : 0.5);
            }
            sum += kswin.statistic() * n;
        }
        // Hypergeometric: 30 of 70, 10 of them ones: mean 30/7, variance 30/7 * 6/7 * 40/69.
        assertThat(sum / rounds).isCloseTo(30.0 / 7, within(5 * Math.sqrt(30.0 / 7 * 6 / 7 * 40 / 69 / rounds)));
    }

    @Test
    void findsAShiftWithinTheNewestValues() {
        for (int seed = 0; seed < 30; seed++) {
            Streams.Lcg r = new Streams.Lcg(seed);
            Kswin kswin = Kswin.builder().alpha(0.0001).seed(seed).build();
            int found = -1;
            for (int i = 0; i < 1000 && found < 500; i++) {
                if (kswin.update(r.normal() + (i >= 500 ? 3 : 0)) == ChangeDetector.State.DRIFT) {
                    found = i;
                }
            }
            assertThat(found).isBetween(500, 530);
        }
    }

    @Test
    void takesWhateverIsFinite() {
        Kswin kswin = Kswin.ofDefaults();
        for (int i = 0; i < 1000; i++) {
            kswin.update(i % 2 == 0 ? Double.MAX_VALUE : -Double.MAX_VALUE);
        }
        assertThat(kswin.drifts()).isZero();
        for (int i = 0; i < 60; i++) {
            kswin.update(Double.MIN_VALUE);
        }
        assertThat(kswin.drifts()).isOne();
    }

    @Test
    void refusesOptionsThatAllowNoDrift() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kswin.builder().statSize(4).windowSize(8).build())
                .withMessageContaining("statSize is 4")
                .withMessageContaining("alpha 0.005");
        assertThat(Kswin.builder().statSize(5).alpha(0.008).windowSize(10).build())
                .isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kswin.builder().windowSize(59).build())
                .withMessageContaining("windowSize is 59 and statSize 30");
    }

    @Test
    void pValuesFallWithTheDifference() {
        for (int n : new int[] {2, 3, 30, 1000, 10_000}) {
            double last = 1;
            for (int k = 0; k <= n; k += Math.max(1, n / 50)) {
                double p = EqualSizes.pValue(n, k);
                assertThat(p).isBetween(0.0, last + 1e-12);
                last = p;
            }
        }
        // 2 / C(60, 30)
        assertThat(EqualSizes.pValue(30, 30)).isCloseTo(2 / 118264581564861424.0, within(1e-30));
        assertThat(EqualSizes.critical(30, 0.005)).isEqualTo(14);
        assertThat(EqualSizes.pValue(30, 14)).isLessThanOrEqualTo(0.005);
        assertThat(EqualSizes.pValue(30, 13)).isGreaterThan(0.005);
    }
}
