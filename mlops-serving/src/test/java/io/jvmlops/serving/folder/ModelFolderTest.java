package io.jvmlops.serving.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.test.model.InMemoryModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP32, -1, 2).withColumns(List.of("length: cm", "it's \"wide\"")),
                    TensorSpec.of("Größe", DataType.BYTES, -1)),
            List.of(TensorSpec.of("label", DataType.INT64, -1), TensorSpec.of("scores", DataType.FP64, -1, 2)));

    @TempDir
    Path folder;

    private ModelDescriptor descriptor(String data) {
        Map<String, Map<String, String>> flavors = new LinkedHashMap<>();
        flavors.put("zeta", Map.of("data", data));
        flavors.put("onnx", Map.of("data", data, "version", "1.10"));
        return new ModelDescriptor(
                flavors,
                SIGNATURE,
                List.of("yes", "no", "1.0", "", "null", "2026-01-02", "~", "multi\nline", "- dash", "#hash"),
                "0123456789abcdef0123456789abcdef",
                Map.of(
                        "trainer.class",
                        "a.B$C",
                        "note",
                        "on: off",
                        "mlflow.utc_time_created",
                        "2026-01-02 03:04:05.678901"),
                Map.of(),
                null);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "bytes");
        ModelDescriptor written = ModelFolder.write(folder, descriptor("model.onnx"));
        ModelFiles files = ModelFolder.files(folder);
        ModelDescriptor read = ModelFolder.read(files);
        assertThat(read).isEqualTo(written);
        assertThat(read.signature()).isEqualTo(SIGNATURE);
        assertThat(read.labels()).isEqualTo(descriptor("model.onnx").labels());
        assertThat(read.flavors()).isEqualTo(descriptor("model.onnx").flavors());
        assertThat(read.flavors().keySet()).as("in order of preference").containsExactly("zeta", "onnx");
        assertThat(read.runId()).isEqualTo(descriptor("model.onnx").runId());
        assertThat(read.provenance())
                .containsAllEntriesOf(descriptor("model.onnx").provenance());
        assertThat(read.digests()).isEqualTo(Map.of("model.onnx", Digest.of("bytes".getBytes(StandardCharsets.UTF_8))));
        assertThat(files.manifest().files()).extracting("path").containsExactly("MLmodel", "model.onnx");
        assertThat(folder.toFile().list()).as("no drafts left").containsExactlyInAnyOrder("MLmodel", "model.onnx");
    }

    @Test
    void writesTheSameBytesAgain() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "bytes");
        ModelDescriptor written = ModelFolder.write(folder, descriptor("model.onnx"));
        byte[] first = Files.readAllBytes(folder.resolve("MLmodel"));
        ModelFolder.write(folder, written);
        assertThat(folder.resolve("MLmodel")).hasBinaryContent(first);
    }

    @Test
    void writesNoDescriptorOfFilesThatAreNotThere() {
        assertThatThrownBy(() -> ModelFolder.write(folder, descriptor("model.onnx")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'model.onnx'");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void namesAColumnOfManyWithoutTrouble() throws IOException {
        Files.writeString(folder.resolve("m"), "bytes");
        List<String> names =
                IntStream.range(0, 5_000).mapToObj(i -> "column " + i).toList();
        ModelSignature wide = new ModelSignature(
                List.of(TensorSpec.of("x", DataType.FP32, -1, 5_000).withColumns(names)), List.of());
        ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "m").withSignature(wide));
        assertThat(ModelFolder.read(ModelFolder.files(folder)).signature()).isEqualTo(wide);
    }

    // What Python's MLflow writes

    @Test
    void readsTensorsFromPython() throws IOException {
        ModelDescriptor read = python("tensors");
        assertThat(read.signature())
                .isEqualTo(new ModelSignature(
                        List.of(TensorSpec.of("input", DataType.FP32, -1, 30)),
                        List.of(
                                TensorSpec.of("label", DataType.INT64, -1),
                                TensorSpec.of("probabilities", DataType.FP32, -1, 2))));
        assertThat(read.flavors().keySet()).containsExactly("onnx", "python_function");
        assertThat(read.flavors().get("onnx")).isEqualTo(Map.of("data", "model.onnx", "onnx_version", "1.23.2"));
        assertThat(read.runId()).isEqualTo("0123456789abcdef0123456789abcdef");
        assertThat(read.provenance())
                .containsEntry("mlflow.mlflow_version", "3.17.2")
                .containsEntry("mlflow.utc_time_created", "2026-01-02 03:04:05.678901")
                .containsEntry("mlflow.model_uuid", "fedcba9876543210fedcba9876543210");
        assertThat(read.digests()).isEmpty();
    }

    @Test
    void readsColumnsFromPython() throws IOException {
        ModelSignature signature = Objects.requireNonNull(python("columns").signature());
        assertThat(signature.inputs())
                .isEqualTo(IntStream.range(0, 10)
                        .mapToObj(i -> TensorSpec.of("x" + i, DataType.FP64, -1))
                        .toList());
        assertThat(signature.outputs()).as("no name, so not said").isEmpty();
    }

    @Test
    void readsAFolderWithoutSignatureFromPython() throws IOException {
        assertThat(python("unsigned").signature()).isNull();
    }

    private static ModelDescriptor python(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ModelFolderTest.class.getResourceAsStream("/mlflow/" + name + "/MLmodel"))) {
            return ModelFolder.read(
                    InMemoryModelFiles.of(Map.of("MLmodel", in.readAllBytes(), "model.onnx", new byte[] {1}))
                            .toModelFiles(name));
        }
    }

    // What is hostile

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "/etc/passwd",
                "a/../../b",
                "C:/windows",
                "a\\b",
                "",
                ".",
                "model.onnx/",
                "a//b",
                "nul"
            })
    void refusesPathsOutside(String path) {
        String yaml = "flavors: {onnx: {data: '" + path + "'}}";
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("MLmodel of model m/1")
                .hasMessageContaining("flavor 'onnx'")
                .hasMessageContaining("'" + path + "'");
    }

    @Test
    void refusesPathsOutsideAmongDigests() {
        String yaml =
                "flavors: {onnx: {data: m}}\nmetadata: {jvmlops: {digests: {'../m': 'sha256:" + "0".repeat(64) + "'}}}";
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'../m'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flavors: !!python/object/apply:os.system ['id']",
                "flavors: !!javax.script.ScriptEngineManager []",
                "flavors: {onnx: !!map {data: m}}",
                "flavors: {onnx: {data: !!binary bW9kZWw=}}",
                "!!set {flavors}",
            })
    void refusesTypeTags(String yaml) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("type tag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flavors: {onnx: {data: m}}\nflavors: {onnx: {data: n}}",
                "flavors: {onnx: {data: m, data: n}}",
                "flavors: {onnx: {data: m, data: }}",
            })
    void refusesDuplicateKeys(String yaml) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("repeats the key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "just text",
                "- a\n- b",
                "flavors: [onnx]",
                "flavors: {}",
                "flavors: {onnx: text}",
                "run_id: x",
                "flavors: {onnx: {data: m}}\nrun_id: [1]",
                "flavors: {onnx: {data: m}}\nmetadata: 1",
                "flavors: {onnx: {data: m}}\nmetadata: {jvmlops: {labels: {a: b}}}",
                "flavors: {onnx: {data: m}}\nmetadata: {jvmlops: {digests: {m: abc}}}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: 'no json'}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: '{}'}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: '[1]'}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: '[] []'}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: '[{\"name\":\"a\",\"name\":\"b\"}]'}",
                "flavors: {onnx: {data: m}}\nsignature: {inputs: '[{\"type\":\"tensor\",\"name\":\"a\",\"tensor-spec\":{\"dtype\":\"int8\",\"shape\":[-2]}}]'}",
                "flavors: {onnx: {data: m}}\n---\nflavors: {onnx: {data: n}}",
                "flavors: {onnx: {data: m}",
                "flavors: {onnx: {data: *nowhere}}",
                "flavors: &a {onnx: *a}",
                "? {a: b}\n: c",
                "a: \u0000",
            })
    void refusesWhatIsNoDescriptor(String yaml) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("MLmodel of model m/1");
    }

    @Test
    void unfoldsNoAliases() {
        StringBuilder bomb = new StringBuilder("flavors: {onnx: {data: m}}\na0: &a0 [x, x]\n");
        for (int i = 1; i < 100; i++) {
            bomb.append(String.format("a%d: &a%d [*a%d, *a%d]%n", i, i, i - 1, i - 1));
        }
        assertThatThrownBy(() -> read(bomb.toString()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("more than 200000 values");
    }

    @Test
    void readsAliasesAsPythonWritesThem() {
        assertThat(read("flavors:\n  onnx: &id001\n    data: m\n  python_function: *id001\n")
                        .flavors())
                .isEqualTo(Map.of("onnx", Map.of("data", "m"), "python_function", Map.of("data", "m")));
    }

    @Test
    void boundsDepth() {
        for (String deep : List.of("[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000))) {
            assertThatThrownBy(() -> read("flavors: " + deep)).isInstanceOf(ModelLoadException.class);
            assertThatThrownBy(() -> read(deep)).isInstanceOf(ModelLoadException.class);
        }
    }

    @Test
    void boundsSizeBeforeReading() {
        byte[] large = new byte[Yaml.MAX_BYTES + 1];
        assertThatThrownBy(() -> ModelFolder.read(
                        InMemoryModelFiles.of(Map.of("MLmodel", large)).toModelFiles("m/1")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("at most " + Yaml.MAX_BYTES);
    }

    @Test
    void boundsTheNumberOfValues() {
        String many = "flavors: {onnx: {data: m}}\nx: [" + "a,".repeat(Yaml.MAX_NODES) + "]";
        assertThatThrownBy(() -> read(many))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("more than " + Yaml.MAX_NODES);
    }

    @Test
    void refusesBytesThatAreNoText() {
        assertThatThrownBy(() ->
                        ModelFolder.read(InMemoryModelFiles.of(Map.of("MLmodel", new byte[] {'a', ':', (byte) 0xff}))
                                .toModelFiles("m/1")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("UTF-8");
    }

    // Folders

    @Test
    void refusesAFileOtherThanItsExporterWrote() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "bytes");
        ModelFolder.write(folder, descriptor("model.onnx"));
        Files.writeString(folder.resolve("model.onnx"), "Bytes");
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("'model.onnx'")
                .hasMessageContaining(
                        Digest.of("bytes".getBytes(StandardCharsets.UTF_8)).toString())
                .hasMessageContaining(
                        Digest.of("Bytes".getBytes(StandardCharsets.UTF_8)).toString());
        Files.delete(folder.resolve("model.onnx"));
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void refusesAFileThatChangedSinceItWasListed() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "bytes");
        ModelFiles files = ModelFolder.files(folder);
        Files.writeString(folder.resolve("model.onnx"), "other");
        assertThatThrownBy(() -> files.read("model.onnx")).isInstanceOf(IntegrityException.class);
    }

    @Test
    void followsLinksToFilesInside() throws IOException {
        Files.createDirectory(folder.resolve("deep"));
        Files.writeString(folder.resolve("deep/model.onnx"), "bytes");
        Files.createSymbolicLink(folder.resolve("model.onnx"), Path.of("deep/model.onnx"));
        ModelFiles files = ModelFolder.files(folder);
        assertThat(files.read("model.onnx")).isEqualTo(files.read("deep/model.onnx"));
    }

    @Test
    void refusesLinksOutside(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret"), "s");
        Files.createSymbolicLink(folder.resolve("model.onnx"), secret);
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'model.onnx'")
                .hasMessageContaining("leads out");
    }

    @Test
    void refusesAFileThatBecameALinkSinceItWasListed(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret"), "bytes");
        Path model = Files.writeString(folder.resolve("model.onnx"), "bytes");
        ModelFiles files = ModelFolder.files(folder);
        Files.delete(model);
        Files.createSymbolicLink(model, secret);
        assertThatThrownBy(() -> files.read("model.onnx")).isInstanceOf(StorageException.class);
    }

    @Test
    void refusesLinksToFoldersAndToNothing() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("loop"), folder);
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'loop'");
        Files.delete(link);
        Files.createSymbolicLink(folder.resolve("gone"), Path.of("nothing"));
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'gone'");
    }

    @Test
    void mayItselfBeReachedByALink(@TempDir Path elsewhere) throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "bytes");
        Path link = Files.createSymbolicLink(elsewhere.resolve("latest"), folder);
        assertThat(ModelFolder.files(link).contains("model.onnx")).isTrue();
    }

    @Test
    void refusesWhatIsNoFolder() throws IOException {
        assertThatThrownBy(() -> ModelFolder.files(folder.resolve("none")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("does not exist");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> ModelFolder.files(file))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("expected a folder");
    }

    @Test
    void refusesMoreFilesThanItCounts() throws IOException {
        for (int i = 0; i <= ModelFolder.MAX_FILES; i++) {
            Files.createFile(folder.resolve("f" + i));
        }
        assertThatThrownBy(() -> ModelFolder.files(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("more than " + ModelFolder.MAX_FILES);
    }

    // Reconciling

    @Test
    void givesTheFoldersColumnsToTheModel() {
        ModelSignature own = new ModelSignature(
                List.of(TensorSpec.of("X", DataType.FP32, -1, 2)), List.of(TensorSpec.of("y", DataType.FP32, -1, 1)));
        ModelSignature columns = new ModelSignature(
                List.of(TensorSpec.of("a", DataType.FP64, -1), TensorSpec.of("b", DataType.INT64, -1)), List.of());
        assertThat(reconcile(own, columns))
                .isEqualTo(
                        new ModelSignature(List.of(own.inputs().get(0).withColumns(List.of("a", "b"))), own.outputs()));
        assertThat(reconcile(own, null)).isEqualTo(own);
    }

    @Test
    void takesAColumnPerTensor() {
        ModelSignature own = new ModelSignature(
                List.of(TensorSpec.of("a", DataType.FP32, -1, 1), TensorSpec.of("b", DataType.BYTES, -1)), List.of());
        ModelSignature columns = new ModelSignature(
                List.of(TensorSpec.of("b", DataType.BYTES, -1), TensorSpec.of("a", DataType.FP64, -1)), List.of());
        assertThat(reconcile(own, columns)).isEqualTo(own);
    }

    @Test
    void listsAllThatDisagrees() {
        ModelSignature own = new ModelSignature(
                List.of(TensorSpec.of("a", DataType.FP32, -1, 3), TensorSpec.of("b", DataType.BYTES, -1, 1)),
                List.of(TensorSpec.of("y", DataType.FP32, -1, 1)));
        ModelSignature said = new ModelSignature(
                List.of(TensorSpec.of("a", DataType.FP32, -1, 4), TensorSpec.of("c", DataType.BYTES, -1, 1)),
                List.of(TensorSpec.of("y", DataType.FP64, -1, 1)));
        assertThatThrownBy(() -> reconcile(own, said))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("input is a: FP32[-1, 3] in the model, a: FP32[-1, 4] in MLmodel")
                .hasMessageContaining("it does not list input b: BYTES[-1, 1]")
                .hasMessageContaining("the model has no input c: BYTES[-1, 1]")
                .hasMessageContaining("output is y: FP32[-1, 1] in the model, y: FP64[-1, 1] in MLmodel");
    }

    private static ModelSignature reconcile(ModelSignature own, @Nullable ModelSignature said) {
        ModelDescriptor bare = ModelDescriptor.ofFile("onnx", "m");
        return ModelFolder.reconcile("m/1", own, said == null ? bare : bare.withSignature(said));
    }

    private static ModelDescriptor read(String yaml) {
        return ModelFolder.read(
                InMemoryModelFiles.of(Map.of("MLmodel", yaml.getBytes(StandardCharsets.UTF_8), "m", new byte[0]))
                        .toModelFiles("m/1"));
    }

    private static ModelDescriptor readText(String text) {
        return ModelFolder.read(InMemoryModelFiles.of(Map.of("MLmodel", text.getBytes(StandardCharsets.UTF_8)))
                .toModelFiles("m"));
    }

    @Test
    void aliasesDoNotMultiplyWhatASmallFileHolds() {
        StringBuilder text = new StringBuilder("flavors:\n  f: &a\n");
        for (int i = 0; i < 2_000; i++) {
            text.append("    k").append(i).append(": v\n");
        }
        for (int i = 0; i < 2_000; i++) {
            text.append("  g").append(i).append(": *a\n");
        }
        String hostile = text.toString();
        assertThatThrownBy(() -> readText(hostile))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("more than 200000 values");
        assertThat(readText("flavors:\n  f: &a {data: x}\n  g: *a\n").flavors().get("g"))
                .containsEntry("data", "x");
    }

    @Test
    void columnsThatDoNotFitTheModelsOwnWidthAreADifference() {
        ModelSignature own = new ModelSignature(
                List.of(TensorSpec.of("x", DataType.FP32, -1, 2), TensorSpec.of("z", DataType.FP32, -1, 2)), List.of());
        ModelSignature said = new ModelSignature(
                List.of(
                        TensorSpec.of("x", DataType.FP32, -1, -1).withColumns(List.of("a", "b", "c")),
                        TensorSpec.of("z", DataType.FP32, -1, 2)),
                List.of());
        ModelDescriptor descriptor = ModelDescriptor.ofFile("onnx", "m.onnx").withSignature(said);
        assertThatThrownBy(() -> ModelFolder.reconcile("m", own, descriptor))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("3 columns");
    }

    @Test
    void aDraftThatACrashLeftIsNoFileOfTheModel() throws IOException {
        Files.writeString(folder.resolve("model.bin"), "x");
        Files.writeString(folder.resolve(".MLmodel.draft"), "half");
        ModelFolder.write(folder, ModelDescriptor.ofFile("f", "model.bin"));
        assertThat(ModelFolder.files(folder).manifest().files()).hasSize(2);
    }
}
