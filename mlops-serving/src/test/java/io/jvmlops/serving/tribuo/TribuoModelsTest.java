package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.model.ModelRows;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.SimpleTransform;

class TribuoModelsTest {
    private static final int WIDTH = Trained.FEATURES.size();
    private static final List<String> SORTED = List.of("Zeta", "age", "colour=red", "height", "width");

    @TempDir
    Path folder;

    @Test
    void describesAClassifier() {
        ModelDescriptor descriptor = TribuoModels.export(Trained.logistic()).export(folder, "run");
        assertThat(descriptor.signature())
                .isEqualTo(new ModelSignature(
                        List.of(TensorSpec.of("input", DataType.FP64, -1, 5).withColumns(SORTED)),
                        List.of(TensorSpec.of("output", DataType.FP64, -1, 3)
                                .withColumns(List.of("Small", "large", "old")))));
        assertThat(descriptor.labels()).containsExactly("Small", "large", "old");
        assertThat(descriptor.flavors().keySet()).containsExactly("tribuo");
        assertThat(descriptor.provenance())
                .containsEntry("tribuo.version", "4.3.2")
                .containsEntry(
                        "tribuo.trainer.class-name", "org.tribuo.classification.sgd.linear.LogisticRegressionTrainer")
                .containsEntry("tribuo.trainer.epochs", "5")
                .containsEntry("tribuo.trainer.optimiser.initialLearningRate", "1.0")
                .containsEntry("tribuo.data-source.description", "drawn")
                .containsEntry("tribuo.dataset.examples", "200")
                .containsEntry("tribuo.dataset.features", "5")
                .containsKey("tribuo.training-time");
    }

    @Test
    void describesARegressionAsOnnx() {
        ModelDescriptor descriptor = TribuoModels.exportOnnx(Trained.linear()).export(folder, null);
        assertThat(descriptor.signature())
                .isEqualTo(new ModelSignature(
                        List.of(TensorSpec.of("input", DataType.FP32, -1, 5).withColumns(SORTED)),
                        List.of(TensorSpec.of("output", DataType.FP32, -1, 2)
                                .withColumns(List.of("price", "weight")))));
        assertThat(descriptor.labels()).isEmpty();
        assertThat(descriptor.flavors().keySet()).containsExactly("onnx", "python_function");
    }

    @Test
    void prefersTribuoWhereBothAreThere() {
        ModelDescriptor descriptor = TribuoModels.exportBoth(Trained.logistic()).export(folder, null);
        assertThat(descriptor.flavors().keySet()).containsExactly("tribuo", "onnx", "python_function");
    }

    @TestFactory
    List<DynamicTest> answersAsTribuoDoes() {
        List<DynamicTest> tests = new ArrayList<>();
        Trained.all().forEach((name, trained) -> {
            for (DataType type : List.of(DataType.FP64, DataType.FP32)) {
                tests.add(DynamicTest.dynamicTest(name + " in " + type, () -> {
                    Path target = Files.createTempDirectory(folder, "model");
                    TribuoModels.export(trained).export(target, null);
                    Tensor rows = Trained.tensor(type, 50, WIDTH, 12);
                    if (name.equals("naive bayes")) {
                        rows = AskedOfTribuo.absolute(rows, type);
                    }
                    Tensors expected = AskedOfTribuo.ask(trained, rows, type);
                    try (InferenceModel model = load(target, type)) {
                        Tensors actual = model.predict(Tensors.of("input", rows));
                        ModelRows.assertClose(actual, expected, AskedOfTribuo.tolerance(expected, type));
                        assertThat(model.signature().outputs().stream()
                                        .map(TensorSpec::name)
                                        .toList())
                                .isEqualTo(expected.names());
                    }
                }));
            }
        });
        return tests;
    }

    @TestFactory
    List<DynamicTest> answersAsItsOnnxForm() {
        List<DynamicTest> tests = new ArrayList<>();
        Map<String, Model<?>> all = Trained.all();
        for (String name : List.of(
                "logistic",
                "hinge",
                "linear regression",
                "factorization machine",
                "factorization regression",
                "bagged linear")) {
            tests.add(DynamicTest.dynamicTest(name, () -> {
                Path target = Files.createTempDirectory(folder, "model");
                TribuoModels.exportBoth(Objects.requireNonNull(all.get(name))).export(target, null);
                Tensor rows = Trained.tensor(DataType.FP32, 50, WIDTH, 13);
                Tensor onnx = runOnnx(target.resolve("model.onnx"), rows);
                ModelFiles files = ModelFolder.files(target);
                try (InferenceModel model = new TribuoModelLoader().load(files, ModelFolder.read(files))) {
                    Tensor own = model.predict(Tensors.of("input", rows)).get("output");
                    assertThat(own.shape()).isEqualTo(onnx.shape());
                    for (int i = 0; i < own.size(); i++) {
                        double scale = Math.max(1, Math.abs(own.doubleAt(i)));
                        assertThat(onnx.doubleAt(i) / scale).isCloseTo(own.doubleAt(i) / scale, within(1e-5));
                    }
                }
            }));
        }
        return tests;
    }

    @Test
    void refusesOnnxWhereTribuoHasNone() {
        Model<?> tree = Objects.requireNonNull(Trained.all().get("tree"));
        assertThatThrownBy(() -> TribuoModels.exportOnnx(tree))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("org.tribuo.common.tree.TreeModel")
                .hasMessageContaining("ONNXExportable");
        Model<?> forest = Objects.requireNonNull(Trained.all().get("random forest"));
        assertThatThrownBy(() -> TribuoModels.exportBoth(forest))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("has no ONNX form");
    }

    @Test
    void refusesOtherTasksAndNamesWhatIsSupported() {
        assertThatThrownBy(() -> TribuoModels.export(Trained.severalLabels()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("MultiLabel")
                .hasMessageContaining("org.tribuo.classification.Label")
                .hasMessageContaining("org.tribuo.regression.Regressor");
    }

    @Test
    void refusesAnAlteredFolder() throws IOException {
        TribuoModels.export(Trained.logistic()).export(folder, null);
        Path file = folder.resolve("model.tribuo");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("model.tribuo");
    }

    @Test
    void refusesNaNByRowAndColumn() {
        try (InferenceModel model = loaded(TribuoModels.export(Trained.logistic()))) {
            double[] rows = new double[10];
            rows[3] = Double.NaN;
            rows[9] = Double.NaN;
            assertThatThrownBy(() -> model.predict(Tensors.of("input", Tensor.transfer(rows, 2, 5))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("column 'height' of row 0 is NaN")
                    .hasMessageContaining("column 'width' of row 1 is NaN");
            double[] many = new double[500];
            Arrays.fill(many, Double.NaN);
            assertThatThrownBy(() -> model.predict(Tensors.of("input", Tensor.transfer(many, 100, 5))))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.mismatches()).hasSize(21).last().isEqualTo("and more"));
        }
    }

    @Test
    void answersAnEmptyBatch() {
        try (InferenceModel model = loaded(TribuoModels.export(Trained.logistic()))) {
            assertThat(model.predict(Tensors.of("input", Tensor.transfer(new double[0], 0, 5)))
                            .get("output")
                            .shape()
                            .dims())
                    .containsExactly(0, 3);
        }
    }

    @Test
    void tellsNoValuesWhenTribuoFails() {
        // The logarithm of a negative number is NaN, which Tribuo refuses with a message that shows the example.
        TransformationMap logs = new TransformationMap(Map.of("age", List.of(SimpleTransform.log())));
        MutableDataset<Label> positive = new MutableDataset<>(
                Trained.labelled().getSourceProvenance(), Trained.labelled().getOutputFactory());
        for (double[] row : Trained.rows(50, 5, 3)) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Math.abs(row[i]) + 1;
            }
            positive.add(new ArrayExample<>(
                    new Label(row[0] > 1.5 ? "a" : "b"), Trained.FEATURES.toArray(String[]::new), row));
        }
        Model<Label> trained = new TransformTrainer<>(new LogisticRegressionTrainer(), logs).train(positive);
        try (InferenceModel model = loaded(TribuoModels.export(trained))) {
            double[] row = {1, -123456.5, 1, 1, 1};
            assertThatThrownBy(() -> model.predict(Tensors.of("input", Tensor.transfer(row, 1, 5))))
                    .isInstanceOf(ModelFailureException.class)
                    .hasMessageContaining("row 0")
                    .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("123456"));
            double[] another = {1, 2, 1, 1, 1};
            assertThat(model.predict(Tensors.of("input", Tensor.transfer(another, 1, 5))))
                    .isNotNull();
        }
    }

    @Test
    void saysThatItWasClosed() {
        InferenceModel model = loaded(TribuoModels.export(Trained.logistic()));
        model.close();
        assertThatThrownBy(() -> model.predict(Tensors.of("input", Trained.tensor(DataType.FP64, 1, WIDTH, 1))))
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("closed");
    }

    private InferenceModel loaded(ModelExporter exporter) {
        exporter.export(folder, null);
        return load(folder, DataType.FP64);
    }

    private static InferenceModel load(Path folder, DataType type) {
        ModelFiles files = ModelFolder.files(folder);
        ModelDescriptor descriptor = ModelFolder.read(files);
        ModelSignature said = Objects.requireNonNull(descriptor.signature());
        return new TribuoModelLoader()
                .load(
                        files,
                        descriptor.withSignature(
                                new ModelSignature(retyped(said.inputs(), type), retyped(said.outputs(), type))));
    }

    private static List<TensorSpec> retyped(List<TensorSpec> specs, DataType type) {
        return specs.stream()
                .map(s -> new TensorSpec(s.name(), s.type().isFloating() ? type : s.type(), s.shape(), s.columns()))
                .toList();
    }

    private static Tensor runOnnx(Path file, Tensor rows) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[] data = new float[rows.size()];
        rows.asFloatBuffer().get(data);
        try (OrtSession session = environment.createSession(Files.readAllBytes(file));
                OnnxTensor input = OnnxTensor.createTensor(
                        environment, FloatBuffer.wrap(data), rows.shape().dims());
                OrtSession.Result result = session.run(Map.of("input", input))) {
            OnnxTensor output = (OnnxTensor) result.get("output").orElseThrow();
            FloatBuffer floats = output.getFloatBuffer();
            float[] answers = new float[floats.remaining()];
            floats.get(answers);
            return Tensor.transfer(answers, output.getInfo().getShape());
        }
    }
}
