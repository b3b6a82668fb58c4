package io.jvmlops.benchmarks.monitor;

import io.jvmlops.monitoring.detector.ChangeDetector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One update; run by {@link DetectorStudy}, which sets the detector. */
@State(Scope.Benchmark)
public class DetectorBenchmark {
    private static final int VALUES = 1_000_000;

    @Param("adwin")
    public String detector = "";

    private double[] values = {};
    private int next;

    @SuppressWarnings("NullAway.Init") // by setUp
    private ChangeDetector opened;

    @Setup
    public void setUp() {
        DetectorKind kind = DetectorKind.of(detector);
        values = kind.stream(VALUES);
        opened = kind.open();
    }

    /** A new detector after each million values, as the peer has it: the window of ADWIN is no longer. */
    @Benchmark
    public ChangeDetector.State update() {
        int at = next;
        if (at == VALUES) {
            opened.reset();
            at = 0;
        }
        next = at + 1;
        return opened.update(values[at]);
    }
}
