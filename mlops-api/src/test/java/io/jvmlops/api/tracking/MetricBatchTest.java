package io.jvmlops.api.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricBatchTest {
    @Test
    void pointsBecomeColumnsAndPointsAgain() {
        List<MetricPoint> points = List.of(
                new MetricPoint("b", 1, 10, 0.5), new MetricPoint("a", 2, 20, -0.0), new MetricPoint("b", 3, 30, 1));
        MetricBatch batch = MetricBatch.of("run", points);
        assertThat(batch.points()).isEqualTo(points);
        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.keys()).containsExactly("b", "a");
        assertThat(batch.keyIndexAt(2)).isZero();
        assertThat(batch.stepAt(1)).isEqualTo(2);
        assertThat(batch.timestampMillisAt(1)).isEqualTo(20);
        assertThat(batch.valueAt(0)).isEqualTo(0.5);
    }

    @Test
    void columnsMayBeLongerThanTheBatch() {
        MetricBatch batch = MetricBatch.transfer(
                "run", List.of("a"), new int[4], new long[] {7, 8, 9, 9}, new long[4], new double[5], 2);
        assertThat(batch.points()).extracting(MetricPoint::step).containsExactly(7L, 8L);
        assertThatThrownBy(() -> batch.stepAt(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("point 2 of 2");
        assertThatThrownBy(() -> batch.points().get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void columnsMayNotBeShorterThanTheBatch() {
        assertThatThrownBy(() -> MetricBatch.transfer(
                        "run", List.of("a"), new int[4], new long[4], new long[3], new double[4], 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 points")
                .hasMessageContaining("3");
        assertThatThrownBy(() -> MetricBatch.transfer(
                        "run", List.of("a"), new int[1], new long[1], new long[1], new double[1], -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void valuesAreNotShown() {
        MetricBatch batch = MetricBatch.of("run", List.of(new MetricPoint("salary", 1, 10, 123456.0)));
        assertThat(batch.toString()).contains("run", "salary").doesNotContain("123456");
    }
}
