package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"ArrayRecordComponent", "UnusedMethod"
}) // arrays are what is tested; accessors are called by reflection
class RecordCodecTest {
    enum Plan {
        FREE,
        PRO
    }

    private record Flower(
            double sepalLength,
            float sepalWidth,
            int petals,
            @Feature("petal length (cm)") @Nullable Double petal) {}

    private record Customer(
            String city,
            Plan plan,
            boolean active,
            long visits,
            @Nullable Double spend) {}

    private static final List<Customer> CUSTOMERS = List.of(
            new Customer("Ulm", Plan.PRO, true, 1L << 40, 2.5), new Customer("Bern", Plan.FREE, false, -1, null));

    @Test
    void componentsAreColumns() {
        assertThat(RecordCodec.of(Customer.class).schema())
                .isEqualTo(Schema.of(
                        Column.of("city", DataType.BYTES),
                        Column.categorical("plan", List.of("FREE", "PRO")),
                        Column.of("active", DataType.BOOL),
                        Column.of("visits", DataType.INT64),
                        new Column("spend", DataType.FP64, true, List.of())));
        assertThat(RecordCodec.of(Flower.class, MethodHandles.lookup()).schema().names())
                .containsExactly("sepalLength", "sepalWidth", "petals", "petal length (cm)");
    }

    @Test
    void decodesWhatItEncoded() {
        RecordCodec<Customer> codec = RecordCodec.of(Customer.class);
        Tensors tensors = codec.encode(CUSTOMERS);
        assertThat(tensors.get("visits").shape()).isEqualTo(Shape.of(2));
        assertThat(codec.decode(tensors, 0)).isEqualTo(CUSTOMERS.get(0));
        // Null travels as NaN, and comes back as what it travelled as.
        assertThat(codec.decode(tensors, 1).spend()).isNaN();
        assertThatThrownBy(() -> codec.decode(tensors, 2)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void encodesAMatrixByColumnName() {
        TensorSpec matrix = TensorSpec.of("x", DataType.FP32, -1, 4)
                .withColumns(List.of("petal length (cm)", "sepalLength", "petals", "sepalWidth"));
        RecordCodec.Encoder<Flower> encoder = RecordCodec.of(Flower.class).encoder(List.of(matrix));
        Tensors tensors = encoder.encode(List.of(new Flower(1, 2, 3, 4.0), new Flower(5, 6, 7, null)));
        assertThat(tensors.get("x").shape()).isEqualTo(Shape.of(2, 4));
        assertThat(tensors.get("x").toDoubleArray()).containsExactly(4, 1, 3, 2, Double.NaN, 5, 7, 6);
        assertThat(encoder.encode(new Flower(1, 2, 3, 4.0)).get("x").shape()).isEqualTo(Shape.of(1, 4));
    }

    @Test
    void encodesOneTensorPerColumn() {
        RecordCodec.Encoder<Customer> encoder = RecordCodec.of(Customer.class)
                .encoder(List.of(
                        TensorSpec.of("spend", DataType.FP32, -1, 1),
                        TensorSpec.of("city", DataType.BYTES, -1, 1),
                        TensorSpec.of("plan", DataType.BYTES, -1),
                        TensorSpec.of("active", DataType.BOOL, -1),
                        TensorSpec.of("visits", DataType.INT64, -1)));
        Tensors tensors = encoder.encode(CUSTOMERS);
        assertThat(tensors.get("plan").stringAt(1)).isEqualTo("FREE");
        assertThat(tensors.get("city").shape()).isEqualTo(Shape.of(2, 1));
        assertThat(tensors.get("active").booleanAt(0)).isTrue();
        assertThat(tensors.get("visits").longAt(0)).isEqualTo(1L << 40);
    }

    @Test
    void takesComponentsInOrderOnlyWhereThereAreNoNames() {
        RecordCodec<Flower> codec = RecordCodec.of(Flower.class);
        Tensors tensors =
                codec.encoder(List.of(TensorSpec.of("X", DataType.FP64, -1, 4))).encode(new Flower(1, 2, 3, 4.0));
        assertThat(tensors.get("X").toDoubleArray()).containsExactly(1, 2, 3, 4);
        assertThatThrownBy(() -> codec.encoder(List.of(TensorSpec.of("X", DataType.FP64, -1, 5))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("5 columns, the record has 4 components");
    }

    @Test
    void listsEveryDifferenceWhenTheEncoderIsMade() {
        assertThatThrownBy(() -> RecordCodec.of(Customer.class)
                        .encoder(List.of(
                                TensorSpec.of("visits", DataType.INT32, -1),
                                TensorSpec.of("spend", DataType.INT64, -1),
                                TensorSpec.of("age", DataType.FP32, -1, 1),
                                TensorSpec.of("image", DataType.FP32, -1, 3, 8, 8))))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(7))
                .hasMessageContaining("'visits' is INT64, which does not convert to the INT32")
                .hasMessageContaining("'spend' is FP64, which does not convert")
                .hasMessageContaining("no component for column 'age'")
                .hasMessageContaining(
                        "image: FP32[-1, 3, 8, 8] takes no row of named columns; give the record an array named")
                .hasMessageContaining("'city' is no column of the model")
                .hasMessageContaining("'plan' is no column")
                .hasMessageContaining("'active' is no column");
    }

    private record Odd(java.util.Date when, Object what, int ok) {}

    private record Nothing() {}

    @Test
    void refusesComponentsThatAreNoColumns() {
        assertThatThrownBy(() -> RecordCodec.of(Odd.class))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'when' is a Date")
                .hasMessageContaining("'what' is a Object");
        assertThatThrownBy(() -> RecordCodec.of(Nothing.class)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void namesTheComponentThatIsNull() {
        assertThatThrownBy(
                        () -> RecordCodec.of(Customer.class).encode(List.of(new Customer("Ulm", null, true, 1, 1.0))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'plan' of row 0 is null, expected one of [FREE, PRO]");
    }

    private record Answer(String label, float score, boolean sure) {}

    @Test
    void decodingListsEveryTensorThatDoesNotFit() {
        Tensors outputs =
                Tensors.of("label", Tensor.copyOf(new float[] {1}, 1), "sure", Tensor.copyOf(new long[] {1}, 1));
        assertThatThrownBy(() -> RecordCodec.of(Answer.class).decode(outputs, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'label' is FP32[1]")
                .hasMessageContaining("'sure' is INT64[1]")
                .hasMessageContaining("no tensor 'score'");
        assertThatThrownBy(() -> RecordCodec.of(Answer.class)
                        .checkDecodes(List.of(
                                TensorSpec.of("label", DataType.FP64, -1),
                                TensorSpec.of("sure", DataType.BOOL, -1, 2))))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(3))
                .hasMessageContaining("'label' is String, to which output label: FP64[-1] does not convert")
                .hasMessageContaining("'sure' holds one value, but output sure: BOOL[-1, 2] has 2 a row")
                .hasMessageContaining("'score' is no output of the model");
    }

    private enum Species {
        @Feature("0")
        SETOSA,
        @Feature("1")
        VERSICOLOR
    }

    private record Named(Species label, String text, float[] scores, long[] ids) {}

    @Test
    void decodesLabelsAndVectors() {
        RecordCodec<Named> codec = RecordCodec.of(Named.class);
        codec.checkDecodes(List.of(
                TensorSpec.of("label", DataType.INT64, -1),
                TensorSpec.of("text", DataType.INT32, -1, 1),
                TensorSpec.of("scores", DataType.FP64, -1, 2),
                TensorSpec.of("ids", DataType.INT32, -1, -1)));
        Tensors outputs = Tensors.builder()
                .put("label", Tensor.copyOf(new long[] {1, 0}, 2))
                .put("text", Tensor.copyOf(new int[] {7, 8}, 2, 1))
                .put("scores", Tensor.copyOf(new double[] {0.25, 0.75, 1, 0}, 2, 2))
                .put("ids", Tensor.copyOf(new int[] {1, 2, 3, 4, 5, 6}, 2, 3))
                .build();
        Named second = codec.decode(outputs, 1);
        assertThat(second.label()).isEqualTo(Species.SETOSA);
        assertThat(second.text()).isEqualTo("8");
        assertThat(second.scores()).containsExactly(1, 0);
        assertThat(second.ids()).containsExactly(4, 5, 6);
        assertThat(codec.decode(outputs, 0).label()).isEqualTo(Species.VERSICOLOR);
    }

    private record Narrow(float one, float[] many) {}

    @Test
    void aNumberBeyondAFloatIsNotReadAsInfinity() {
        RecordCodec<Narrow> codec = RecordCodec.of(Narrow.class);
        Tensors fits = Tensors.of(
                "one", Tensor.copyOf(new double[] {Double.POSITIVE_INFINITY}, 1),
                "many", Tensor.copyOf(new double[] {0.5, Double.NaN}, 1, 2));
        assertThat(codec.decode(fits, 0).one()).isInfinite();
        Tensors beyond = Tensors.of(
                "one", Tensor.copyOf(new double[] {1e300}, 1),
                "many", Tensor.copyOf(new double[] {0.5, -1e300}, 1, 2));
        assertThatThrownBy(() -> codec.decode(beyond, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("component 'one' as a double")
                .hasMessageContaining("position 1")
                .hasMessageNotContaining("1e300")
                .hasMessageNotContaining("1.0E300");
    }

    private record Passenger(
            @Nullable Integer age,
            @Feature(missing = "-1") Long ticket,
            @Feature(value = "Cabin", missing = "none") String cabin,
            @Feature(missing = "false") @Nullable Boolean alone,
            @Nullable Float fare,
            @Feature(missing = "NO") @Nullable Plan plan) {}

    @Test
    void whatIsMissingIsNanOrAStandIn() {
        Tensors tensors = RecordCodec.of(Passenger.class)
                .encoder(List.of(
                        TensorSpec.of("numbers", DataType.FP32, -1, 3).withColumns(List.of("fare", "age", "ticket")),
                        TensorSpec.of("Cabin", DataType.BYTES, -1, 1),
                        TensorSpec.of("alone", DataType.BOOL, -1, 1),
                        TensorSpec.of("plan", DataType.BYTES, -1)))
                .encode(List.of(
                        new Passenger(null, null, null, null, null, null),
                        new Passenger(38, 17599L, "C85", true, 71.25f, Plan.PRO)));
        assertThat(tensors.get("numbers").toDoubleArray())
                .containsExactly(Double.NaN, Double.NaN, -1, 71.25, 38, 17599);
        assertThat(tensors.get("Cabin").stringAt(0)).isEqualTo("none");
        assertThat(tensors.get("Cabin").stringAt(1)).isEqualTo("C85");
        assertThat(tensors.get("alone").booleanAt(0)).isFalse();
        assertThat(tensors.get("alone").booleanAt(1)).isTrue();
        assertThat(tensors.get("plan").stringAt(0)).isEqualTo("NO");
        assertThat(tensors.get("plan").stringAt(1)).isEqualTo("PRO");
    }

    private record Holes(
            @Nullable Integer a,
            @Nullable String b,
            @Nullable Boolean c,
            @Nullable Float d) {}

    @Test
    void whatHasNoValueForMissingNeedsAStandIn() {
        List<TensorSpec> inputs = List.of(
                TensorSpec.of("a", DataType.INT64, -1),
                TensorSpec.of("b", DataType.BYTES, -1),
                TensorSpec.of("c", DataType.BOOL, -1),
                TensorSpec.of("d", DataType.FP16, -1));
        assertThatThrownBy(() -> RecordCodec.of(Holes.class).encoder(inputs))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(3))
                .hasMessageContaining(
                        "'a' may be null, but the INT64 of input a: INT64[-1] has no value for what is missing")
                .hasMessageContaining("@Feature(missing");
    }

    private record BadStandIns(
            @Feature(missing = "x") Integer a,
            @Feature(missing = "1") int b,
            @Feature(missing = "maybe") Boolean c) {}

    @Test
    void standInsAreValuesOfTheComponent() {
        assertThatThrownBy(() -> RecordCodec.of(BadStandIns.class))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(3))
                .hasMessageContaining("its stand-in 'x' is no int")
                .hasMessageContaining("'b' is a int, which is never null")
                .hasMessageContaining("its stand-in 'maybe' is no boolean");
    }

    private record Embedded(float[] image, double[] v, int @Nullable [] ids, String[] words, long id) {}

    private static final List<TensorSpec> EMBEDDED = List.of(
            TensorSpec.of("image", DataType.FP32, -1, 1, 2, 2),
            TensorSpec.of("x", DataType.FP32, -1, 3).withColumns(List.of("v_0", "v_1", "id")),
            TensorSpec.of("ids", DataType.FP64, -1, -1),
            TensorSpec.of("words", DataType.BYTES, -1, 1));

    @Test
    void arraysAreVectors() {
        RecordCodec.Encoder<Embedded> encoder = RecordCodec.of(Embedded.class).encoder(EMBEDDED);
        Tensors tensors = encoder.encode(List.of(
                new Embedded(new float[] {1, 2, 3, 4}, new double[] {5, 6}, new int[] {7, 8}, new String[] {"a"}, 9),
                new Embedded(new float[] {11, 12, 13, 14}, new double[] {15, 16}, null, new String[] {"b"}, 19)));
        assertThat(tensors.get("image").shape()).isEqualTo(Shape.of(2, 1, 2, 2));
        assertThat(tensors.get("image").toDoubleArray()).containsExactly(1, 2, 3, 4, 11, 12, 13, 14);
        assertThat(tensors.get("x").toDoubleArray()).containsExactly(5, 6, 9, 15, 16, 19);
        assertThat(tensors.get("ids").shape()).isEqualTo(Shape.of(2, 2));
        assertThat(tensors.get("ids").toDoubleArray()).containsExactly(7, 8, Double.NaN, Double.NaN);
        assertThat(tensors.get("words").stringAt(1)).isEqualTo("b");
    }

    @Test
    void arraysOfOtherLengthsAreListedByComponentAndRow() {
        RecordCodec.Encoder<Embedded> encoder = RecordCodec.of(Embedded.class).encoder(EMBEDDED);
        Embedded right =
                new Embedded(new float[4], new double[2], new int[] {71, 72}, new String[] {"secret"}, 1234567);
        assertThatThrownBy(() -> encoder.encode(List.of(
                        right,
                        new Embedded(new float[5], new double[2], new int[3], new String[] {null}, 1),
                        new Embedded(null, new double[] {1, 1e300}, new int[2], new String[0], 1))))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(6))
                .hasMessageContaining("'image' of row 1 has 5 elements, expected 4")
                .hasMessageContaining("'ids' of row 1 has 3 elements, expected 2 as the rows before it")
                .hasMessageContaining("element 0 of component 'words' of row 1 is null")
                .hasMessageContaining("'image' of row 2 is null, expected a float[]")
                .hasMessageContaining("element 1 of component 'v' of row 2 is beyond what the FP32")
                .hasMessageContaining("'words' of row 2 has 0 elements, expected 1")
                .hasMessageNotContaining("secret");
    }

    private record VectorAndOneMore(float[] v, float v_2) {}

    @Test
    void anArrayEndsWhereAComponentHasTheNameOfItsNextColumn() {
        TensorSpec input = TensorSpec.of("x", DataType.FP32, -1, 3).withColumns(List.of("v_0", "v_1", "v_2"));
        Tensors tensors = RecordCodec.of(VectorAndOneMore.class)
                .encoder(List.of(input))
                .encode(new VectorAndOneMore(new float[] {1, 2}, 3));
        assertThat(tensors.get("x").toDoubleArray()).containsExactly(1, 2, 3);
    }

    private enum Twins {
        @Feature("one")
        FIRST,
        @Feature("one")
        SECOND
    }

    private record Twin(Twins twins) {}

    @Test
    void constantsOfOneNameAreRefused() {
        assertThatThrownBy(() -> RecordCodec.of(Twin.class))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'twins' is a Twins, of which several constants are named 'one'");
    }

    private record OneArray(float[] values) {}

    @Test
    void anArrayAloneFillsTheOnlyInput() {
        Tensors tensors = RecordCodec.of(OneArray.class)
                .encoder(List.of(TensorSpec.of("X", DataType.FP64, -1, 2)))
                .encode(new OneArray(new float[] {0.5f, 2}));
        assertThat(tensors.get("X").toDoubleArray()).containsExactly(0.5, 2);
        assertThatThrownBy(() ->
                        RecordCodec.of(OneArray.class).encoder(List.of(TensorSpec.of("X", DataType.FP32, -1, -1, -1))))
                .hasMessageContaining("several axes of free extent");
        assertThatThrownBy(() ->
                        RecordCodec.of(OneArray.class).encoder(List.of(TensorSpec.of("values", DataType.FP32, -1))))
                .hasMessageContaining("'values' is an array, but one column");
        assertThatThrownBy(() -> RecordCodec.of(OneArray.class)
                        .encoder(List.of(TensorSpec.of("X", DataType.FP32, -1, -1, 4)))
                        .encode(new OneArray(new float[6])))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("expected a multiple of 4");
    }

    @Test
    void rowsCanBeWrittenIntoAnArrayOfTheCallers() {
        TensorSpec input = TensorSpec.of("X", DataType.FP32, -1, 4);
        RecordCodec.Encoder<Flower> encoder = RecordCodec.of(Flower.class).encoder(List.of(input));
        float[] target = new float[10];
        encoder.encode(List.of(new Flower(1, 2, 3, 4.0), new Flower(5, 6, 7, 8.0)), target);
        assertThat(encoder.floats()).isEqualTo(4);
        assertThat(target).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 0, 0);
        assertThatThrownBy(() -> encoder.encode(List.of(new Flower(1e300, 2, 3, 4.0)), target))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'sepalLength' of row 0");
        assertThatThrownBy(() -> encoder.encode(List.of(new Flower(1, 2, 3, 4.0)), new float[3]))
                .isInstanceOf(IllegalArgumentException.class);
        RecordCodec.Encoder<Wide> wide =
                RecordCodec.of(Wide.class).encoder(List.of(TensorSpec.of("x", DataType.FP64, -1)));
        assertThat(wide.floats()).isEqualTo(-1);
        assertThatThrownBy(() -> wide.encode(List.of(new Wide(1)), target))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private record Many(byte[] pixels, boolean flag, short level, float half, float brain) {}

    @Test
    void everyTypeOfTensorCanBeWritten() {
        RecordCodec.Encoder<Many> encoder = RecordCodec.of(Many.class)
                .encoder(List.of(
                        TensorSpec.of("pixels", DataType.UINT8, -1, 2),
                        TensorSpec.of("flag", DataType.INT8, -1),
                        TensorSpec.of("level", DataType.UINT8, -1),
                        TensorSpec.of("half", DataType.FP16, -1),
                        TensorSpec.of("brain", DataType.BF16, -1)));
        Tensors tensors = encoder.encode(new Many(new byte[] {1, -1}, true, (short) 200, 0.5f, -2));
        assertThat(tensors.get("pixels").toDoubleArray()).containsExactly(1, 255);
        assertThat(tensors.get("flag").longAt(0)).isEqualTo(1);
        assertThat(tensors.get("level").longAt(0)).isEqualTo(200);
        assertThat(tensors.get("half").doubleAt(0)).isEqualTo(0.5);
        assertThat(tensors.get("brain").doubleAt(0)).isEqualTo(-2);
        assertThatThrownBy(() -> encoder.encode(new Many(new byte[2], true, (short) 256, 70_000, Float.MAX_VALUE)))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(3))
                .hasMessageContaining("'level' of row 0 is beyond what the UINT8 of input level: UINT8[-1] can hold")
                .hasMessageNotContaining("256");
    }

    private record Wide(double x) {}

    @Test
    void aNumberThatTheModelsTypeCannotHoldIsRefused() {
        RecordCodec.Encoder<Wide> encoder =
                RecordCodec.of(Wide.class).encoder(List.of(TensorSpec.of("x", DataType.FP32, -1)));
        assertThat(encoder.encode(new Wide(0.1)).get("x").doubleAt(0)).isEqualTo(0.1f);
        assertThat(encoder.encode(new Wide(Double.POSITIVE_INFINITY)).get("x").doubleAt(0))
                .isInfinite();
        assertThatThrownBy(() -> encoder.encode(List.of(new Wide(1), new Wide(4e38))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'x' of row 1 is beyond what the FP32");
    }

    private record Throwing(int a, String b) {
        @Override
        public String b() {
            if (b.equals("secret")) {
                throw new IllegalStateException("cannot show " + b);
            }
            return b;
        }
    }

    @Test
    void whatAnAccessorThrowsComesWithItsRowAndWithoutValues() {
        RecordCodec.Encoder<Throwing> encoder = RecordCodec.of(Throwing.class)
                .encoder(List.of(TensorSpec.of("a", DataType.INT64, -1), TensorSpec.of("b", DataType.BYTES, -1)));
        assertThatThrownBy(() -> encoder.encode(List.of(new Throwing(1, "x"), new Throwing(2, "secret"))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "component 'b' of row 1 could not be read: its accessor threw java.lang.IllegalStateException")
                .hasMessageNotContaining("secret")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyMismatchesAreCutShort() {
        RecordCodec.Encoder<Wide> encoder =
                RecordCodec.of(Wide.class).encoder(List.of(TensorSpec.of("x", DataType.FP32, -1)));
        Wide[] rows = new Wide[1000];
        Arrays.fill(rows, new Wide(1e300));
        assertThatThrownBy(() -> encoder.encode(List.of(rows)))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(21).last().isEqualTo("and maybe more"));
    }

    @Test
    void aRowThatIsNullIsAMistakeOfTheProgrammers() {
        RecordCodec.Encoder<Wide> encoder =
                RecordCodec.of(Wide.class).encoder(List.of(TensorSpec.of("x", DataType.FP32, -1)));
        assertThatThrownBy(() -> encoder.encode(Arrays.asList(new Wide(1), null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("a row to predict is null");
        assertThat(encoder.encode(List.of()).get("x").shape()).isEqualTo(Shape.of(0));
    }
}
