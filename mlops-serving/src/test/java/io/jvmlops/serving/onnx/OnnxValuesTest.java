package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxValuesTest {
    @Test
    void mapsBecomeRowsInTheOrderOfTheLabels() throws Exception {
        List<Map<Long, Double>> maps = List.of(Map.of(2L, 0.25, 10L, 0.75), Map.of(10L, 0.125, 2L, 0.875));
        assertThat(OnnxValues.rows(maps, DataType.FP64, List.of("2", "10")))
                .isEqualTo(Tensor.copyOf(new double[] {0.25, 0.75, 0.875, 0.125}, 2, 2));
        assertThat(OnnxValues.rows(maps, DataType.FP64, List.of()))
                .as("the order of the alphabet")
                .isEqualTo(Tensor.copyOf(new double[] {0.75, 0.25, 0.125, 0.875}, 2, 2));
        assertThat(OnnxValues.rows(List.of(Map.of("a", 1L << 60)), DataType.INT64, List.of()))
                .isEqualTo(Tensor.copyOf(new long[] {1L << 60}, 1, 1));
        assertThat(OnnxValues.rows(List.of(Map.of("a", "x", "b", "y")), DataType.BYTES, List.of()))
                .isEqualTo(Tensor.copyOf(new String[] {"x", "y"}, 1, 2));
        assertThat(OnnxValues.rows(List.of(), DataType.FP32, List.of("a", "b")))
                .isEqualTo(Tensor.copyOf(new float[0], 0, 2));
    }

    @Test
    void mapsOfOtherKeysAreNoRows() {
        List<Map<String, Float>> maps = List.of(Map.of("a", 1f, "b", 0f), Map.of("a", 1f, "c", 0f));
        assertThatThrownBy(() -> OnnxValues.rows(maps, DataType.FP32, List.of()))
                .isInstanceOf(OrtException.class)
                .hasMessageContaining("[a, c], expected [a, b]");
        assertThatThrownBy(() -> OnnxValues.rows(maps, DataType.FP32, List.of("a")))
                .isInstanceOf(OrtException.class)
                .hasMessageContaining("[a, b], expected [a]");
    }
}
