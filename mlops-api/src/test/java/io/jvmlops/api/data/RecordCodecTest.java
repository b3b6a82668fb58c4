package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    enum Plan {
        FREE,
        PRO
    }

    private record Flower(
            double sepalLength,
            float sepalWidth,
            int petals,
            @Feature("petal length (cm)") Double petal) {}

    private record Customer(String city, Plan plan, boolean active, long visits, Double spend) {}

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
                .hasMessageContaining("image: FP32[-1, 3, 8, 8] takes no row")
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
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("'plan' is null, expected one of [FREE, PRO]");
    }

    private record Answer(String label, float score) {}

    @Test
    void decodingListsEveryTensorThatDoesNotFit() {
        Tensors outputs = Tensors.of("label", Tensor.copyOf(new long[] {1}, 1));
        assertThatThrownBy(() -> RecordCodec.of(Answer.class).decode(outputs, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'label' is INT64[1]")
                .hasMessageContaining("no tensor 'score'");
    }
}
