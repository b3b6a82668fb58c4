package io.jvmlops.serving.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.test.model.InMemoryModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenRowsTest {
    private static final Tensors IN = Tensors.of("x", Tensor.copyOf(new float[] {1, 2}, 2));
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP32, -1)),
            List.of(
                    TensorSpec.of("p", DataType.FP32, -1, 3).withColumns(List.of("a", "b", "c")),
                    TensorSpec.of("label", DataType.BYTES, -1),
                    TensorSpec.of("n", DataType.INT64, -1)));

    @TempDir
    Path folder;

    /** What a model is for rows: something that answers. */
    private record Answering(Function<Tensors, Tensors> answers) implements InferenceModel {
        @Override
        public ModelDescriptor descriptor() {
            return ModelDescriptor.ofFile("test", "m");
        }

        @Override
        public ModelSignature signature() {
            return SIGNATURE;
        }

        @Override
        public String flavor() {
            return "test";
        }

        @Override
        public Digest digest() {
            return Digest.of(new byte[0]);
        }

        @Override
        public Tensors predict(Tensors inputs, Deadline deadline) {
            return answers.apply(inputs);
        }

        @Override
        public void close() {}
    }

    private static Tensors scores(float... values) {
        return Tensors.of("p", Tensor.copyOf(values, values.length / 3, 3));
    }

    private static void check(GoldenRows rows, Tensors answered) {
        rows.check("iris/3", new Answering(inputs -> {
            assertThat(inputs).isSameAs(rows.inputs());
            return answered;
        }));
    }

    @Test
    void whatIsWithinTheTolerancesPasses() {
        GoldenRows rows = GoldenRows.of(IN, scores(1, 100, 0, Float.NaN, Float.POSITIVE_INFINITY, -0f))
                .within(0.5, 0.125);
        for (float[] answer : new float[][] {
            {1, 100, 0, Float.NaN, Float.POSITIVE_INFINITY, 0},
            {1.625f, 113, -0.5f, Float.NaN, Float.POSITIVE_INFINITY, 0.5f},
            {0.375f, 87, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, -0.5f},
        }) {
            assertThatCode(() -> check(rows, scores(answer))).doesNotThrowAnyException();
        }
        assertThatCode(() -> check(
                        rows,
                        Tensors.of(
                                "other", Tensor.copyOf(new long[1], 1),
                                "p", Tensor.copyOf(new double[] {1, 100, 0, Double.NaN, 1 / 0., 0}, 2, 3))))
                .as("outputs that are not named are left alone, as is the precision")
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"0, 1.63", "0, .37", "0, NaN", "1, 113.01", "2, 0.51", "2, Infinity", "3, 0", "4, 1e38", "4, -Infinity"
    })
    void whatIsNotIsSaidWithPlaceDifferenceAndTolerance(int index, float value) {
        float[] expected = {1, 100, 0, Float.NaN, Float.POSITIVE_INFINITY, 0};
        float[] answer = expected.clone();
        answer[index] = value;
        GoldenRows rows = GoldenRows.of(IN, scores(expected)).within(0.5, 0.125);
        assertThatThrownBy(() -> check(rows, scores(answer)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("model iris/3 does not reproduce its golden rows")
                .hasMessageContaining("output 'p' row " + index / 3 + ", column " + index % 3 + " ('"
                        + "abc".charAt(index % 3) + "')")
                .hasMessageContaining("(1 of 6 elements differ)")
                .hasMessageContaining(
                        index == 3
                                ? "is a finite number, expected NaN"
                                : Float.isFinite(value) && index < 3
                                        ? "allowed is 0.5 + 0.125 * |expected|"
                                        : "expected");
    }

    @Test
    void theWorstIsShownOfEveryOutput() {
        GoldenRows rows = GoldenRows.of(
                IN,
                Tensors.builder()
                        .put("p", Tensor.copyOf(new float[6], 2, 3))
                        .put("label", Tensor.copyOf(new String[] {"rose", "tulip"}, 2))
                        .put("n", Tensor.copyOf(new long[] {1, 1L << 60}, 2))
                        .put("none", Tensor.copyOf(new long[2], 2))
                        .build());
        assertThatThrownBy(() -> check(
                        rows,
                        Tensors.builder()
                                .put("p", Tensor.copyOf(new float[] {.5f, 0, 0, 0, .75f, 0}, 2, 3))
                                .put("label", Tensor.copyOf(new String[] {"rose", "weed"}, 2))
                                .put("n", Tensor.copyOf(new long[] {1, (1L << 60) + 1}, 2))
                                .build()))
                .hasMessageContaining("output 'p' row 1, column 1 ('b') differs by 0.75, allowed is 1.0E-5")
                .hasMessageContaining("(2 of 6 elements differ)")
                .hasMessageContaining("output 'label' row 1 is another text")
                .hasMessageContaining("output 'n' row 1 differs by")
                .hasMessageContaining("there is no output 'none'")
                .hasMessageNotContainingAny("tulip", "weed");
        assertThatThrownBy(() -> check(GoldenRows.of(IN, scores(1, 2, 3)), scores(1, 2, 3, 4, 5, 6)))
                .hasMessageContaining("output 'p' is FP32[2, 3], expected FP32[1, 3]");
        assertThatThrownBy(() -> GoldenRows.of(IN, scores(1, 2, 3)).check("m", new Answering(inputs -> {
                    throw new ModelFailureException("no such luck");
                })))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("does not answer its golden rows: no such luck");
    }

    @Test
    void mayBeAskedOfAModelThatIsRight() {
        Answering model = new Answering(inputs -> scores(1, 2, 3));
        GoldenRows rows = GoldenRows.of(model, IN);
        assertThat(rows.outputs()).isEqualTo(scores(1, 2, 3));
        assertThatCode(() -> rows.check("m", model)).doesNotThrowAnyException();
    }

    @Test
    void everyTypeIsKeptExactly() throws IOException {
        Tensors.Builder all = Tensors.builder();
        all.put("fp32", Tensor.copyOf(new float[] {0.1f, -0f, Float.NaN, Float.MIN_VALUE}, 2, 2));
        all.put("fp64", Tensor.copyOf(new double[] {0.1, Double.NEGATIVE_INFINITY, Double.MAX_VALUE}, 3));
        all.put("fp16", Tensor.transfer(DataType.FP16, new short[] {1, 0x3c00, (short) 0xfbff}, 3));
        all.put("bf16", Tensor.transfer(DataType.BF16, new short[] {1, 0x3f80}, 2));
        all.put("int64", Tensor.copyOf(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2));
        all.put("int32", Tensor.copyOf(new int[] {Integer.MIN_VALUE}, 1));
        all.put("int16", Tensor.transfer(DataType.INT16, new short[] {-300}, 1));
        all.put("int8", Tensor.transfer(DataType.INT8, new byte[] {-128}, 1));
        all.put("uint8", Tensor.transfer(DataType.UINT8, new byte[] {-1}, 1));
        all.put("bool", Tensor.copyOf(new boolean[] {true, false}, 2));
        all.put("text", Tensor.copyOf(new String[] {"", "Grün \"x\"\n", "\ud83c\udf37"}, 3, 1));
        all.put("scalar", Tensor.copyOf(new float[] {3}));
        all.put("empty", Tensor.copyOf(new float[0], 0, 4));
        GoldenRows rows = GoldenRows.of(all.build(), all.build()).within(0, 1e-300);
        GoldenRows read = GoldenJson.read(GoldenJson.write(rows));
        assertThat(read.inputs()).isEqualTo(rows.inputs());
        assertThat(read.outputs()).isEqualTo(rows.outputs());
        assertThat(read.absoluteTolerance()).isZero();
        assertThat(read.relativeTolerance()).isEqualTo(1e-300);
        assertThat(read.inputs().names()).isEqualTo(rows.inputs().names());
    }

    @Test
    void membersMayStandInAnyOrderAndDataBeNested() throws IOException {
        GoldenRows rows =
                GoldenJson.read(("{\"more\": {\"a\": [1]}, \"outputs\": [{\"data\": [[1, 2.5], [3, NaN]], \"x\": [],"
                                + " \"datatype\": \"FP64\", \"name\": \"y\", \"shape\": [2, 2], \"parameters\": {}}],"
                                + " \"inputs\": [{\"data\": [7], \"datatype\": \"INT64\", \"name\": \"x\", \"shape\": [1]}]}")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(rows.inputs()).isEqualTo(Tensors.of("x", Tensor.copyOf(new long[] {7}, 1)));
        assertThat(rows.outputs())
                .isEqualTo(Tensors.of("y", Tensor.copyOf(new double[] {1, 2.5, 3, Double.NaN}, 2, 2)));
        assertThat(rows.relativeTolerance()).isEqualTo(GoldenRows.DEFAULT_TOLERANCE);
    }

    private static String file(String tensor) {
        return "{\"inputs\": [" + tensor + "], \"outputs\": [{\"name\": \"y\", \"shape\": [1], \"datatype\": \"FP32\","
                + " \"data\": [1]}]}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{} {}",
                "{\"inputs\": []}",
                "{\"inputs\": 5, \"outputs\": []}",
                "{\"inputs\": [5]}",
                "{\"inputs\": [], \"inputs\": []}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\"}",
                "T{\"name\": \"\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1, 2]}",
                "T{\"name\": \"x\", \"shape\": [-1], \"datatype\": \"FP32\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [1.5], \"datatype\": \"FP32\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [2000000000], \"datatype\": \"FP64\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [4294967296, 4294967296], \"datatype\": \"FP64\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [99999999999999999999], \"datatype\": \"FP64\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP128\", \"data\": [1]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [\"geheim\"]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [{}]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": 1}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"INT32\", \"data\": [3000000000]}",
                "T{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]},"
                        + "{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}",
                "{\"inputs\": [], \"outputs\": [], \"tolerance\": {\"absolute\": -1}}",
                "{\"inputs\": [], \"outputs\": [], \"tolerance\": {\"absolute\": \"1\"}}",
            })
    void whatIsNoSuchFileIsRefused(String text) {
        String json = text.startsWith("T") ? file(text.substring(1)) : text;
        ModelFiles files = InMemoryModelFiles.of(Map.of("g.json", json.getBytes(StandardCharsets.UTF_8)))
                .toModelFiles("m");
        assertThatThrownBy(() -> GoldenRows.read(
                        files, ModelDescriptor.ofFile("onnx", "m").withGoldenRows("g.json")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("golden rows 'g.json' of model m are malformed")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void aFileThatIsLargeIsNotRead() {
        ModelFiles files = InMemoryModelFiles.of(Map.of("g.json", new byte[GoldenRows.MAX_BYTES + 1]))
                .toModelFiles("m");
        assertThatThrownBy(() -> GoldenRows.read(
                        files, ModelDescriptor.ofFile("onnx", "m").withGoldenRows("g.json")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("expected at most " + GoldenRows.MAX_BYTES);
    }

    private static ModelExporter exporter() {
        return (folder, runId) -> {
            try {
                Files.writeString(folder.resolve("m"), "bytes");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "m").withSignature(SIGNATURE));
        };
    }

    @Test
    void travelWithTheModelBesideItsExample() {
        GoldenRows rows = GoldenRows.of(IN, scores(1, 2, 3, 4, 5, 6));
        for (ModelExporter exporter : List.of(
                rows.attachTo(InputExample.of(IN).attachTo(exporter())),
                InputExample.of(IN).attachTo(rows.attachTo(exporter())))) {
            ModelDescriptor written = exporter.export(folder, null);
            ModelFiles files = ModelFolder.files(folder);
            assertThat(ModelFolder.read(files)).isEqualTo(written);
            assertThat(written.inputExample()).isEqualTo("input_example.json");
            assertThat(written.goldenRows()).isEqualTo("golden_rows.json");
            assertThat(written.digests()).containsKeys("golden_rows.json", "input_example.json");
            assertThat(GoldenRows.read(files, written)).hasValueSatisfying(read -> {
                assertThat(read.inputs()).isEqualTo(rows.inputs());
                assertThat(read.outputs()).isEqualTo(rows.outputs());
            });
        }
        assertThat(GoldenRows.read(ModelFolder.files(folder), ModelDescriptor.ofFile("onnx", "m")))
                .isEmpty();
    }

    @Test
    void rowsThatDoNotFitTheModelAreNotWritten() {
        assertThatThrownBy(() -> GoldenRows.of(Tensors.of("y", Tensor.copyOf(new float[1], 1)), scores(1, 2, 3))
                        .attachTo(exporter())
                        .export(folder, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("golden rows")
                .hasMessageContaining("'x' is missing");
        assertThatThrownBy(() -> GoldenRows.of(
                                IN,
                                Tensors.of("q", Tensor.copyOf(new float[1], 1), "n", Tensor.copyOf(new double[1], 1)))
                        .attachTo(exporter())
                        .export(folder, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'q' is no output")
                .hasMessageContaining("'n' is FP64[1]");
        assertThatThrownBy(() -> GoldenRows.of(IN, Tensors.of("y", Tensor.copyOf(new float[0], 0, 3))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("nothing to compare");
        assertThatThrownBy(() -> GoldenRows.of(IN, Tensors.builder().build()))
                .isInstanceOf(InvalidInputException.class);
        for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> GoldenRows.of(IN, IN).within(wrong, 0)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> GoldenRows.of(IN, IN).within(0, wrong)).isInstanceOf(InvalidInputException.class);
        }
        assertThat(folder.resolve(GoldenRows.FILE)).doesNotExist();
    }

    @Test
    void aFolderThatNamesRowsItDoesNotHoldIsNotWritten() {
        exporter().export(folder, null);
        assertThatThrownBy(() -> ModelFolder.write(
                        folder, ModelDescriptor.ofFile("onnx", "m").withGoldenRows("g.json")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'g.json'");
    }
}
