package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayoutTest {
    private static final TensorSpec X = TensorSpec.of("x", DataType.FP32, -1, 2).withColumns(List.of("a", "b"));

    private static InferenceModel model(TensorSpec... inputs) {
        return new EchoModel("m", EchoModel.signature(inputs));
    }

    /** The key of a row, or null if it is too long. */
    private static CacheKey key(InferenceModel model, boolean whole, CacheRule rule, Tensors inputs, int row) {
        Layout layout = Layout.of(model, whole, rule);
        Scope scope = Scope.of(layout.header(model), 0, -1);
        KeyBuffer buffer = KeyBuffer.local();
        if (!layout.write(buffer, inputs, row)) {
            return null;
        }
        boolean unused = layout.canonicalize(buffer, inputs);
        buffer.hash(scope);
        CacheKey key = buffer.key();
        assertThat(key).isEqualTo(buffer.key()).hasSameHashCodeAs(buffer);
        // So a table looks it up.
        Object asked = buffer;
        assertThat(asked.equals(key)).isTrue();
        return key;
    }

    private static CacheKey exact(InferenceModel model, Tensors inputs, int row) {
        return key(model, false, CacheRule.exact(), inputs, row);
    }

    private static CacheKey ruled(CacheRule rule, float a, float b) {
        return key(model(X), false, rule, Tensors.of("x", Tensor.transfer(new float[] {a, b}, 1, 2)), 0);
    }

    private static CacheKey ruledFirst(CacheRule rule, double a) {
        InferenceModel model = model(TensorSpec.of("d", DataType.FP64, -1, 1));
        return key(model, false, rule, Tensors.of("d", Tensor.transfer(new double[] {a}, 1, 1)), 0);
    }

    private static CacheKey ruledLong(CacheRule rule, long a) {
        InferenceModel model = model(TensorSpec.of("d", DataType.INT64, -1, 1));
        return key(model, false, rule, Tensors.of("d", Tensor.transfer(new long[] {a}, 1, 1)), 0);
    }

    /** Rows 0 and 2 are the same, row 1 differs from them in one element. */
    private static Object threeRows(DataType type) {
        Object rows = switch (type) {
            case FP32 -> new float[9];
            case FP64 -> new double[9];
            case INT64 -> new long[9];
            case INT32 -> new int[9];
            case INT16, FP16, BF16 -> new short[9];
            case INT8, UINT8 -> new byte[9];
            case BOOL -> new boolean[9];
            case BYTES -> new String[] {"a", "b", "c", "a", "b", "d", "a", "b", "c"};
        };
        if (type == DataType.BOOL) {
            ((boolean[]) rows)[5] = true;
        } else if (type != DataType.BYTES) {
            switch (type) {
                case FP32 -> ((float[]) rows)[5] = 1;
                case FP64 -> ((double[]) rows)[5] = 1;
                case INT64 -> ((long[]) rows)[5] = 1;
                case INT32 -> ((int[]) rows)[5] = 1;
                case INT16, FP16, BF16 -> ((short[]) rows)[5] = 1;
                default -> ((byte[]) rows)[5] = 1;
            }
        }
        return rows;
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void aRowOfAnyTypeIsAKey(DataType type) {
        Tensors rows = Tensors.of("x", Tensor.transfer(type, threeRows(type), Shape.of(3, 3)));
        InferenceModel model = model(TensorSpec.of("x", type, -1, 3));
        CacheKey first = exact(model, rows, 0);
        assertThat(exact(model, rows, 2)).isEqualTo(first).hasSameHashCodeAs(first);
        assertThat(exact(model, rows, 1)).isNotEqualTo(first);
        assertThat(exact(model, rows.select(1), 0)).isEqualTo(exact(model, rows, 1));
        // Other rules look at each element, and come to the same where they say nothing about it.
        CacheRule rule = type.isFloating() || type.isInteger()
                ? CacheRule.exact().rounding("x", 6)
                : CacheRule.exact().only("x");
        CacheKey ruled = key(model, false, rule, rows, 0);
        assertThat(key(model, false, rule, rows, 2)).isEqualTo(ruled);
        if (type != DataType.FP16 && type != DataType.BF16) {
            // There the change is too small for six digits.
            assertThat(key(model, false, rule, rows, 1)).isNotEqualTo(ruled);
        }
    }

    @Test
    void keysDifferInEverythingThatTheAnswerDependsOn() {
        Set<CacheKey> keys = new HashSet<>();
        float[] four = {1, 2, 3, 4};
        Tensors row = Tensors.of("x", Tensor.copyOf(four, 1, 4));
        int count = 0;
        for (String content : List.of("m", "n")) {
            for (ModelSignature signature : List.of(
                    EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, 4)),
                    EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, -1)),
                    new ModelSignature(
                            List.of(TensorSpec.of("x", DataType.FP32, -1, 4)),
                            List.of(TensorSpec.of("other", DataType.FP32, -1, 2))),
                    new ModelSignature(
                            List.of(TensorSpec.of("x", DataType.FP32, -1, 4)),
                            List.of(TensorSpec.of("print", DataType.FP64, -1, 2))))) {
                for (CacheRule rule : List.of(
                        CacheRule.exact(),
                        CacheRule.exact().rounding("x", 1),
                        CacheRule.exact().rounding("x", 2),
                        CacheRule.exact().ignoringSignOfZero(),
                        CacheRule.exact().rounding("x", 2).ignoringSignOfZero())) {
                    for (boolean whole : new boolean[] {true, false}) {
                        keys.add(key(new EchoModel(content, signature), whole, rule, row, 0));
                        count++;
                    }
                }
            }
        }
        assertThat(keys).hasSize(count);
        InferenceModel model = new EchoModel("m", EchoModel.FLOATS);
        Layout layout = Layout.of(model, false, CacheRule.exact());
        KeyBuffer buffer = KeyBuffer.local();
        layout.write(buffer, row, 0);
        Scope scope = Scope.of(layout.header(model), 0, -1);
        buffer.hash(scope);
        CacheKey before = buffer.key();
        buffer.hash(scope.at(1));
        assertThat(buffer.key()).as("after what was known is forgotten").isNotEqualTo(before);
    }

    @Test
    void extentsThatAreOpenAreInTheKey() {
        InferenceModel model = model(TensorSpec.of("x", DataType.FP32, -1, -1));
        float[] zeros = new float[4];
        CacheKey four = exact(model, Tensors.of("x", Tensor.copyOf(zeros, 1, 4)), 0);
        CacheKey two = exact(model, Tensors.of("x", Tensor.copyOf(zeros, 2, 2)), 0);
        assertThat(four).isNotEqualTo(two);
        // Of a row, how many there are beside it does not count; of a call it does.
        Tensors three = Tensors.of("x", Tensor.copyOf(new float[12], 3, 4));
        assertThat(exact(model, three, 1)).isEqualTo(four);
        CacheRule rule = CacheRule.exact();
        Set<CacheKey> wholes = new HashSet<>();
        for (long[] shape : new long[][] {{1, 4}, {4, 1}, {2, 2}, {0, 0}, {0, 4}, {4, 0}, {1, 0}}) {
            int size = (int) (shape[0] * shape[1]);
            wholes.add(key(model, true, rule, Tensors.of("x", Tensor.transfer(new float[size], shape)), 0));
        }
        assertThat(wholes).hasSize(7);
        InferenceModel cube = model(TensorSpec.of("x", DataType.FP32, -1, -1, -1));
        assertThat(exact(cube, Tensors.of("x", Tensor.copyOf(zeros, 1, 2, 2)), 0))
                .isNotEqualTo(exact(cube, Tensors.of("x", Tensor.copyOf(zeros, 1, 4, 1)), 0));
    }

    @Test
    void inputsCountByNameAndNotByOrder() {
        InferenceModel model =
                model(TensorSpec.of("p", DataType.INT32, -1, 1), TensorSpec.of("q", DataType.INT32, -1, 1));
        Tensor one = Tensor.copyOf(new int[] {1}, 1, 1);
        Tensor two = Tensor.copyOf(new int[] {2}, 1, 1);
        CacheKey key = exact(model, Tensors.of("p", one, "q", two), 0);
        assertThat(exact(model, Tensors.of("q", two, "p", one), 0)).isEqualTo(key);
        assertThat(exact(model, Tensors.of("p", two, "q", one), 0)).isNotEqualTo(key);
    }

    @Test
    void elementsOfSeveralInputsDoNotRunTogether() {
        InferenceModel model = model(
                TensorSpec.of("p", DataType.INT8, -1, -1),
                TensorSpec.of("t", DataType.BYTES, -1, -1),
                TensorSpec.of("q", DataType.INT8, -1, -1));
        Set<CacheKey> keys = new HashSet<>();
        int count = 0;
        for (int width = 0; width < 4; width++) {
            for (int words = 0; words < 3; words++) {
                for (int other = 0; other < 4; other++) {
                    String[] texts = new String[words];
                    Arrays.fill(texts, "\0\0");
                    Tensors inputs = Tensors.builder()
                            .put("p", Tensor.transfer(DataType.INT8, new byte[width], 1, width))
                            .put("t", Tensor.transfer(texts, 1, words))
                            .put("q", Tensor.transfer(DataType.INT8, new byte[other], 1, other))
                            .build();
                    keys.add(exact(model, inputs, 0));
                    count++;
                }
            }
        }
        assertThat(keys).hasSize(count);
    }

    @Test
    void scalarsAndStaticLeadingAxesAreWholeCalls() {
        assertThat(Layout.hasRows(model(X))).isTrue();
        assertThat(Layout.hasRows(model(X, TensorSpec.of("y", DataType.FP32, -1, -1))))
                .isTrue();
        assertThat(Layout.hasRows(model(TensorSpec.of("v", DataType.FP32, -1)))).isTrue();
        assertThat(Layout.hasRows(model(X, TensorSpec.of("s", DataType.FP32)))).isFalse();
        assertThat(Layout.hasRows(model(X, TensorSpec.of("s", DataType.FP32, 1, 2))))
                .isFalse();
        assertThat(Layout.hasRows(model())).isFalse();
        for (TensorSpec output : List.of(
                TensorSpec.of("o", DataType.FP32),
                TensorSpec.of("o", DataType.FP32, 1),
                // Of rows that are filled up to the longest, none is what it is alone.
                TensorSpec.of("o", DataType.FP32, -1, -1))) {
            assertThat(Layout.hasRows(new EchoModel("m", new ModelSignature(List.of(X), List.of(output)))))
                    .as(output.toString())
                    .isFalse();
        }
        assertThat(Layout.hasRows(new EchoModel("m", new ModelSignature(List.of(X), List.of()))))
                .isFalse();
        InferenceModel model = model(TensorSpec.of("s", DataType.FP32), TensorSpec.of("w", DataType.FP32, 2));
        Tensor pair = Tensor.copyOf(new float[] {1, 2}, 2);
        CacheKey one =
                key(model, true, CacheRule.exact(), Tensors.of("s", Tensor.copyOf(new float[] {1}), "w", pair), 0);
        CacheKey two =
                key(model, true, CacheRule.exact(), Tensors.of("s", Tensor.copyOf(new float[] {2}), "w", pair), 0);
        assertThat(one).isNotEqualTo(two);
    }

    @Test
    void rowsOfNoElementsAreTheSame() {
        InferenceModel model = model(TensorSpec.of("x", DataType.FP32, -1, 0));
        Tensors rows = Tensors.of("x", Tensor.copyOf(new float[0], 3, 0));
        assertThat(exact(model, rows, 2)).isEqualTo(exact(model, rows, 0));
    }

    @Test
    void everyNanIsOneAndZerosAreTwo() {
        CacheRule exact = CacheRule.exact();
        float other = Float.intBitsToFloat(0x7fc00abc);
        float signaling = Float.intBitsToFloat(0xff800001);
        assertThat(ruled(exact, Float.NaN, 1)).isEqualTo(ruled(exact, other, 1)).isEqualTo(ruled(exact, signaling, 1));
        assertThat(ruled(exact, Float.NaN, 1))
                .isNotEqualTo(ruled(exact, Float.POSITIVE_INFINITY, 1))
                .isNotEqualTo(ruled(exact, 1, Float.NaN));
        assertThat(ruled(exact, 0f, 1)).isNotEqualTo(ruled(exact, -0f, 1));
        CacheRule rule = exact.ignoringSignOfZero();
        assertThat(ruled(rule, 0f, 1)).isEqualTo(ruled(rule, -0f, 1));
        assertThat(ruled(rule, 0f, 1)).isNotEqualTo(ruled(rule, Float.MIN_VALUE, 1));
        assertThat(ruled(rule, 1f, 1)).isNotEqualTo(ruled(rule, -1f, 1));
        assertThat(ruled(rule, other, 1)).isEqualTo(ruled(rule, signaling, 1));
        CacheRule rounded = exact.rounding("a", 1);
        assertThat(ruled(rounded, 0.01f, 1))
                .isEqualTo(ruled(rounded, -0.01f, 1))
                .isEqualTo(ruled(rounded, -0f, 1));
        assertThat(ruled(rounded, 1, 0f)).as("a feature that is not rounded").isNotEqualTo(ruled(rounded, 1, -0f));
        for (DataType half : new DataType[] {DataType.FP16, DataType.BF16}) {
            InferenceModel model = model(TensorSpec.of("h", half, -1, 1));
            short[] nans = {(short) 0x7fff, (short) 0xffff, (short) 0x7f80, (short) 0xff81};
            Tensors rows = Tensors.of("h", Tensor.transfer(half, nans, 4, 1));
            assertThat(exact(model, rows, 0)).isEqualTo(exact(model, rows, 1));
            // An infinity of one is a NaN of the other.
            assertThat(exact(model, rows, 2).equals(exact(model, rows, 0))).isEqualTo(half == DataType.FP16);
            assertThat(exact(model, rows, 3)).isEqualTo(exact(model, rows, 0));
        }
    }

    @Test
    void roundingIsToTheDigitsThatAreNamed() {
        CacheRule hundredths = CacheRule.exact().rounding("a", 2);
        assertThat(ruled(hundredths, 0.501f, 1)).isEqualTo(ruled(hundredths, 0.499f, 1));
        assertThat(ruled(hundredths, 0.51f, 1)).isNotEqualTo(ruled(hundredths, 0.5f, 1));
        assertThat(ruled(hundredths, 1, 0.501f)).isNotEqualTo(ruled(hundredths, 1, 0.499f));
        // What the Javadoc says of a threshold.
        CacheRule tenths = CacheRule.exact().rounding("a", 1);
        assertThat(ruled(tenths, 0.49f, 1)).isEqualTo(ruled(tenths, 0.51f, 1));
        CacheRule thousands = CacheRule.exact().rounding("x", -3);
        assertThat(ruled(thousands, 12_345, 499)).isEqualTo(ruled(thousands, 11_600, -499));
        assertThat(ruled(thousands, 12_345, 0)).isNotEqualTo(ruled(thousands, 12_501, 0));
        // A column's own digits come before those of its input.
        CacheRule both = CacheRule.exact().rounding("x", 0).rounding("b", 2);
        assertThat(ruled(both, 1.4f, 0.5f)).isEqualTo(ruled(both, 0.6f, 0.5f));
        assertThat(ruled(both, 1, 0.5f)).isNotEqualTo(ruled(both, 1, 0.6f));
    }

    @Test
    void noRoundedNumberIsTakenForOneThatIsNot() {
        CacheRule hundredths = CacheRule.exact().rounding("d", 2);
        // 1e12 in hundredths is 1e14, and 1e14 has no hundredths to be rounded.
        Set<CacheKey> keys = new HashSet<>();
        double[] numbers = {
            1e12,
            1e14,
            1e16,
            -1e12,
            -1e14,
            -1e16,
            1e300,
            -1e300,
            Double.MAX_VALUE,
            -Double.MAX_VALUE,
            0x1p53,
            -0x1p53,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NaN,
            0,
            1,
            -1,
            0.01,
            -0.01,
            1e-300 + 2
        };
        for (double number : numbers) {
            keys.add(ruledFirst(hundredths, number));
        }
        assertThat(keys).hasSize(numbers.length);
        for (int digits : new int[] {-18, -3, 0, 3, 18}) {
            CacheRule rule = CacheRule.exact().rounding("d", digits);
            assertThat(ruledFirst(rule, Double.POSITIVE_INFINITY)).isNotEqualTo(ruledFirst(rule, Double.MAX_VALUE));
            assertThat(ruledFirst(rule, Double.NaN)).isNotEqualTo(ruledFirst(rule, 0));
            assertThat(ruledFirst(rule, Double.MAX_VALUE)).isNotEqualTo(ruledFirst(rule, -Double.MAX_VALUE));
        }
        assertThat(ruledFirst(CacheRule.exact().rounding("d", 18), 1e-18))
                .isNotEqualTo(ruledFirst(CacheRule.exact().rounding("d", 18), 2e-18));
    }

    @Test
    void wholeNumbersAreRoundedExactly() {
        CacheRule thousands = CacheRule.exact().rounding("d", -3);
        long large = Long.MAX_VALUE / 1000 * 1000;
        assertThat(ruledLong(thousands, large)).isEqualTo(ruledLong(thousands, large + 1));
        assertThat(ruledLong(thousands, large)).isNotEqualTo(ruledLong(thousands, large - 501));
        assertThat(ruledLong(thousands, 1499)).isEqualTo(ruledLong(thousands, 501));
        assertThat(ruledLong(thousands, 499)).isEqualTo(ruledLong(thousands, -499));
        assertThat(ruledLong(thousands, 499)).isNotEqualTo(ruledLong(thousands, 501));
        assertThat(ruledLong(thousands, Long.MIN_VALUE)).isEqualTo(ruledLong(thousands, Long.MIN_VALUE + 1));
        CacheRule hundredths = CacheRule.exact().rounding("d", 2);
        assertThat(ruledLong(hundredths, (1L << 53) + 1)).isNotEqualTo(ruledLong(hundredths, 1L << 53));
        CacheRule huge = CacheRule.exact().rounding("d", -18);
        assertThat(ruledLong(huge, 499_999_999_999_999_999L)).isEqualTo(ruledLong(huge, 0));
        assertThat(ruledLong(huge, 500_000_000_000_000_000L)).isNotEqualTo(ruledLong(huge, 0));
    }

    @Test
    void onlyWhatIsNamedCounts() {
        CacheRule onlyB = CacheRule.exact().only("b");
        assertThat(ruled(onlyB, 1, 7)).isEqualTo(ruled(onlyB, 2, 7));
        assertThat(ruled(onlyB, 1, 7)).isNotEqualTo(ruled(onlyB, 1, 8));
        assertThat(ruled(onlyB.rounding("b", 0), 1, 7.1f)).isEqualTo(ruled(onlyB.rounding("b", 0), 2, 6.9f));
        CacheRule all = CacheRule.exact().only("x");
        assertThat(ruled(all, 1, 7)).isNotEqualTo(ruled(all, 2, 7));
        InferenceModel texts = model(X, TensorSpec.of("id", DataType.BYTES, -1, 1));
        Tensor row = Tensor.copyOf(new float[] {1, 2}, 1, 2);
        CacheRule withoutId = CacheRule.exact().only("a", "b");
        Tensors one = Tensors.of("x", row, "id", Tensor.copyOf(new String[] {"1"}, 1, 1));
        Tensors two = Tensors.of("x", row, "id", Tensor.copyOf(new String[] {"2"}, 1, 1));
        assertThat(key(texts, false, withoutId, one, 0)).isEqualTo(key(texts, false, withoutId, two, 0));
        assertThat(key(texts, false, withoutId.only("id"), one, 0))
                .isNotEqualTo(key(texts, false, withoutId.only("id"), two, 0));
    }

    /** Wherever a row lies in its batch, and however many elements beyond the named ones it has, which all count. */
    @Test
    void aRuleFindsItsFeaturesInEveryRow() {
        InferenceModel model = model(TensorSpec.of("x", DataType.FP32, -1, -1).withColumns(List.of("a", "b", "c")));
        CacheRule onlyA = CacheRule.exact().only("a");
        Tensors rows =
                Tensors.of("x", Tensor.copyOf(new float[] {1, 2, 3, 4, 1, 9, 9, 4, 5, 2, 3, 4, 1, 2, 3, 5}, 4, 4));
        CacheKey first = key(model, false, onlyA, rows, 0);
        assertThat(key(model, false, onlyA, rows, 1)).as("other in b and c").isEqualTo(first);
        assertThat(key(model, false, onlyA, rows, 2)).as("other in a").isNotEqualTo(first);
        assertThat(key(model, false, onlyA, rows, 3))
                .as("other in what has no name")
                .isNotEqualTo(first);
        assertThat(key(model, true, onlyA, rows.select(0), 0)).isEqualTo(key(model, true, onlyA, rows.select(1), 0));
        assertThat(key(model, true, onlyA, rows.select(0, 0), 0))
                .isEqualTo(key(model, true, onlyA, rows.select(0, 1), 0))
                .isNotEqualTo(key(model, true, onlyA, rows.select(0, 2), 0));
    }

    @Test
    void aRuleThatDoesNotFitIsRefusedWithAllThatIsWrong() {
        InferenceModel model =
                model(X, TensorSpec.of("word", DataType.BYTES, -1, 1), TensorSpec.of("flag", DataType.BOOL, -1, 1));
        CacheRule rule = CacheRule.exact()
                .rounding("c", 2)
                .rounding("word", 1)
                .rounding("flag", 1)
                .only("a", "unknown");
        assertThatThrownBy(() -> Layout.of(model, false, rule))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'c' is not one of [a, b, flag, word, x]")
                .hasMessageContaining("'unknown' is not one of")
                .hasMessageContaining("'word' is rounded but is BYTES")
                .hasMessageContaining("'flag' is rounded but is BOOL")
                .hasMessageContaining("the cache rule of model");
        CacheSpec spec = CacheSpec.maxEntries(10).rule("m", rule);
        assertThatThrownBy(() -> new PredictionCache(spec).around("m", model))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> CacheRule.exact().rounding("a", 19)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CacheRule.exact().rounding("a", -19)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CacheRule.exact().only()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rowsOfFloatsHaveTheKeysOfTheirTensors() {
        InferenceModel model = model(X);
        Layout layout = Layout.of(model, false, CacheRule.exact());
        assertThat(layout.takesFloats()).isTrue();
        Scope scope = Scope.of(layout.header(model), 0, -1);
        float[] rows = {1, -0f, Float.intBitsToFloat(0xffc00001), 4};
        KeyBuffer buffer = KeyBuffer.local();
        for (int row = 0; row < 2; row++) {
            assertThat(layout.write(buffer, rows, 2 * row, 2)).isTrue();
            boolean changed = layout.canonicalize(buffer, 2);
            assertThat(changed).isEqualTo(row == 1);
            buffer.hash(scope);
            assertThat(buffer.key()).isEqualTo(exact(model, Tensors.of("x", Tensor.copyOf(rows, 2, 2)), row));
        }
        assertThat(Layout.of(model, false, CacheRule.exact().rounding("a", 1)).takesFloats())
                .isFalse();
        assertThat(Layout.of(model, true, CacheRule.exact()).takesFloats()).isFalse();
        assertThat(Layout.of(model(TensorSpec.of("x", DataType.FP32, -1, -1)), false, CacheRule.exact())
                        .takesFloats())
                .isFalse();
        assertThat(Layout.of(model(TensorSpec.of("x", DataType.INT32, -1, 2)), false, CacheRule.exact())
                        .takesFloats())
                .isFalse();
    }

    @Test
    void keysGrowUpToALimitAndTheirRoomIsGivenUp() {
        InferenceModel model = model(TensorSpec.of("x", DataType.INT8, -1, -1));
        KeyBuffer buffer = KeyBuffer.local();
        int extents = 2 * Long.BYTES;
        for (int width : new int[] {1000, 1_000_001, KeyBuffer.MAX_LENGTH - extents}) {
            Tensors row = Tensors.of("x", Tensor.transfer(DataType.INT8, new byte[width], 1, width));
            CacheKey key = exact(model, row, 0);
            assertThat(key.bytes()).hasSize(width + extents);
            buffer.release();
            assertThat(buffer.raw().capacity()).isLessThanOrEqualTo(1 << 16);
        }
        int tooLong = KeyBuffer.MAX_LENGTH - extents + 1;
        Tensors row = Tensors.of("x", Tensor.transfer(DataType.INT8, new byte[tooLong], 1, tooLong));
        assertThat(exact(model, row, 0)).isNull();
        CacheRule rule = CacheRule.exact().rounding("x", 1);
        Tensors wide = Tensors.of("x", Tensor.transfer(DataType.INT8, new byte[1 << 21], 1, 1 << 21));
        assertThat(key(model, false, rule, wide, 0)).isNull();
        InferenceModel texts = model(TensorSpec.of("x", DataType.BYTES, -1, 1));
        String longest = "x".repeat(KeyBuffer.MAX_LENGTH / 2);
        assertThat(exact(texts, Tensors.of("x", Tensor.copyOf(new String[] {longest}, 1, 1)), 0))
                .isNull();
        buffer.release();
    }

    /** Such calls are the model's. */
    @Test
    void aCallWithALongerKeyGoesToTheModel() {
        EchoModel model = new EchoModel("m", EchoModel.signature(TensorSpec.of("x", DataType.INT8, -1, -1)));
        PredictionCache cache = new PredictionCache(CacheSpec.maxEntries(10)
                .checkEvery(0)
                .rule("m", CacheRule.exact().always()));
        InferenceModel cached = cache.around("m", model);
        Tensors row = Tensors.of(
                "x", Tensor.transfer(DataType.INT8, new byte[KeyBuffer.MAX_LENGTH], 1, KeyBuffer.MAX_LENGTH));
        assertThat(cached.predict(row)).isEqualTo(cached.predict(row));
        assertThat(model.calls.sum()).isEqualTo(2);
        assertThat(cache.entries()).isZero();
        assertThat(cache.flights()).isEmpty();
        assertThat(KeyBuffer.local().raw().capacity()).isLessThanOrEqualTo(1 << 16);
    }
}
