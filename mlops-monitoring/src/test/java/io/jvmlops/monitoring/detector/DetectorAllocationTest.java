package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DetectorAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Stream<String> names() {
        return Detectors.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void anUpdateAllocatesNothing(String name) {
        ChangeDetector detector = Detectors.parse(name);
        double[] values = new double[4096];
        Streams.Lcg r = new Streams.Lcg(9);
        for (int i = 0; i < values.length; i++) {
            values[i] = r.uniform() < (i < 2048 ? 0.2 : 0.5) ? 1 : 0;
        }
        long least = Long.MAX_VALUE;
        long drifts = 0;
        for (int round = 0; round < 20; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long driftsBefore = detector.drifts();
            for (double value : values) {
                detector.update(value);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (round > 0) {
                least = Math.min(least, allocated);
                drifts += detector.drifts() - driftsBefore;
            }
        }
        // Drifts, and so new starts, were among it.
        assertThat(drifts).isPositive();
        assertThat(least).isZero();
    }
}
