package io.jvmlops.monitoring.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.monitoring.Monitor;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.test.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MonitorMetersTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP64, -1)), List.of(TensorSpec.of("x", DataType.FP64, -1)));

    private final ManualClock clock = new ManualClock(Instant.EPOCH);
    private final Monitor monitor = Monitor.builder(ReferenceProfile.builder(SIGNATURE)
                    .add(ramp(100, 0), ramp(100, 0))
                    .build())
            .name("iris")
            .clock(clock)
            .build();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    MonitorMetersTest() {
        new MonitorMeters(monitor, Duration.ofMinutes(1), clock).bindTo(registry);
    }

    private static Tensors ramp(int rows, double from) {
        return Tensors.of(
                "x",
                Tensor.transfer(
                        IntStream.range(0, rows).mapToDouble(i -> i + from).toArray(), rows));
    }

    private void predict(Tensors inputs, Tensors outputs) {
        monitor.onPrediction(new PredictionEvent(
                "e", "m", 1, Digest.of(new byte[0]), SIGNATURE, inputs, outputs, Instant.EPOCH, 1, null, 0));
    }

    private double effect(String kind) {
        return registry.get("mlops.drift.effect")
                .tags("model", "iris", "column", "x", "kind", kind)
                .gauge()
                .value();
    }

    private double drifting() {
        return registry.get("mlops.drift.columns").tag("model", "iris").gauge().value();
    }

    @Test
    void showsEffectsAndColumnsThatDrift() {
        predict(ramp(100, 0), ramp(100, 50));

        assertThat(effect("input")).isZero();
        assertThat(effect("output")).isCloseTo(0.5, within(1e-12));
        assertThat(drifting()).isEqualTo(1);
    }

    @Test
    void thereIsNoEffectOfTooFewRows() {
        assertThat(effect("input")).isNaN();
        assertThat(drifting()).isZero();
    }

    @Test
    void aReportIsMadeAtMostOnceAnInterval() {
        assertThat(drifting()).isZero();
        predict(ramp(100, 50), ramp(100, 50));

        clock.advance(Duration.ofSeconds(59));
        assertThat(drifting()).isZero();
        assertThat(effect("input")).isNaN();

        clock.advance(Duration.ofSeconds(1));
        assertThat(drifting()).isEqualTo(2);
    }

    @Test
    void aClockThatGoesBackDoesNotFreezeTheGauges() {
        assertThat(drifting()).isZero();
        predict(ramp(100, 50), ramp(100, 0));

        clock.advance(Duration.ofDays(-1));

        assertThat(drifting()).isEqualTo(1);
    }

    @Test
    void countsRowsAndIgnoredEventsOverAllWindows() {
        predict(ramp(3, 0), ramp(3, 0));
        monitor.reset();
        predict(ramp(4, 0), ramp(4, 0));
        predict(Tensors.of("y", Tensor.copyOf(new float[1], 1)), ramp(1, 0));

        assertThat(registry.get("mlops.monitor.rows")
                        .tag("model", "iris")
                        .functionCounter()
                        .count())
                .isEqualTo(7);
        assertThat(registry.get("mlops.monitor.ignored")
                        .tag("model", "iris")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }
}
