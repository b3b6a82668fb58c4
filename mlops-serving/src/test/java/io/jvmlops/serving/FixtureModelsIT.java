package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.test.model.ModelRows;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every model in the folder of fixtures answers as the library that trained it, to 1e-5 in 32 bits. */
class FixtureModelsIT {
    private static final double TOLERANCE = 1e-5;

    @TestFactory
    List<DynamicTest> answersAsItsLibraryDoes() {
        assertThat(Fixture.names())
                .contains("customers", "lightgbm_classes", "xgboost_regression", "torch_sentences", "type_bf16");
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : Fixture.names()) {
            tests.add(DynamicTest.dynamicTest(name, () -> {
                Fixture fixture = Fixture.load(name);
                try (InferenceModel model = Models.load(
                        ModelSource.bytes("model.onnx", fixture.onnx).trusted())) {
                    check(fixture, model.signature(), model::predict);
                }
            }));
            tests.add(DynamicTest.dynamicTest(name + ", served", () -> {
                Fixture fixture = Fixture.load(name);
                try (TestRegistry models = new TestRegistry();
                        Serving serving = Serving.builder(models.registry).build()) {
                    models.onnx(name, fixture.onnx);
                    Predictor<Tensors, Tensors> predictor =
                            serving.predictor(name + "/1", Tensors.class, Tensors.class);
                    check(fixture, serving.live(name + "/1").signature(), predictor::predict);
                }
            }));
        }
        return tests;
    }

    /** Folders as Python's MLflow saved them: a frame of columns, and a matrix. */
    @Test
    void foldersOfMlflowAnswerToo() throws Exception {
        for (String name : List.of("customers", "kmeans")) {
            Fixture fixture = Fixture.load(name);
            try (InferenceModel model =
                    Models.load(ModelSource.folder(mlflow(name)).trusted())) {
                assertThat(model.descriptor().runId()).isEqualTo("0123456789abcdef0123456789abcdef");
                check(fixture, model.signature(), model::predict);
            }
        }
    }

    private static Path mlflow(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(FixtureModelsIT.class.getResource("/mlflow/" + name))
                .toURI());
    }

    private record Customer(String country, String channel, float income, float age, long orders) {}

    @Test
    void recordsInClassesOutOfAFolderOfMlflow() throws Exception {
        Fixture fixture = Fixture.load("customers");
        Tensors inputs = fixture.inputs;
        double[] expected = fixture.expected("probabilities");
        try (TestRegistry models = new TestRegistry();
                Serving serving = Serving.builder(models.registry).build()) {
            TestRegistry.register(models.artifacts, models.registry, "customers", mlflow("customers"));
            Predictor<Customer, Classification> predictor =
                    serving.predictor("customers/1", Customer.class, Classification.class);
            for (int row = 0; row < 20; row++) {
                Classification tier = predictor.predict(new Customer(
                        inputs.get("country").stringAt(row),
                        inputs.get("channel").stringAt(row),
                        (float) inputs.get("income").doubleAt(row),
                        (float) inputs.get("age").doubleAt(row),
                        inputs.get("orders").longAt(row)));
                assertThat(tier.labels()).containsExactly("bronze", "gold", "silver");
                assertThat(tier.label())
                        .isEqualTo(fixture.expectedStrings("label").get(row));
                assertThat(tier.score(tier.index())).isCloseTo(expected[3 * row + tier.index()], within(TOLERANCE));
            }
        }
    }

    private static void check(Fixture fixture, ModelSignature signature, UnaryOperator<Tensors> predict) {
        Tensors expected = fixture.answers();
        List<String> outputs =
                signature.outputs().stream().map(TensorSpec::name).toList();
        assertThat(expected.names()).containsAll(outputs);
        assertClose(predict.apply(fixture.inputs), expected, outputs);
        int rows = fixture.inputs.at(0).rows();
        boolean byRow = Stream.concat(signature.inputs().stream(), signature.outputs().stream())
                        .filter(spec -> signature.inputs().contains(spec) || !isMislabelled(fixture, spec))
                        .allMatch(FixtureModelsIT::isBatch)
                && outputs.stream().allMatch(name -> expected.get(name).rows() == rows);
        if (!byRow) {
            // Buffers that another shape, or an error, would have left behind.
            assertClose(predict.apply(fixture.inputs), expected, outputs);
            return;
        }
        for (int row = 0; row < rows; row++) {
            Tensors.Builder one = Tensors.builder();
            for (String name : outputs) {
                one.put(name, ModelRows.slice(expected.get(name), row, row + 1));
            }
            assertClose(predict.apply(fixture.rows(row, row + 1)), one.build(), outputs);
        }
        assertClose(predict.apply(fixture.inputs), expected, outputs);
        if (signature.outputs().stream().allMatch(FixtureModelsIT::isBatch)) {
            Tensors none = predict.apply(fixture.rows(0, 0));
            for (TensorSpec spec : signature.outputs()) {
                assertThat(none.get(spec.name()).type()).isEqualTo(spec.type());
                assertThat(none.get(spec.name()).rows()).isZero();
            }
        }
    }

    /** LightGBM's converter says of its labels that there is one, whatever the rows. */
    private static boolean isMislabelled(Fixture fixture, TensorSpec spec) {
        return spec.shape().rank() == 1
                && spec.shape().dim(0) == 1
                && fixture.answers().get(spec.name()).rows() > 1;
    }

    private static boolean isBatch(TensorSpec spec) {
        return spec.shape().rank() > 0 && spec.shape().dim(0) == -1;
    }

    private static void assertClose(Tensors actual, Tensors expected, List<String> outputs) {
        assertThat(actual.names()).isEqualTo(outputs);
        for (String name : outputs) {
            Tensor found = actual.get(name);
            Tensor wanted = expected.get(name);
            assertThat(found.shape()).as(name).isEqualTo(wanted.shape());
            if (found.type() != DataType.FP32 && found.type() != DataType.FP64) {
                assertThat(found).as(name).isEqualTo(wanted);
                continue;
            }
            for (int i = 0; i < found.size(); i++) {
                double value = wanted.doubleAt(i);
                if (Double.isInfinite(value)) {
                    assertThat(found.doubleAt(i)).isEqualTo(value);
                } else {
                    assertThat(found.doubleAt(i))
                            .as("%s, element %d", name, i)
                            .isCloseTo(value, within(TOLERANCE * Math.max(1, Math.abs(value))));
                }
            }
        }
    }
}
