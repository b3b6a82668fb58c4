package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void copyOfLeavesTheCallersArrayAlone() {
        float[] data = {1, 2, 3, 4};
        Tensor tensor = Tensor.copyOf(data, 2, 2);
        data[0] = 99;
        assertThat(tensor.doubleAt(0)).isEqualTo(1);
        assertThat(tensor.rows()).isEqualTo(2);
        assertThat(tensor.rowSize()).isEqualTo(2);
    }

    @Test
    void transferDoesNotCopy() {
        float[] data = {1, 2};
        Tensor tensor = Tensor.transfer(data, 2);
        data[0] = 99;
        assertThat(tensor.doubleAt(0)).isEqualTo(99);
    }

    @Test
    void refusesShapesThatTheArrayDoesNotFill() {
        assertThatThrownBy(() -> Tensor.copyOf(new float[3], 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 elements, but the array has 3");
        assertThatThrownBy(() -> Tensor.copyOf(new float[3], -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dynamic");
        assertThatThrownBy(() -> Tensor.copyOf(new float[3], -3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.copyOf(new float[0], Long.MAX_VALUE, Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overflows");
        assertThatThrownBy(() -> Tensor.copyOf(new float[3])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNullStrings() {
        assertThatThrownBy(() -> Tensor.copyOf(new String[] {"a", null}, 2))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("element 1");
    }

    @Test
    void viewsCannotBeWritten() {
        assertThatThrownBy(() -> Tensor.copyOf(new float[1], 1).asFloatBuffer().put(0, 1f))
                .isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void asksForAnotherTypeAreRefused() {
        Tensor floats = Tensor.copyOf(new float[1], 1);
        assertThatThrownBy(floats::asDoubleBuffer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FP32[1]");
        assertThatThrownBy(() -> floats.stringAt(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> floats.longAt(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.copyOf(new String[] {"x"}, 1).doubleAt(0))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.transfer(DataType.FP32, new byte[1], 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.transfer(DataType.INT8, new short[1], 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyNumericTypeReadsAsDouble() {
        assertThat(Tensor.copyOf(new double[] {1.5}, 1).doubleAt(0)).isEqualTo(1.5);
        assertThat(Tensor.copyOf(new long[] {-7}, 1).doubleAt(0)).isEqualTo(-7);
        assertThat(Tensor.copyOf(new int[] {-7}, 1).longAt(0)).isEqualTo(-7);
        assertThat(Tensor.copyOf(new boolean[] {true}, 1).doubleAt(0)).isEqualTo(1);
        assertThat(Tensor.transfer(DataType.UINT8, new byte[] {-1}, 1).longAt(0))
                .isEqualTo(255);
        assertThat(Tensor.transfer(DataType.INT8, new byte[] {-1}, 1).doubleAt(0))
                .isEqualTo(-1);
        assertThat(Tensor.transfer(DataType.INT16, new short[] {-300}, 1).doubleAt(0))
                .isEqualTo(-300);
    }

    @Test
    void halfFloatsHaveTheirIeeeValues() {
        short[] bits = {0x3c00, (short) 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, (short) 0xfc00, 0x7e00, (short) 0x8000};
        double[] expected = {
            1, -2, 65504, 0x1p-24, 0x1p-14, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, -0.0
        };
        assertThat(Tensor.transfer(DataType.FP16, bits, bits.length).toDoubleArray())
                .containsExactly(expected);
        short[] brain = {0x3f80, (short) 0xc000, 0x7f80, 0x7fc0};
        assertThat(Tensor.transfer(DataType.BF16, brain, 4).toDoubleArray())
                .containsExactly(1, -2, Double.POSITIVE_INFINITY, Double.NaN);
    }

    @Test
    void equalityIsOfTypeShapeAndBits() {
        Tensor tensor = Tensor.copyOf(new float[] {1, 2}, 2);
        assertThat(tensor).isEqualTo(Tensor.copyOf(new float[] {1, 2}, 2));
        assertThat(tensor).hasSameHashCodeAs(Tensor.copyOf(new float[] {1, 2}, 2));
        assertThat(tensor).isNotEqualTo(Tensor.copyOf(new float[] {1, 2}, 1, 2));
        assertThat(tensor).isNotEqualTo(Tensor.copyOf(new double[] {1, 2}, 2));
        assertThat(Tensor.copyOf(new float[] {0f}, 1)).isNotEqualTo(Tensor.copyOf(new float[] {-0f}, 1));
        assertThat(Tensor.copyOf(new float[] {Float.NaN}, 1))
                .isEqualTo(Tensor.copyOf(new float[] {Float.intBitsToFloat(0x7fc00001)}, 1));
    }

    @Test
    void showsNoElements() {
        assertThat(Tensor.copyOf(new double[] {42.5}, 1, 1)).hasToString("FP64[1, 1]");
        assertThat(Tensors.of("age", Tensor.copyOf(new double[] {42.5}, 1))).hasToString("{age=FP64[1]}");
    }

    @Test
    void tensorsAreFoundByNameAndKeepTheirOrder() {
        Tensors tensors = Tensors.of("b", Tensor.copyOf(new int[1], 1), "a", Tensor.copyOf(new long[1], 1));
        assertThat(tensors.names()).containsExactly("b", "a");
        assertThat(tensors.get("a").type()).isEqualTo(DataType.INT64);
        assertThat(tensors).isEqualTo(Tensors.of("a", tensors.get("a"), "b", tensors.get("b")));
        assertThat(tensors).hasSameHashCodeAs(Tensors.of("a", tensors.get("a"), "b", tensors.get("b")));
        assertThatThrownBy(() -> tensors.get("c")).hasMessageContaining("[b, a]");
        assertThatThrownBy(() -> Tensors.of("a", tensors.get("a"), "a", tensors.get("a")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensors.of("", tensors.get("a"))).isInstanceOf(IllegalArgumentException.class);
    }
}
