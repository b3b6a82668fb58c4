package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dynatrace.hash4j.hashing.Hashing;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StoreCodecTest {
    private static final TensorSpec P = TensorSpec.of("p", DataType.FP32, -1, 2);
    private static final TensorSpec LABEL = TensorSpec.of("l", DataType.BYTES, -1);
    private static final AnswerForm FORM = new AnswerForm(List.of(P, LABEL), true);
    private static final Tensors ANSWER =
            Tensors.of("p", Tensor.copyOf(new float[] {1, -0f}, 1, 2), "l", Tensor.copyOf(new String[] {"a\ud800"}, 1));

    static CacheKey key(String header, int... bytes) {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) bytes[i];
        }
        Scope scope = Scope.of(header.getBytes(StandardCharsets.ISO_8859_1), 0, -1);
        return new CacheKey(scope, all, scope.hash(all, all.length));
    }

    private static byte[] hex(String... lines) {
        return HexFormat.of().parseHex(String.join("", lines).replace(" ", ""));
    }

    /** The bytes with another checksum, so that what is wrong with them is found by something else. */
    static byte[] summed(byte[] value) {
        long sum = Hashing.xxh3_64().hashBytesToLong(value, 9, value.length - 9);
        ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(1, sum);
        return value;
    }

    private static byte[] changed(byte[] value, Consumer<ByteBuffer> change) {
        byte[] copy = value.clone();
        change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
        return summed(copy);
    }

    // A store outlives a release: whoever changes these bytes raises the version, so that old values are not asked for.
    @Test
    void theFormatOfKeysIsThis() {
        assertThat(StoreCodec.key(key("head", 1, 2, 0xff))).isEqualTo(hex("04 04000000 68656164 0102ff"));
        // Of a model: the layout's version, the digest, and all else that the answer depends on.
        SumModel model = new SumModel("m");
        Layout layout = Layout.of(model, false, CacheRule.exact());
        KeyBuffer buffer = KeyBuffer.local();
        assertThat(layout.write(buffer, SumModel.rows(1.5f), 0)).isTrue();
        buffer.hash(Scope.of(layout.header(model), 7, -1));
        assertThat(StoreCodec.key(buffer.key()))
                .isEqualTo(hex(
                        "04 99000000",
                        "00000001 0040",
                        HexFormat.of().formatHex(model.digest().hex().getBytes(StandardCharsets.US_ASCII)),
                        "0003 73756d",
                        "00000001 00000001 0078 0004 46503332 00000002 ffffffffffffffff 0000000000000004",
                        "00000001 00000003 00730075006d 0004 46503332 00000002 ffffffffffffffff 0000000000000001",
                        "00 01",
                        "0000c03f 00002040 00006040 00009040"));
    }

    @Test
    void theFormatOfValuesIsThis() throws IOException {
        CacheKey key = key("head", 1, 2, 0xff);
        byte[] value = StoreCodec.value(StoreCodec.key(key), ANSWER);
        byte[] golden = hex(
                "04 69dc24583750763b",
                "0c000000 04 04000000 68656164 0102ff",
                "02000000",
                "01000000 7000 09 02 0100000000000000 0200000000000000 0000803f 00000080",
                "01000000 6c00 0b 01 0100000000000000 02000000 610000d8");
        assertThat(HexFormat.of().formatHex(value)).isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(StoreCodec.decode(key, golden, FORM)).isEqualTo(ANSWER);
    }

    @Test
    void everyTypeHasItsOwnCode() throws IOException {
        Object[] arrays = {
            new boolean[] {true, false},
            new byte[] {1, -1},
            new byte[] {1, -1},
            new short[] {1, -2},
            new int[] {1, Integer.MIN_VALUE},
            new long[] {1, Long.MIN_VALUE},
            // NaN with payloads, which have to come back as they were.
            new short[] {0x7e01, -2},
            new short[] {0x7fc1, -2},
            new float[] {Float.intBitsToFloat(0x7fc00abc), -0f},
            new double[] {Double.longBitsToDouble(0x7ff8000000000abcL), Double.MIN_VALUE},
            new String[] {"", "\udc00 a\u0000"}
        };
        CacheKey key = key("h", 1);
        StringBuilder codes = new StringBuilder();
        int next = 0;
        for (DataType type : DataType.values()) {
            Tensors answer = Tensors.of("x", Tensor.transfer(type, arrays[next++], Shape.of(2)));
            byte[] value = StoreCodec.value(StoreCodec.key(key), answer);
            // Version, checksum, key with its length, count, name with its length.
            codes.append(value[1 + 8 + 4 + 7 + 4 + 4 + 2]).append(' ');
            AnswerForm form = new AnswerForm(List.of(TensorSpec.of("x", type, 2)), false);
            Tensors back = StoreCodec.decode(key, value, form);
            assertThat(back).isEqualTo(answer);
            assertThat(back.at(0).type()).isEqualTo(type);
            // To the bit, which equality of tensors does not ask for.
            assertThat(StoreCodec.value(StoreCodec.key(key), back)).isEqualTo(value);
        }
        assertThat(codes).hasToString("1 2 3 4 5 6 7 8 9 10 11 ");
    }

    @Test
    void scalarsAndEmptyTensorsComeBack() throws IOException {
        Tensors answer =
                Tensors.of("s", Tensor.copyOf(new long[] {7}), "e", Tensor.copyOf(new double[] {}, 0, 1L << 40));
        AnswerForm form = new AnswerForm(
                List.of(TensorSpec.of("s", DataType.INT64), TensorSpec.of("e", DataType.FP64, -1, -1)), false);
        CacheKey key = key("");
        assertThat(StoreCodec.decode(key, StoreCodec.value(StoreCodec.key(key), answer), form))
                .isEqualTo(answer);
    }

    @Test
    void theSizeIsKnownBefore() {
        CacheKey key = key("head", 1, 2);
        assertThat(StoreCodec.keySize(key)).isEqualTo(StoreCodec.key(key).length);
        assertThat(StoreCodec.valueSize(StoreCodec.keySize(key), ANSWER))
                .isEqualTo(StoreCodec.value(StoreCodec.key(key), ANSWER).length);
    }

    @Test
    void oneFlippedBitAnywhereIsRefused() {
        CacheKey key = key("head", 1, 2, 3);
        byte[] value = StoreCodec.value(StoreCodec.key(key), ANSWER);
        for (int bit = 0; bit < 8 * value.length; bit++) {
            byte[] flipped = value.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> StoreCodec.decode(key, flipped, FORM))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatIsCutOffOrLongerIsRefused() {
        CacheKey key = key("head", 1, 2, 3);
        byte[] value = StoreCodec.value(StoreCodec.key(key), ANSWER);
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertRefused(key, cut);
            if (length >= 9) {
                assertRefused(key, summed(cut));
            }
        }
        assertRefused(key, summed(Arrays.copyOf(value, value.length + 1)));
        assertRefused(key, new byte[StoreCodec.MAX_BYTES + 1]);
    }

    @Test
    void everyOtherKeyIsRefused() {
        byte[] value = StoreCodec.value(StoreCodec.key(key("head", 1, 2, 3)), ANSWER);
        for (CacheKey other : List.of(
                key("head", 1, 2, 4),
                key("head", 1, 2),
                key("head", 1, 2, 3, 0),
                key("heae", 1, 2, 3),
                // The same bytes, but for where the header ends.
                key("head\u0001", 2, 3),
                key("hea", 'd', 1, 2, 3),
                key(""))) {
            assertThatThrownBy(() -> StoreCodec.decode(other, value, FORM))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another key");
        }
    }

    @Test
    void anotherVersionIsRefused() {
        CacheKey key = key("head", 1, 2, 3);
        byte[] value = StoreCodec.value(StoreCodec.key(key), ANSWER);
        assertRefused(key, changed(value, all -> all.put(0, (byte) 3)));
        // In the key that it holds.
        assertRefused(key, changed(value, all -> all.put(13, (byte) 3)));
    }

    @Test
    void whatTheModelDoesNotGiveIsRefused() throws IOException {
        CacheKey key = key("head", 1);
        Tensor p = Tensor.copyOf(new float[] {1, 2}, 1, 2);
        Tensor label = Tensor.copyOf(new String[] {"a"}, 1);
        assertThat(decode(key, Tensors.of("l", label, "p", p)).names()).containsExactly("l", "p");
        for (Tensors wrong : List.of(
                Tensors.of("p", p),
                Tensors.of("p", p, "m", label),
                Tensors.builder().put("p", p).put("l", label).put("x", p).build(),
                Tensors.of("p", label, "l", p),
                Tensors.of("p", Tensor.copyOf(new double[] {1, 2}, 1, 2), "l", label),
                Tensors.of("p", Tensor.copyOf(new int[] {1, 2}, 1, 2), "l", label),
                Tensors.of("p", Tensor.copyOf(new float[] {1, 2}, 2, 1), "l", label),
                Tensors.of("p", Tensor.copyOf(new float[] {1, 2}, 2), "l", label),
                Tensors.of("p", Tensor.copyOf(new float[] {1, 2}, 1, 2, 1), "l", label),
                // A key that is a row has an answer of one row.
                Tensors.of("p", Tensor.copyOf(new float[] {1, 2, 3, 4}, 2, 2), "l", label),
                Tensors.of("p", Tensor.copyOf(new float[] {}, 0, 2), "l", label),
                Tensors.builder().build())) {
            assertThatThrownBy(() -> decode(key, wrong)).as("%s", wrong).isInstanceOf(IOException.class);
            assertThat(FORM.accepts(wrong)).as("%s", wrong).isFalse();
        }
        assertThat(FORM.accepts(ANSWER)).isTrue();
        // A whole call has as many rows as it has.
        Tensors two = Tensors.of(
                "p", Tensor.copyOf(new float[] {1, 2, 3, 4}, 2, 2), "l", Tensor.copyOf(new String[] {"a", "b"}, 2));
        AnswerForm whole = new AnswerForm(List.of(P, LABEL), false);
        assertThat(whole.accepts(two)).isTrue();
        assertThat(StoreCodec.decode(key, StoreCodec.value(StoreCodec.key(key), two), whole))
                .isEqualTo(two);
    }

    @Test
    void sizesThatCannotBeAreRefusedBeforeAnythingIsAllocated() {
        CacheKey key = key("", 1);
        byte[] value = StoreCodec.value(
                StoreCodec.key(key),
                Tensors.of("p", Tensor.copyOf(new float[] {1, 2}, 1, 2), "l", Tensor.copyOf(new String[] {"a"}, 1)));
        AnswerForm any = new AnswerForm(
                List.of(TensorSpec.of("p", DataType.FP32, -1, -1), TensorSpec.of("l", DataType.BYTES, -1)), false);
        int count = 1 + 8 + 4 + 6;
        int nameLength = count + 4;
        int rank = nameLength + 4 + 2 + 1;
        int extents = rank + 1;
        int labelExtent = extents + 16 + 8 + 4 + 2 + 2;
        int labelLength = labelExtent + 8;
        assertThat(labelLength + 4 + 2).isEqualTo(value.length);
        for (int wrong : new int[] {Integer.MIN_VALUE, -1, 0, 1, 3, 1 << 20, Integer.MAX_VALUE}) {
            assertRefused(key, any, changed(value, all -> all.putInt(count, wrong)));
        }
        for (int wrong : new int[] {Integer.MIN_VALUE, -1, 0, 2, 1 << 20, 1 << 30, Integer.MAX_VALUE}) {
            assertRefused(key, any, changed(value, all -> all.putInt(nameLength, wrong)));
            assertRefused(key, any, changed(value, all -> all.putInt(labelLength, wrong)));
            assertRefused(key, any, changed(value, all -> all.putInt(9, wrong)));
        }
        for (int wrong : new int[] {0, 1, 3, 127, 128, 255}) {
            assertRefused(key, any, changed(value, all -> all.put(rank, (byte) wrong)));
        }
        for (long wrong : new long[] {Long.MIN_VALUE, -1, 0, 3, 1 << 20, 1L << 31, 1L << 62, Long.MAX_VALUE}) {
            assertRefused(key, any, changed(value, all -> all.putLong(extents, wrong)));
            assertRefused(key, any, changed(value, all -> all.putLong(extents + 8, wrong)));
            assertRefused(key, any, changed(value, all -> all.putLong(labelExtent, wrong)));
            // Their product overflows, to nothing or to what is there.
            assertRefused(
                    key, any, changed(value, all -> all.putLong(extents, wrong).putLong(extents + 8, wrong)));
        }
        assertRefused(
                key, any, changed(value, all -> all.putLong(extents, 1L << 62).putLong(extents + 8, 4)));
        for (int wrong : new int[] {0, 10, 12, 255}) {
            assertRefused(key, any, changed(value, all -> all.put(rank - 1, (byte) wrong)));
        }
    }

    @Test
    void aBooleanIsZeroOrOne() {
        CacheKey key = key("", 1);
        AnswerForm form = new AnswerForm(List.of(TensorSpec.of("b", DataType.BOOL, -1)), true);
        byte[] value = StoreCodec.value(StoreCodec.key(key), Tensors.of("b", Tensor.copyOf(new boolean[] {true}, 1)));
        assertRefused(key, form, changed(value, all -> all.put(value.length - 1, (byte) 2)));
    }

    private static Tensors decode(CacheKey key, Tensors answer) throws IOException {
        return StoreCodec.decode(key, StoreCodec.value(StoreCodec.key(key), answer), FORM);
    }

    private static void assertRefused(CacheKey key, byte[] value) {
        assertRefused(key, FORM, value);
    }

    private static void assertRefused(CacheKey key, AnswerForm form, byte[] value) {
        assertThatThrownBy(() -> StoreCodec.decode(key, value, form)).isInstanceOf(IOException.class);
    }
}
