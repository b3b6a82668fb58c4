package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.monitoring.detector.ChangeDetector.State;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeDetectorTest {
    static Stream<String> names() {
        return Detectors.all().keySet().stream();
    }

    static Stream<String> namesForNumbers() {
        return names().filter(Detectors::takesNumbers);
    }

    static Stream<String> namesForErrors() {
        return names().filter(name -> !Detectors.takesNumbers(name));
    }

    private static void feed(ChangeDetector detector, int n, long seed) {
        Streams.Lcg r = new Streams.Lcg(seed);
        for (int i = 0; i < n; i++) {
            detector.update(r.uniform() < (i < n / 2 ? 0.2 : 0.7) ? 1 : 0);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void isStableAndEmptyAtFirst(String name) {
        ChangeDetector detector = Detectors.parse(name);

        assertThat(detector.state()).isEqualTo(State.STABLE);
        assertThat(detector.count()).isZero();
        assertThat(detector.drifts()).isZero();
    }

    @ParameterizedTest
    @MethodSource("names")
    void refusesWhatIsNotANumberAndGoesOnAsIfItHadNotCome(String name) {
        ChangeDetector hit = Detectors.parse(name);
        ChangeDetector spared = Detectors.parse(name);
        for (int i = 0; i < 300; i++) {
            double x = i % 3 == 0 ? 1 : 0;
            assertThat(hit.update(x)).isEqualTo(spared.update(x));
            for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                assertThatThrownBy(() -> hit.update(bad))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining(Double.isNaN(bad) ? "NaN" : "infinite")
                        .hasMessageContaining("value " + (i + 2))
                        .hasMessageContaining("The detector is unchanged");
            }
            assertThat(hit.toBytes()).isEqualTo(spared.toBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("namesForErrors")
    void detectorsOfErrorsRefuseOtherNumbersWithoutTellingThem(String name) {
        ChangeDetector detector = Detectors.parse(name);
        feed(detector, 100, 1);
        byte[] before = detector.toBytes();

        for (double bad : new double[] {-1, 2, 1.0000000000000002, -Double.MIN_VALUE, 1e308, 77.25}) {
            assertThatThrownBy(() -> detector.update(bad))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("expected 0")
                    .hasMessageNotContaining("77.25");
        }
        assertThat(detector.toBytes()).isEqualTo(before);
        boolean shares = name.startsWith("hddm");
        if (shares) {
            detector.update(0.5);
        } else {
            assertThatThrownBy(() -> detector.update(0.5)).isInstanceOf(InvalidInputException.class);
        }
        detector.update(-0.0);
        assertThat(detector.count()).isEqualTo(shares ? 102 : 101);
    }

    @ParameterizedTest
    @MethodSource("namesForNumbers")
    void hugeNumbersAreRefusedOrTakenButPoisonNothing(String name) {
        ChangeDetector detector = Detectors.parse(name);
        for (int i = 0; i < 2000; i++) {
            double x = i % 2 == 0 ? 1e140 : -1e140;
            detector.update(x);
        }
        if (!name.startsWith("kswin")) {
            assertThatThrownBy(() -> detector.update(1e308))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("magnitude up to 1.0E140");
        }
        assertThat(ChangeDetector.parse(detector.toBytes()).toBytes()).isEqualTo(detector.toBytes());
        // Whatever it thinks of those, it finds a change afterwards.
        detector.reset();
        for (int i = 0; i < 1000; i++) {
            detector.update(i % 2);
        }
        long before = detector.drifts();
        int step = name.contains("down") ? -100 : 100;
        for (int i = 0; i < 1000; i++) {
            detector.update(i % 2 + step);
        }
        assertThat(detector.drifts()).isGreaterThan(before);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aConstantStreamNeverDrifts(String name) {
        double[] constants = Detectors.takesNumbers(name)
                ? new double[] {0, 1, -1, 0.1, 1e140, -1e140, 1e-300, Double.MIN_VALUE, 1.0 / 3}
                : new double[] {0, 1};
        for (double constant : constants) {
            ChangeDetector detector = Detectors.parse(name);
            for (int i = 0; i < 5000; i++) {
                assertThat(detector.update(constant))
                        .as("%s at %s", constant, i)
                        .isEqualTo(State.STABLE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adwin", "kswin", "page-hinkley", "ddm", "hddm-a", "hddm-w", "stepd"})
    void anAlternatingStreamIsStable(String name) {
        ChangeDetector detector = Detectors.parse(name);
        for (int i = 0; i < 20_000; i++) {
            detector.update(i % 2);
        }
        assertThat(detector.drifts()).isZero();
    }

    @ParameterizedTest
    @MethodSource("names")
    void countsOnAcrossADriftAndForgetsOnReset(String name) {
        ChangeDetector detector = Detectors.parse(name);
        byte[] fresh = detector.toBytes();
        long seen = 0;
        Streams.Lcg r = new Streams.Lcg(3);
        long drifts = 0;
        for (int i = 0; i < 6000; i++) {
            double rate = i / 1000 % 2 == 0 ? 0.1 : 0.8;
            State state = detector.update(r.uniform() < rate ? 1 : 0);
            seen++;
            drifts += state == State.DRIFT ? 1 : 0;
            assertThat(detector.state()).isEqualTo(state);
        }
        assertThat(detector.count()).isEqualTo(seen);
        assertThat(detector.drifts()).isEqualTo(drifts).isPositive();

        detector.reset();

        assertThat(detector.toBytes()).isEqualTo(fresh);
        assertThat(detector).hasToString(Detectors.parse(name).toString());
    }

    @Test
    void tellsWhatItIs() {
        Adwin adwin = Adwin.builder().delta(0.01).build();
        adwin.update(3);

        assertThat(adwin)
                .hasToString("Adwin[delta 0.01, clock 32, maxBuckets 5, minWindow 5, gracePeriod 10: STABLE after 1"
                        + " values, 0 drifts]");
    }

    @Test
    void adwinKeepsMeanAndVarianceOfItsWindow() {
        Adwin adwin = Adwin.ofDefaults();
        assertThat(adwin.mean()).isZero();
        assertThat(adwin.variance()).isZero();
        Streams.Lcg r = new Streams.Lcg(5);
        double sum = 0;
        double squares = 0;
        int n = 100_000;
        for (int i = 0; i < n; i++) {
            double x = r.normal();
            assertThat(adwin.update(x)).isEqualTo(State.STABLE);
            sum += x;
            squares += x * x;
        }
        assertThat(adwin.width()).isEqualTo(n);
        assertThat(adwin.mean()).isCloseTo(sum / n, within(1e-9));
        assertThat(adwin.variance()).isCloseTo(squares / n - sum / n * sum / n, within(1e-9));

        State state = State.STABLE;
        for (int i = 0; i < 1000 && state != State.DRIFT; i++) {
            state = adwin.update(r.normal() + 4);
        }

        // What is left is new.
        assertThat(state).isEqualTo(State.DRIFT);
        assertThat(adwin.width()).isLessThan(1000);
        assertThat(adwin.mean()).isCloseTo(4, within(1.0));
        adwin.update(4);
        assertThat(adwin.width()).isOne();
    }

    @Test
    void theOtherEstimatesAreThoseOfTheStream() {
        Ddm ddm = Ddm.ofDefaults();
        HddmA hddmA = HddmA.ofDefaults();
        HddmW hddmW = HddmW.ofDefaults();
        Stepd stepd = Stepd.ofDefaults();
        Eddm eddm = Eddm.ofDefaults();
        PageHinkley pageHinkley = PageHinkley.ofDefaults();
        Cusum cusum = Cusum.ofDefaults();
        for (int i = 0; i < 40; i++) {
            double x = i % 4 == 3 ? 1 : 0;
            ddm.update(x);
            hddmA.update(x);
            hddmW.update(x);
            stepd.update(x);
            eddm.update(x);
            pageHinkley.update(10 + x);
            cusum.update(10 + x);
        }
        assertThat(ddm.errorRate()).isCloseTo(0.25, within(1e-12));
        assertThat(hddmA.mean()).isCloseTo(0.25, within(1e-12));
        assertThat(hddmW.mean()).isBetween(0.2, 0.3);
        assertThat(stepd.errorRate()).isEqualTo(0.25);
        assertThat(stepd.recentErrorRate()).isEqualTo(8.0 / 30);
        assertThat(stepd.pValue()).isEqualTo(0.5);
        assertThat(eddm.meanDistance()).isCloseTo(4, within(1e-12));
        assertThat(pageHinkley.mean()).isCloseTo(10.25, within(1e-12));
        assertThat(cusum.mean()).as("of the first 30").isCloseTo(10 + 7.0 / 30, within(1e-12));
        assertThat(cusum.standardDeviation()).isCloseTo(Math.sqrt(7 * 23 / 30.0 / 29), within(1e-12));
    }

    @Test
    void stepdIsSilentWhereFrourosAlarmsAfterOneOldError() {
        Stepd stepd = Stepd.ofDefaults();
        for (int i = 0; i < 20_000; i++) {
            assertThat(stepd.update(i == 5 ? 1 : 0)).as("at %s", i).isEqualTo(State.STABLE);
        }
    }

    @Test
    void aDirectionHidesTheOther() {
        for (String kind : new String[] {"hddm-a", "hddm-w", "stepd", "page-hinkley threshold=5", "cusum"}) {
            String join = kind + " direction=";
            for (String direction : new String[] {"up", "down", "both"}) {
                // A learnt mean is off by chance, so that CUSUM would find small changes that are none.
                ChangeDetector rises = Detectors.parse(join + direction);
                ChangeDetector falls = Detectors.parse(join + direction);
                for (int i = 0; i < 600; i++) {
                    rises.update(i < 300 ? i % 10 == 0 ? 1 : 0 : 1);
                    falls.update(i < 300 ? i % 10 == 0 ? 0 : 1 : 0);
                }
                assertThat(rises.drifts() > 0).as("%s%s, up", join, direction).isEqualTo(!direction.equals("down"));
                assertThat(falls.drifts() > 0).as("%s%s, down", join, direction).isEqualTo(!direction.equals("up"));
            }
        }
    }

    static Stream<Supplier<?>> wrong() {
        return Stream.of(
                () -> Adwin.builder().delta(0).build(),
                () -> Adwin.builder().delta(1).build(),
                () -> Adwin.builder().delta(Double.NaN).build(),
                () -> Adwin.builder().clock(0).build(),
                () -> Adwin.builder().maxBuckets(1).build(),
                () -> Adwin.builder().maxBuckets(1001).build(),
                () -> Adwin.builder().minWindow(0).build(),
                () -> Adwin.builder().gracePeriod(-1).build(),
                () -> Cusum.builder().minInstances(1).build(),
                () -> Cusum.builder().slack(-0.1).build(),
                () -> Cusum.builder().threshold(0).build(),
                () -> Ddm.builder().warmUp(0).build(),
                () -> Ddm.builder().warningThreshold(4).build(),
                () -> Ddm.builder().driftThreshold(Double.POSITIVE_INFINITY).build(),
                () -> Eddm.builder().warmUp(0).build(),
                () -> Eddm.builder().alpha(1.1).build(),
                () -> Eddm.builder().alpha(0.8).build(),
                () -> Eddm.builder().beta(0).build(),
                () -> HddmA.builder().driftConfidence(0.01).build(),
                () -> HddmA.builder().warningConfidence(1).build(),
                () -> HddmW.builder().driftConfidence(0).build(),
                () -> HddmW.builder().lambda(1).build(),
                () -> Kswin.builder().alpha(0).build(),
                () -> Kswin.builder().statSize(1).build(),
                () -> Kswin.builder().windowSize(100_001).build(),
                () -> PageHinkley.builder().minInstances(0).build(),
                () -> PageHinkley.builder().delta(-1).build(),
                () -> PageHinkley.builder().threshold(Double.NaN).build(),
                () -> PageHinkley.builder().alpha(0).build(),
                () -> PageHinkley.builder().alpha(1.01).build(),
                () -> Stepd.builder().windowSize(1).build(),
                () -> Stepd.builder().driftLevel(0.1).build(),
                () -> Stepd.builder().warningLevel(0.6).build());
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongOptionIsNamedWithWhatWasFoundAndIsExpected(Supplier<?> build) {
        assertThatIllegalArgumentException()
                .isThrownBy(build::get)
                .withMessageMatching("(?s)[a-zA-Z]+ is \\S+.*, expected .+");
    }
}
