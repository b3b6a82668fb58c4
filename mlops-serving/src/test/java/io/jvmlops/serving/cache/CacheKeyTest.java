package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
    private static final Digest A = Digest.of(new byte[] {1});
    private static final Digest B = Digest.of(new byte[] {2});
    private static final String[] ORDER = {"x"};

    private static CacheKey key(Tensor tensor) {
        return CacheKey.of(A, "onnx", ORDER, Tensors.of("x", tensor));
    }

    @Test
    void differsInEverythingThatTheAnswerDependsOn() {
        Tensors one = Tensors.of("x", Tensor.copyOf(new float[] {1, 2, 3, 4}, 1, 4));
        int[] bits = {Float.floatToIntBits(1), Float.floatToIntBits(2), Float.floatToIntBits(3), Float.floatToIntBits(4)
        };
        Set<CacheKey> keys = new HashSet<>(List.of(
                CacheKey.of(A, "onnx", ORDER, one),
                CacheKey.of(B, "onnx", ORDER, one),
                CacheKey.of(A, "tribuo", ORDER, one),
                key(Tensor.copyOf(new float[] {1, 2, 3, 4}, 2, 2)),
                key(Tensor.copyOf(new float[] {1, 2, 3, 4}, 4)),
                key(Tensor.copyOf(new double[] {1, 2, 3, 4}, 1, 4)),
                key(Tensor.copyOf(bits, 1, 4)),
                key(Tensor.copyOf(new String[] {"1", "2", "3", "4"}, 1, 4)),
                key(Tensor.copyOf(new String[] {"12", "", "3", "4"}, 1, 4)),
                key(Tensor.transfer(DataType.FP16, new short[] {1, 2, 3, 4}, 1, 4)),
                key(Tensor.transfer(DataType.BF16, new short[] {1, 2, 3, 4}, 1, 4)),
                key(Tensor.copyOf(new boolean[] {true, false, true, true}, 1, 4))));
        assertThat(keys).hasSize(12);
    }

    @Test
    void zerosOfBothSignsDifferAndEveryNanIsOne() {
        assertThat(key(Tensor.copyOf(new float[] {0f}, 1))).isNotEqualTo(key(Tensor.copyOf(new float[] {-0f}, 1)));
        CacheKey nan = key(Tensor.copyOf(new double[] {Double.NaN}, 1));
        CacheKey other = key(Tensor.copyOf(new double[] {Double.longBitsToDouble(0x7ff8000000000abcL)}, 1));
        assertThat(nan).isEqualTo(other).hasSameHashCodeAs(other);
    }

    @Test
    void theOrderInWhichACallerNamesInputsDoesNotMatter() {
        Tensor a = Tensor.copyOf(new float[] {1}, 1);
        Tensor b = Tensor.copyOf(new float[] {2}, 1);
        String[] order = {"a", "b"};
        CacheKey one = CacheKey.of(A, "onnx", order, Tensors.of("a", a, "b", b));
        CacheKey two = CacheKey.of(A, "onnx", order, Tensors.of("b", b, "a", a));
        assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
        assertThat(one).isNotEqualTo(CacheKey.of(A, "onnx", order, Tensors.of("a", b, "b", a)));
    }

    @Test
    void rowsOfSmallIntegersHashApart() {
        // Where Arrays.hashCode gives 4,096 hashes to a million rows.
        Set<Integer> hashes = new HashSet<>();
        int rows = 60_000;
        for (int i = 0; i < rows; i++) {
            float[] row = new float[8];
            for (int j = 0, v = i; j < 8; j++, v /= 4) {
                row[j] = v % 4;
            }
            hashes.add(key(Tensor.transfer(row, 1, 8)).hashCode());
        }
        // Of n random 32-bit hashes about n^2 / 2^33 collide: here less than one.
        assertThat(hashes).hasSizeGreaterThan(rows - 8);
    }

    @Property(tries = 500)
    void equalInputsHaveEqualKeysAndOthersDoNot(@ForAll double[] first, @ForAll double[] second) {
        CacheKey a = key(Tensor.copyOf(first, first.length));
        CacheKey same = key(Tensor.copyOf(first, first.length));
        CacheKey b = key(Tensor.copyOf(second, second.length));
        assertThat(a).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(a.equals(b)).isEqualTo(Arrays.equals(first, second));
    }

    @Property(tries = 300)
    void theSecondLevelGivesBackWhatItGot(@ForAll double[] data, @ForAll String[] words) throws IOException {
        byte[] key = TensorsCodec.encode(key(Tensor.copyOf(data, data.length)));
        Tensors outputs =
                Tensors.of("p", Tensor.copyOf(data, 1, data.length), "w", Tensor.copyOf(words, words.length, 1));
        byte[] value = TensorsCodec.encode(key, outputs);
        assertThat(TensorsCodec.decode(key, value)).isEqualTo(outputs);
        byte[] otherKey = TensorsCodec.encode(key(Tensor.copyOf(new float[] {1}, 1)));
        assertThatThrownBy(() -> TensorsCodec.decode(otherKey, value)).isInstanceOf(IOException.class);
    }

    @Test
    void stringsThatDifferHaveDifferentKeysOnTheSecondLevel() {
        // A lone surrogate has no UTF-8; Java's encoder makes a question mark of it.
        byte[] lone = TensorsCodec.encode(key(Tensor.copyOf(new String[] {"a\ud800"}, 1)));
        byte[] mark = TensorsCodec.encode(key(Tensor.copyOf(new String[] {"a?"}, 1)));
        assertThat(lone).isNotEqualTo(mark);
    }

    @Property(tries = 2000)
    void garbageFromTheSecondLevelIsAnIoException(@ForAll byte[] garbage) {
        byte[] key = {1, 2};
        byte[] value = new byte[6 + garbage.length];
        value[3] = 2;
        value[4] = 1;
        value[5] = 2;
        System.arraycopy(garbage, 0, value, 6, garbage.length);
        for (byte[] bytes : List.of(value, garbage)) {
            try {
                // What happens to parse is no tensors at all: five bytes of version and count.
                assertThat(TensorsCodec.decode(key, bytes).size()).isZero();
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
    }
}
