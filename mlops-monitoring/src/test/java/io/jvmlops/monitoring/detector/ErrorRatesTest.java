package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.monitoring.detector.ErrorRates.Rates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of the documents in small; streams are from fixed seeds, so that nothing here is a matter of luck. */
class ErrorRatesTest {
    private static final int RUNS = 40;

    /** Detector, most false alarms per 10,000, most delay for half a standard deviation and for two. */
    @ParameterizedTest
    @CsvSource({
        "adwin, 0.3, 200, 40",
        "page-hinkley, 12, 150, 40",
        "page-hinkley threshold=200, 0.5, 600, 150",
        "cusum, 40, 100, 10",
        "cusum minInstances=500 threshold=12, 1, 200, 15",
        "kswin, 26, 200, 30",
    })
    void numbersAlarmAboutAsRarelyAndAsSoonAsTheTableSays(String name, double alarms, double half, double two) {
        check(name, true, 0, 0.5, 2, alarms, half, two);
    }

    /** Detector, most false alarms per 10,000, most delay from a rate of 0.1 to 0.2 and to 0.5. */
    @ParameterizedTest
    @CsvSource({
        "hddm-a, 0.3, 800, 60",
        "hddm-w lambda=0.01, 0.3, 1000, 90",
        "ddm, 3, 600, 90",
        "eddm, 35, 200, 60",
        "stepd windowSize=100 driftLevel=0.0001, 3, 300, 60",
        "adwin, 0.3, 700, 80",
    })
    void errorsAlarmAboutAsRarelyAndAsSoonAsTheTableSays(String name, double alarms, double little, double much) {
        check(name, false, 0.1, 0.2, 0.5, alarms, little, much);
    }

    private static void check(
            String name,
            boolean numbers,
            double from,
            double little,
            double much,
            double alarms,
            double late,
            double soon) {
        Rates small = ErrorRates.simulate(() -> Detectors.parse(name), numbers, from, little, RUNS, 10_000);
        Rates large = ErrorRates.simulate(() -> Detectors.parse(name), numbers, from, much, RUNS, 1);

        assertThat(small.falseAlarms()).isLessThanOrEqualTo(alarms);
        assertThat(small.delay()).isLessThanOrEqualTo(late).isGreaterThanOrEqualTo(large.delay());
        // A false alarm right before a change hides it.
        assertThat(large.found()).isGreaterThanOrEqualTo(0.95);
        assertThat(large.delay()).isLessThanOrEqualTo(soon);
    }

    /** What the table is for: the simulation must be able to tell a detector that alarms always from one that never does. */
    @Test
    void theSimulationSeesSensitivity() {
        Rates nervous = ErrorRates.simulate(() -> Cusum.builder().threshold(1).build(), true, 0, 0.5, RUNS, 10_000);
        Rates deaf =
                ErrorRates.simulate(() -> Cusum.builder().threshold(100_000).build(), true, 0, 0.5, RUNS, 10_000);

        assertThat(nervous.falseAlarms()).isGreaterThan(100);
        assertThat(deaf.falseAlarms()).isZero();
        assertThat(deaf.found()).isZero();
        assertThat(deaf.delay()).isNaN();
    }
}
