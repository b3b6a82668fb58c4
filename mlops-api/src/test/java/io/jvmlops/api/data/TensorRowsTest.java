package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that are taken out of tensors, put together again, and copied elsewhere. */
class TensorRowsTest {
    private static final Map<DataType, Object> SIX = new EnumMap<>(Map.of(
            DataType.FP32, new float[] {1, -0f, Float.NaN, 4, 5, 6},
            DataType.FP64, new double[] {1, 2, 3, 4, 5, 6},
            DataType.INT64, new long[] {1, Long.MIN_VALUE, 3, 4, 5, 6},
            DataType.INT32, new int[] {1, 2, 3, 4, 5, 6},
            DataType.INT8, new byte[] {1, -2, 3, 4, 5, 6},
            DataType.UINT8, new byte[] {1, -2, 3, 4, 5, 6},
            DataType.BOOL, new boolean[] {true, false, false, true, true, false},
            DataType.BYTES, new String[] {"a", "", "c", "d", "e", "f"}));

    static {
        for (DataType type : new DataType[] {DataType.INT16, DataType.FP16, DataType.BF16}) {
            SIX.put(type, new short[] {1, 2, 3, 4, 5, 6});
        }
    }

    private static Tensor six(DataType type, long... shape) {
        return Tensor.transfer(type, SIX.get(type), Shape.of(shape));
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void rowsArePickedInAnyOrderAndTwice(DataType type) {
        Tensor rows = six(type, 3, 2);
        Tensor picked = rows.select(2, 0, 2);
        assertThat(picked.type()).isEqualTo(type);
        assertThat(picked.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(picked.select(1)).isEqualTo(rows.select(0));
        assertThat(picked.select(0)).isEqualTo(rows.select(2)).isEqualTo(picked.select(2));
        assertThat(rows.select(0)).isNotEqualTo(rows.select(1));
        assertThat(rows.select().shape()).isEqualTo(Shape.of(0, 2));
        // The rows put together again are what they were.
        assertThat(Tensor.concat(List.of(rows.select(0), rows.select(1, 2)))).isEqualTo(rows);
        assertThat(Tensor.concat(List.of(rows.select(), rows, rows.select()))).isEqualTo(rows);
    }

    @Test
    void rowsKeepTheirOwnShape() {
        Tensor cube = six(DataType.INT32, 3, 1, 2);
        assertThat(cube.select(1)).isEqualTo(Tensor.copyOf(new int[] {3, 4}, 1, 1, 2));
        assertThat(six(DataType.INT32, 6).select(5, 0)).isEqualTo(Tensor.copyOf(new int[] {6, 1}, 2));
        Tensor empty = Tensor.copyOf(new float[0], 3, 0);
        assertThat(empty.select(2, 1).shape()).isEqualTo(Shape.of(2, 0));
        assertThat(Tensor.concat(List.of(empty, empty)).shape()).isEqualTo(Shape.of(6, 0));
    }

    @Test
    void aSelectionIsACopy() {
        float[] data = {1, 2, 3, 4};
        Tensor tensor = Tensor.transfer(data, 2, 2);
        Tensor row = tensor.select(1);
        Tensor both = Tensor.concat(List.of(tensor, row));
        float[] floats = tensor.toFloatArray();
        data[2] = 99;
        floats[0] = 98;
        assertThat(row).isEqualTo(Tensor.copyOf(new float[] {3, 4}, 1, 2));
        assertThat(both).isEqualTo(Tensor.copyOf(new float[] {1, 2, 3, 4, 3, 4}, 3, 2));
        assertThat(tensor.doubleAt(0)).isEqualTo(1);
    }

    @Test
    void whatHasNoSuchRowsIsRefused() {
        Tensor rows = six(DataType.INT32, 3, 2);
        assertThatThrownBy(() -> rows.select(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> rows.select(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        Tensor scalar = Tensor.copyOf(new int[] {1});
        assertThatThrownBy(() -> scalar.select(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("scalar");
        assertThatThrownBy(() -> Tensor.concat(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.concat(List.of(scalar, scalar))).isInstanceOf(IllegalArgumentException.class);
        for (Tensor other :
                List.of(six(DataType.INT32, 2, 3), six(DataType.INT32, 3, 2, 1), six(DataType.UINT8, 3, 2), scalar)) {
            assertThatThrownBy(() -> Tensor.concat(List.of(rows, other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(rows.toString())
                    .hasMessageContaining(other.toString());
        }
        // Their bytes would go together.
        assertThatThrownBy(() -> Tensor.concat(List.of(six(DataType.FP16, 3, 2), six(DataType.BF16, 3, 2))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namedRowsArePickedAndPutTogetherByName() {
        Tensor numbers = six(DataType.INT32, 3, 2);
        Tensor words = Tensor.copyOf(new String[] {"x", "y", "z"}, 3);
        Tensors both = Tensors.of("n", numbers, "w", words);
        Tensors picked = both.select(2, 0);
        assertThat(picked).isEqualTo(Tensors.of("n", numbers.select(2, 0), "w", words.select(2, 0)));
        Tensors otherOrder = Tensors.of("w", words, "n", numbers);
        Tensors joined = Tensors.concat(List.of(both.select(0), otherOrder.select(1), both.select(2)));
        assertThat(joined).isEqualTo(both);
        assertThat(joined.names()).containsExactly("n", "w");
        for (Tensors other : List.of(
                Tensors.of("n", numbers),
                Tensors.of("n", numbers, "v", words),
                Tensors.builder()
                        .put("n", numbers)
                        .put("w", words)
                        .put("v", words)
                        .build())) {
            assertThatThrownBy(() -> Tensors.concat(List.of(both, other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[n, w]");
        }
        assertThatThrownBy(() -> Tensors.concat(List.of(Tensors.builder().build(), both)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensors.concat(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensors.of("n", numbers, "s", Tensor.copyOf(new int[] {1}))
                        .select(0))
                .isInstanceOf(IllegalStateException.class);
    }

    private static Buffer room(DataType type) {
        return switch (type) {
            case FP32 -> FloatBuffer.allocate(8);
            case FP64 -> DoubleBuffer.allocate(8);
            case INT64 -> LongBuffer.allocate(8);
            case INT32 -> IntBuffer.allocate(8);
            case INT16, FP16, BF16 -> ShortBuffer.allocate(8);
            default -> ByteBuffer.allocate(8);
        };
    }

    private static Object element(Buffer buffer, int at) {
        if (buffer instanceof FloatBuffer floats) {
            return floats.get(at);
        } else if (buffer instanceof DoubleBuffer doubles) {
            return doubles.get(at);
        } else if (buffer instanceof LongBuffer longs) {
            return longs.get(at);
        } else if (buffer instanceof IntBuffer ints) {
            return ints.get(at);
        } else if (buffer instanceof ShortBuffer shorts) {
            return shorts.get(at);
        }
        return ((ByteBuffer) buffer).get(at);
    }

    @ParameterizedTest
    @EnumSource(value = DataType.class, mode = EnumSource.Mode.EXCLUDE, names = "BYTES")
    void elementsAreCopiedToWhereTheyAreWanted(DataType type) {
        Tensor tensor = six(type, 6);
        Buffer buffer = room(type);
        tensor.copyTo(1, buffer, 3, 4);
        assertThat(buffer.position()).isZero();
        for (int i = 0; i < 8; i++) {
            Object expected;
            if (i < 3 || i >= 7) {
                expected = element(room(type), 0);
            } else {
                Buffer alone = room(type);
                tensor.select(i - 2).copyTo(0, alone, 0, 1);
                expected = element(alone, 0);
            }
            assertThat(element(buffer, i)).as("element %s", i).isEqualTo(expected);
        }
        tensor.copyTo(6, buffer, 8, 0);
        for (int[] bad : new int[][] {{5, 0, 2}, {0, 7, 2}, {-1, 0, 1}, {0, -1, 1}, {0, 0, 9}}) {
            assertThatThrownBy(() -> tensor.copyTo(bad[0], buffer, bad[1], bad[2]))
                    .as("%s of %s", bad, type)
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        Buffer wrong = type == DataType.FP32 ? ByteBuffer.allocate(64) : FloatBuffer.allocate(64);
        assertThatThrownBy(() -> tensor.copyTo(0, wrong, 0, 1)).isInstanceOf(ClassCastException.class);
    }

    @Test
    void copiesAreOfTheBitsThatAreThere() {
        FloatBuffer floats = FloatBuffer.allocate(6);
        six(DataType.FP32, 6).copyTo(0, floats, 0, 6);
        assertThat(floats.array()).isEqualTo(new float[] {1, -0f, Float.NaN, 4, 5, 6});
        ByteBuffer flags = ByteBuffer.allocate(6);
        six(DataType.BOOL, 6).copyTo(0, flags, 0, 6);
        assertThat(flags.array()).containsExactly(1, 0, 0, 1, 1, 0);
        assertThatThrownBy(() -> six(DataType.BYTES, 6).copyTo(0, ByteBuffer.allocate(64), 0, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void onlyFloatsAreGivenAsFloats() {
        assertThat(six(DataType.FP32, 3, 2).toFloatArray()).isEqualTo(new float[] {1, -0f, Float.NaN, 4, 5, 6});
        assertThatThrownBy(() -> six(DataType.FP64, 6).toFloatArray())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FP64[6]");
    }
}
