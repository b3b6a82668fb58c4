package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
    private static final int ROWS = 995_015;
    private static final int WIDTH = 8;

    /** The i-th of rows of small whole numbers, all of them different. */
    private static void smallIntegers(int i, float[] row) {
        for (int j = 0, rest = i; j < WIDTH; j++, rest /= 6) {
            row[j] = rest % 6;
        }
    }

    private static int distinct(int[] hashes) {
        int[] sorted = hashes.clone();
        Arrays.sort(sorted);
        int count = 1;
        for (int i = 1; i < sorted.length; i++) {
            count += sorted[i] == sorted[i - 1] ? 0 : 1;
        }
        return count;
    }

    /**
     * Of n random hashes of 32 bits about n^2 / 2^33 meet another: here 115. {@code Arrays.hashCode} of these rows takes some
     * thousand values.
     */
    @Test
    void rowsOfSmallIntegersHashApart() {
        EchoModel model = new EchoModel("m", EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, WIDTH)));
        Layout layout = Layout.of(model, false, CacheRule.exact());
        Scope scope = Scope.of(layout.header(model), 0, -1);
        KeyBuffer buffer = KeyBuffer.local();
        float[] row = new float[WIDTH];
        int[] tables = new int[ROWS];
        int[] slots = new int[ROWS];
        int[] arrays = new int[ROWS];
        byte[] bytes = new byte[WIDTH * Float.BYTES];
        long[] mixed = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            smallIntegers(i, row);
            layout.write(buffer, row, 0, WIDTH);
            buffer.hash(scope);
            tables[i] = buffer.hashCode();
            slots[i] = (tables[i] ^ tables[i] >>> 16) & (1 << 20) - 1;
            arrays[i] = Arrays.hashCode(row);
            buffer.raw().get(0, bytes);
            mixed[i] = scope.hash(bytes, bytes.length);
        }
        Arrays.sort(mixed);
        int same = 0;
        for (int i = 1; i < ROWS; i++) {
            same += mixed[i] == mixed[i - 1] ? 1 : 0;
        }
        assertThat(same).as("rows that share all 64 bits with another").isZero();
        int tableHashes = distinct(tables);
        int plain = distinct(arrays);
        System.out.printf(
                "%,d rows of %d small integers: %,d hashes of tables, %,d of Arrays.hashCode%n",
                ROWS, WIDTH, tableHashes, plain);
        assertThat(tableHashes).isGreaterThan(ROWS - 400);
        assertThat(plain).isLessThan(ROWS / 50);
        // Thrown at random into 2^20 slots, 1 - e^(-n/2^20) of them are taken: 61 %.
        assertThat(distinct(slots)).isBetween(630_000, 652_000);
    }

    @Test
    void keysWithTheSameHashAreToldApart() {
        EchoModel model = new EchoModel("m", EchoModel.FLOATS);
        Layout layout = Layout.of(model, false, CacheRule.exact());
        Scope scope = Scope.of(layout.header(model), 0, 0);
        KeyBuffer buffer = KeyBuffer.local();
        Set<CacheKey> keys = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Tensors row = Tensors.of("x", Tensor.transfer(new float[] {i, 0, 0, 0}, 1, 4));
            layout.write(buffer, row, 0);
            buffer.hash(scope);
            CacheKey key = buffer.key();
            assertThat(key.hashCode()).isZero();
            assertThat(keys.add(key)).isTrue();
            assertThat(keys.add(buffer.key())).isFalse();
            assertThat(finds(buffer, key)).isTrue();
        }
        CacheKey first = keys.iterator().next();
        assertThat(finds(first, "another")).isFalse();
        assertThat(finds(buffer, "another")).isFalse();
    }

    /** As a table compares what it is asked for with what it holds. */
    private static boolean finds(Object asked, Object held) {
        return asked.equals(held);
    }

    /** Of a version that is loaded again, so that its keys need not be compared byte by byte with those of before. */
    @Test
    void equalScopesAreOneObject() {
        byte[] header = {1, 2, 3};
        Scope scope = Scope.of(header, 4, -1);
        assertThat(Scope.of(header.clone(), 4, -1)).isSameAs(scope);
        assertThat(scope.at(5)).isNotEqualTo(scope).isSameAs(Scope.of(header, 5, -1));
        assertThat(Scope.of(header, 4, 7)).isNotEqualTo(scope);
        assertThat(Scope.of(new byte[] {1, 2}, 4, -1)).isNotEqualTo(scope);
    }
}
