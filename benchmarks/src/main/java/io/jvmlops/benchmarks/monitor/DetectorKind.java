package io.jvmlops.benchmarks.monitor;

import io.jvmlops.monitoring.detector.Adwin;
import io.jvmlops.monitoring.detector.ChangeDetector;
import io.jvmlops.monitoring.detector.Cusum;
import io.jvmlops.monitoring.detector.Ddm;
import io.jvmlops.monitoring.detector.Eddm;
import io.jvmlops.monitoring.detector.HddmA;
import io.jvmlops.monitoring.detector.HddmW;
import io.jvmlops.monitoring.detector.Kswin;
import io.jvmlops.monitoring.detector.PageHinkley;
import io.jvmlops.monitoring.detector.Stepd;
import java.util.Locale;
import java.util.function.Supplier;

/** The detectors at their defaults, and how many values River gets: as many as take a second or so. */
enum DetectorKind {
    ADWIN(1_000_000, false),
    PAGE_HINKLEY(200_000, false),
    KSWIN(2_000, false),
    DDM(200_000, true),
    EDDM(200_000, true),
    HDDM_A(100_000, true),
    HDDM_W(50_000, true),
    /** River 0.26.1 has neither of these two. */
    CUSUM(0, false),
    STEPD(0, true);

    private final int riverValues;
    private final boolean errors;

    DetectorKind(int riverValues, boolean errors) {
        this.riverValues = riverValues;
        this.errors = errors;
    }

    int riverValues() {
        return riverValues;
    }

    ChangeDetector open() {
        Supplier<ChangeDetector> maker = switch (this) {
            case ADWIN -> Adwin::ofDefaults;
            case PAGE_HINKLEY -> PageHinkley::ofDefaults;
            case KSWIN -> Kswin::ofDefaults;
            case DDM -> Ddm::ofDefaults;
            case EDDM -> Eddm::ofDefaults;
            case HDDM_A -> HddmA::ofDefaults;
            case HDDM_W -> HddmW::ofDefaults;
            case CUSUM -> Cusum::ofDefaults;
            case STEPD -> Stepd::ofDefaults;
        };
        return maker.get();
    }

    /** The stream of {@code detector_peer.py}: numbers below 1 without a change, or errors of which there are a fifth. */
    double[] stream(int length) {
        double[] values = new double[length];
        long state = 42;
        for (int i = 0; i < length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            double uniform = (state >>> 11) * 0x1p-53;
            values[i] = errors ? (uniform < 0.2 ? 1 : 0) : uniform;
        }
        return values;
    }

    /** For the command line. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static DetectorKind of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
