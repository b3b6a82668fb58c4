package io.jvmlops.serving.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.test.model.InMemoryModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputExampleTest {
    private static final ModelSignature MATRIX = new ModelSignature(
            List.of(TensorSpec.of("input", DataType.FP32, -1, 2).withColumns(List.of("width", "height"))), List.of());
    private static final ModelSignature COLUMNS = new ModelSignature(
            List.of(
                    TensorSpec.of("height", DataType.FP64, -1),
                    TensorSpec.of("width", DataType.FP64, -1),
                    TensorSpec.of("colour", DataType.BYTES, -1),
                    TensorSpec.of("old", DataType.BOOL, -1),
                    TensorSpec.of("count", DataType.INT64, -1)),
            List.of());

    record Box(double height, double width) {}

    record Coloured(double height, double width, String colour, boolean old, long count) {}

    @TempDir
    Path folder;

    /** Writes a file and a descriptor. */
    private static ModelExporter exporter(@Nullable ModelSignature signature) {
        return (folder, runId) -> {
            try {
                Files.writeString(folder.resolve("m"), "bytes");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ModelDescriptor descriptor = ModelDescriptor.ofFile("onnx", "m");
            return ModelFolder.write(folder, signature == null ? descriptor : descriptor.withSignature(signature));
        };
    }

    private String example() throws IOException {
        return Files.readString(folder.resolve(InputExample.FILE));
    }

    private Object info() throws IOException {
        return Objects.requireNonNull(Yaml.read(Files.readAllBytes(folder.resolve("MLmodel")), "MLmodel")
                .get("saved_input_example_info"));
    }

    @Test
    void aRecordTakesTheFormThatTheModelTakes() throws IOException {
        ModelDescriptor written = InputExample.of(new Box(1.5, Double.NaN))
                .attachTo(exporter(MATRIX))
                .export(folder, null);
        assertThat(written.inputExample()).isEqualTo("input_example.json");
        assertThat(written.digests()).containsKeys("m", "input_example.json", "serving_input_example.json");
        assertThat(ModelFolder.read(ModelFolder.files(folder))).isEqualTo(written);
        assertThat(example()).isEqualTo("{\"input\":[[NaN,1.5]]}");
        assertThat(folder.resolve("serving_input_example.json")).hasContent("{\"inputs\":{\"input\":[[NaN,1.5]]}}");
        assertThat(info())
                .isEqualTo(Map.of(
                        "artifact_path", "input_example.json",
                        "serving_input_path", "serving_input_example.json",
                        "type", "ndarray"));
    }

    @Test
    void aModelOfColumnsGetsATable() throws IOException {
        InputExample.of(
                        RecordCodec.of(Coloured.class),
                        List.of(
                                new Coloured(1, 2, "Grün \"x\"", true, Long.MAX_VALUE),
                                new Coloured(0.1, 3, "", false, 0)))
                .attachTo(exporter(COLUMNS))
                .export(folder, null);
        assertThat(example())
                .isEqualTo("{\"columns\":[\"height\",\"width\",\"colour\",\"old\",\"count\"],\"data\":"
                        + "[[1.0,2.0,\"Grün \\\"x\\\"\",true,9223372036854775807],[0.1,3.0,\"\",false,0]]}");
        assertThat(info())
                .isEqualTo(Map.of(
                        "artifact_path", "input_example.json",
                        "pandas_orient", "split",
                        "serving_input_path", "serving_input_example.json",
                        "type", "dataframe"));
        assertThat(folder.resolve("serving_input_example.json"))
                .content()
                .startsWith("{\"dataframe_split\":{\"columns\":[");
    }

    @Test
    void aModelThatSaysNothingGetsATable() throws IOException {
        InputExample.of(new Box(1, 2)).attachTo(exporter(null)).export(folder, null);
        assertThat(example()).isEqualTo("{\"columns\":[\"height\",\"width\"],\"data\":[[1.0,2.0]]}");
    }

    @Test
    void tensorsStayTensors() throws IOException {
        InputExample.of(Tensors.of("input", Tensor.copyOf(new float[] {0.1f, 2, 3, 4}, 2, 2)))
                .attachTo(exporter(MATRIX))
                .export(folder, null);
        assertThat(example()).isEqualTo("{\"input\":[[0.1,2.0],[3.0,4.0]]}");
    }

    @Test
    void anExampleThatTheModelDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> InputExample.of(Tensors.of("other", Tensor.copyOf(new float[] {1}, 1)))
                        .attachTo(exporter(MATRIX))
                        .export(folder, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input example")
                .hasMessageContaining("'other'");
        assertThatThrownBy(() -> InputExample.of(new Coloured(1, 2, "", true, 1))
                        .attachTo(exporter(new ModelSignature(
                                List.of(TensorSpec.of("x", DataType.FP32, -1, 2).withColumns(List.of("a", "b"))),
                                List.of())))
                        .export(folder, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'a'");
        assertThatThrownBy(() -> InputExample.of(Tensors.of("input", Tensor.transfer(new float[1 << 19], 1 << 18, 2)))
                        .attachTo(exporter(MATRIX))
                        .export(folder, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("bytes of JSON");
        assertThatThrownBy(() -> InputExample.of(RecordCodec.of(Box.class), List.of()))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void anExampleFromPythonIsFound() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(InputExampleTest.class.getResourceAsStream("/mlflow/example/MLmodel"))) {
            Files.copy(in, folder.resolve("MLmodel"));
        }
        assertThat(ModelFolder.read(ModelFolder.files(folder)).inputExample()).isEqualTo("input_example.json");
    }

    @Test
    void anExampleOutsideOfTheFolderIsRefused() throws IOException {
        Files.writeString(
                folder.resolve("MLmodel"),
                "flavors: {onnx: {data: m}}\nsaved_input_example_info: {artifact_path: ../../secret.json}\n");
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("saved_input_example_info");
    }

    /** The forms are those that MLflow 3.17 calls so. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"x": [1, NaN], "y": [[2]]}                 | ndarray
            [1.5, 2]                                    | ndarray
            {"columns": ["a"], "data": [[1]]}           | dataframe
            {"index": [0], "columns": ["a"], "data": [[1]]} | dataframe
            {"columns": ["a"], "data": [{"b": 1}]}      | json_object
            {"question": "why"}                         | json_object
            {"x": [{"y": 1}]}                           | json_object
            [{"y": 1}]                                  | json_object
            "why"                                       | json_object
            """)
    void anExampleSaysItselfWhatItIs(String json, String type) throws IOException {
        Files.writeString(folder.resolve("m"), "bytes");
        Files.writeString(folder.resolve("e.json"), json);
        ModelDescriptor plain = ModelDescriptor.ofFile("onnx", "m");
        ModelFolder.write(
                folder, new ModelDescriptor(plain.flavors(), null, List.of(), null, Map.of(), Map.of(), "e.json"));
        assertThat(((Map<?, ?>) info()).get("type")).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({"'{\"x\": [1'", "'not JSON'", "'[1] 2'", "''"})
    void anExampleHasToBeJson(String text) throws IOException {
        Files.writeString(folder.resolve("m"), "bytes");
        Files.writeString(folder.resolve("e.json"), text);
        ModelDescriptor bad = new ModelDescriptor(
                Map.of("onnx", Map.of("data", "m")), null, List.of(), null, Map.of(), Map.of(), "e.json");
        assertThatThrownBy(() -> ModelFolder.write(folder, bad))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'e.json'");
        assertThatThrownBy(() -> ModelFolder.write(
                        folder,
                        new ModelDescriptor(bad.flavors(), null, List.of(), null, Map.of(), Map.of(), "nowhere.json")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("nowhere.json");
    }

    private static Tensors read(String json, ModelSignature signature) {
        ModelFiles files = InMemoryModelFiles.of(Map.of("e.json", json.getBytes(StandardCharsets.UTF_8)))
                .toModelFiles("m");
        ModelDescriptor descriptor =
                new ModelDescriptor(Map.of("onnx", Map.of()), null, List.of(), null, Map.of(), Map.of(), "e.json");
        return InputExample.read(files, descriptor, signature).orElseThrow();
    }

    @Test
    void whatWasWrittenIsReadBack() {
        Tensors tensors = Tensors.of("input", Tensor.copyOf(new float[] {0.1f, 2, Float.NaN, 4}, 2, 2));
        ModelDescriptor written =
                InputExample.of(tensors).attachTo(exporter(MATRIX)).export(folder, null);
        assertThat(InputExample.read(ModelFolder.files(folder), written, MATRIX))
                .hasValue(tensors);
        List<Coloured> rows =
                List.of(new Coloured(1, 2, "red", true, Long.MAX_VALUE), new Coloured(0.1, 3, "", false, 0));
        written = InputExample.of(RecordCodec.of(Coloured.class), rows)
                .attachTo(exporter(COLUMNS))
                .export(folder, null);
        assertThat(InputExample.read(ModelFolder.files(folder), written, COLUMNS))
                .hasValue(
                        RecordCodec.of(Coloured.class).encoder(COLUMNS.inputs()).encode(rows));
        assertThat(InputExample.read(ModelFolder.files(folder), ModelDescriptor.ofFile("onnx", "m"), COLUMNS))
                .isEmpty();
    }

    @Test
    void whatPythonWritesIsReadAsTheModelTakesIt() {
        Tensors one = Tensors.of("input", Tensor.copyOf(new float[] {3, 1}, 1, 2));
        assertThat(read("[[3, 1]]", MATRIX)).isEqualTo(one);
        assertThat(read("[3, 1.0]", MATRIX)).isEqualTo(one);
        assertThat(read("{\"input\": [[3, 1]]}", MATRIX)).isEqualTo(one);
        assertThat(read("{\"columns\": [\"height\", \"width\"], \"data\": [[1, 3]]}", MATRIX))
                .as("columns by name")
                .isEqualTo(one);
        assertThat(read("{\"columns\": [0, 1], \"index\": [7], \"data\": [[3, 1]]}", MATRIX))
                .as("or in order")
                .isEqualTo(one);
        ModelSignature column = new ModelSignature(List.of(TensorSpec.of("a", DataType.INT64, -1, 1)), List.of());
        Tensors two = Tensors.of("a", Tensor.copyOf(new long[] {1, 2}, 2, 1));
        assertThat(read("{\"columns\": [\"b\", \"a\"], \"data\": [[9, 1], [9, 2.0]]}", column))
                .isEqualTo(two);
        assertThat(read("{\"a\": [1, 2]}", column)).isEqualTo(two);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[[1, 2]] []",
                "5",
                "[[1]]",
                "[[1, 2], [3]]",
                "[[1, 2], 3]",
                "[[[1, 2]]]",
                "[[\"geheim\", 2]]",
                "[{\"height\": 1, \"width\": 2}]",
                "{\"other\": [[1, 2]]}",
                "{\"input\": [[1, 2]], \"more\": 1}",
                "{\"columns\": [\"height\", \"width\"], \"data\": [[1]]}",
                "{\"columns\": [\"height\", \"width\"], \"data\": [1, 2]}",
                "{\"columns\": [\"height\"], \"data\": [[1]]}",
            })
    void anExampleOfSomethingElseIsRefused(String json) {
        assertThatThrownBy(() -> read(json, MATRIX))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("input example 'e.json' of model m is not one of its inputs")
                .hasMessageNotContaining("geheim");
    }
}
