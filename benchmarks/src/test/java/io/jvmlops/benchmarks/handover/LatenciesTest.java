package io.jvmlops.benchmarks.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenciesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 100, 2_500, 100_000, 1L << 40})
    void quantilesAreNear(long scale) {
        Latencies latencies = new Latencies();
        for (long i = 1; i <= 1_000; i++) {
            latencies.add(i * scale);
        }
        assertThat(latencies.total()).isEqualTo(1_000);
        for (double part : new double[] {0.1, 0.5, 0.99}) {
            assertThat(latencies.quantile(part)).isCloseTo(part * 1_000 * scale, withinPercentage(1));
        }
    }

    @Test
    void ofNothingThereIsNone() {
        assertThatThrownBy(() -> new Latencies().quantile(0.5)).isInstanceOf(IllegalStateException.class);
    }
}
