package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StoreCodecPropertyTest {
    private static final AnswerForm FORM = new AnswerForm(
            List.of(TensorSpec.of("p", DataType.FP64, 1, -1), TensorSpec.of("w", DataType.BYTES, -1, 1)), false);

    private static Tensors answer(double[] numbers, String[] words) {
        return Tensors.of("p", Tensor.copyOf(numbers, 1, numbers.length), "w", Tensor.copyOf(words, words.length, 1));
    }

    private static CacheKey key(byte[] bytes) {
        Scope scope = Scope.of(new byte[] {1, 2}, 0, -1);
        return new CacheKey(scope, bytes, scope.hash(bytes, bytes.length));
    }

    @Property(tries = 300)
    void whatWasWrittenComesBack(@ForAll byte[] bytes, @ForAll double[] numbers, @ForAll String[] words)
            throws IOException {
        CacheKey key = key(bytes);
        Tensors answer = answer(numbers, words);
        byte[] value = StoreCodec.value(StoreCodec.key(key), answer);
        Tensors back = StoreCodec.decode(key, value, FORM);
        assertThat(back).isEqualTo(answer);
        assertThat(StoreCodec.value(StoreCodec.key(key), back)).isEqualTo(value);
        assertThat((long) value.length).isEqualTo(StoreCodec.valueSize(StoreCodec.keySize(key), answer));
    }

    @Property(tries = 300)
    void equalKeysHaveEqualBytesAndOthersDoNot(@ForAll byte[] one, @ForAll byte[] other) {
        assertThat(StoreCodec.key(key(one))).isEqualTo(StoreCodec.key(key(one.clone())));
        if (!key(one).equals(key(other))) {
            assertThat(StoreCodec.key(key(one))).isNotEqualTo(StoreCodec.key(key(other)));
            byte[] value = StoreCodec.value(StoreCodec.key(key(one)), answer(new double[] {1}, new String[] {}));
            assertThatThrownBy(() -> StoreCodec.decode(key(other), value, FORM)).isInstanceOf(IOException.class);
        }
    }

    /** Nothing else is ever thrown, no bytes are an answer, whatever follows a right beginning, even with a right checksum. */
    @Property(tries = 2000)
    void garbageIsAnIoException(@ForAll byte[] garbage, @ForAll("beginnings") int beginning) {
        CacheKey key = key(new byte[] {5});
        byte[] right = StoreCodec.value(StoreCodec.key(key), answer(new double[] {1, 2}, new String[] {"a", "b"}));
        int length = Math.min(beginning, right.length - 1);
        byte[] bytes = new byte[Math.max(9, length) + garbage.length];
        System.arraycopy(right, 0, bytes, 0, length);
        System.arraycopy(garbage, 0, bytes, Math.max(9, length), garbage.length);
        refuseOrBelieve(key, bytes);
        refuseOrBelieve(key, StoreCodecTest.summed(bytes));
        assertThatThrownBy(() -> StoreCodec.decode(key, garbage, FORM)).isInstanceOf(IOException.class);
    }

    @Provide
    Arbitrary<Integer> beginnings() {
        return Arbitraries.integers().between(0, 120);
    }

    private static void refuseOrBelieve(CacheKey key, byte[] bytes) {
        try {
            // What happens to be an answer is exactly one that could have been written.
            Tensors answer = StoreCodec.decode(key, bytes, FORM);
            assertThat(StoreCodec.value(StoreCodec.key(key), answer)).isEqualTo(bytes);
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("the value");
        }
    }
}
