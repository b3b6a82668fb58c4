package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.onnx.ExternalData.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataIT {
    private static final int BYTES = 4 * WeightsModel.SIZE;

    @TempDir
    Path root;

    private InferenceModel open(ModelFiles files, String path) {
        OnnxOptions options = OnnxOptions.builder().nativeFolder(root).build();
        return new OnnxModelLoader(options).load(files, ModelDescriptor.ofFile("onnx", path));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Two tensors of one file, which lies in a folder below the model's, which lies in a folder itself. */
    private static Map<String, byte[]> twoOfOneFile() {
        byte[] both = concat(WeightsModel.weights(3, WeightsModel.SIZE), WeightsModel.weights(0.5f, WeightsModel.SIZE));
        byte[] onnx = WeightsModel.onnx(
                WeightsModel.external("a", "location", "data/w.bin", "length", Integer.toString(BYTES)),
                WeightsModel.external("b", "location", "./data/w.bin", "offset", Integer.toString(BYTES)));
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("net/model.onnx", onnx);
        files.put("net/data/w.bin", both);
        files.put("notes.txt", new byte[10]);
        return files;
    }

    private List<Path> copies() throws IOException {
        try (Stream<Path> found = Files.walk(root)) {
            return found.filter(p -> p.toString().contains("model-")).toList();
        }
    }

    @Test
    void weightsOfTheFolderAreUsedAndTheirCopyIsGoneAtOnce() throws IOException {
        try (InferenceModel model = open(WeightsModel.files(twoOfOneFile()), "net/model.onnx")) {
            assertThat(copies()).isEmpty();
            for (float x = 0; x < 20; x++) {
                Tensor y = model.predict(WeightsModel.x(x)).get("y");
                assertThat(y.doubleAt(0)).isEqualTo(3 * x + 0.5);
                assertThat(y.doubleAt(WeightsModel.SIZE - 1)).isEqualTo(3 * x + 0.5);
            }
        }
    }

    /** As Python writes it: weights beside the file, in an MLflow folder. */
    @Test
    void anMlflowFolderIsLoadedWithItsWeights(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("MLmodel"), "flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.23.2\n");
        Files.write(
                folder.resolve("model.onnx"),
                WeightsModel.onnx(
                        WeightsModel.external("a", "location", "model.onnx.data"),
                        WeightsModel.external("b", "location", "other.data")));
        Files.write(folder.resolve("model.onnx.data"), WeightsModel.weights(2, WeightsModel.SIZE));
        Files.write(folder.resolve("other.data"), WeightsModel.weights(7, WeightsModel.SIZE));
        try (InferenceModel model = Models.load(ModelSource.folder(folder).trusted())) {
            assertThat(model.predict(WeightsModel.x(3)).get("y").doubleAt(0)).isEqualTo(13);
        }
        // What leads out of the folder is no file of it.
        Files.delete(folder.resolve("other.data"));
        Files.write(root.resolve("outside"), WeightsModel.weights(7, WeightsModel.SIZE));
        Files.createSymbolicLink(folder.resolve("other.data"), root.resolve("outside"));
        assertThatThrownBy(() -> Models.load(ModelSource.folder(folder).trusted()))
                .isInstanceOf(MlopsException.class);
    }

    @Test
    void alteredWeightsAreRefused() throws IOException {
        Map<String, byte[]> registered = twoOfOneFile();
        Map<String, byte[]> found = new LinkedHashMap<>(registered);
        byte[] altered = registered.get("net/data/w.bin").clone();
        altered[BYTES + 7] ^= 1;
        found.put("net/data/w.bin", altered);
        assertThatThrownBy(() -> open(WeightsModel.files(registered, found), "net/model.onnx"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("net/data/w.bin");
        assertThat(copies()).isEmpty();
    }

    @Test
    void aFileAloneIsToldWhatToDo() {
        byte[] onnx = twoOfOneFile().get("net/model.onnx");
        assertThatThrownBy(
                        () -> Models.load(ModelSource.bytes("model.onnx", onnx).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("external data")
                .hasMessageContaining("data/w.bin")
                .hasMessageContaining("ModelSource.folder")
                .hasMessageContaining("all weights in the one file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/etc/passwd",
                "../w.bin",
                "data/../../w.bin",
                "data/..",
                "data\\w.bin",
                "C:\\w.bin",
                "C:w.bin",
                "data//w.bin",
                "data/w.bin/",
                "*/_ORT_MEM_ADDR_/*",
                "_ORT_MEM_ADDR_",
                "data/w.bin\u0000",
                "data/\nw.bin",
                ".",
                "model.onnx",
                "w.bin",
                "notes.txt",
                "data",
                "net/data/w.bin",
                "DATA/W.BIN"
            })
    void nothingElseIsOpened(String location) {
        Map<String, byte[]> files = twoOfOneFile();
        files.put("secret", WeightsModel.weights(1, WeightsModel.SIZE));
        files.put(
                "net/model.onnx",
                WeightsModel.onnx(
                        WeightsModel.external("a", "location", "data/w.bin"),
                        WeightsModel.external("b", "location", location)));
        assertThatThrownBy(() -> open(WeightsModel.files(files), "net/model.onnx"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("external data")
                .hasMessageContaining("'" + location + "'");
    }

    @Test
    void placesOutsideTheFileAreRefused() {
        List<List<String>> wrong = List.of(
                List.of("offset", Integer.toString(2 * BYTES + 1)),
                List.of("offset", "4", "length", Integer.toString(2 * BYTES)),
                List.of("length", Integer.toString(2 * BYTES + 1)),
                List.of("offset", "-4"),
                List.of("offset", "999999999999999999", "length", "999999999999999999"),
                List.of("offset", "99999999999999999999"),
                List.of("offset", "0x10"),
                List.of("offset", ""),
                List.of("offset", " 4"),
                List.of("length", "1e3"),
                List.of("location", "data/w.bin"),
                List.of("offset", "0", "offset", "4"));
        for (List<String> entries : wrong) {
            String[] all = Stream.concat(Stream.of("location", "data/w.bin"), entries.stream())
                    .toArray(String[]::new);
            Map<String, byte[]> files = twoOfOneFile();
            files.put(
                    "net/model.onnx",
                    WeightsModel.onnx(WeightsModel.external("a", all), WeightsModel.external("b", all)));
            assertThatThrownBy(() -> open(WeightsModel.files(files), "net/model.onnx"))
                    .as("%s", entries)
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("external data");
        }
    }

    /** Wherever a tensor can be in a model, its reference is seen. */
    @Test
    void referencesAreFoundEverywhere() {
        TensorProto tensor = WeightsModel.external("t", "location", "elsewhere").build();
        SparseTensorProto sparse =
                SparseTensorProto.newBuilder().setIndices(tensor).build();
        GraphProto inner = GraphProto.newBuilder().addInitializer(tensor).build();
        Map<String, Consumer<ModelProto.Builder>> places = new LinkedHashMap<>();
        places.put("initializer", m -> m.getGraphBuilder().addInitializer(tensor));
        places.put("sparse initializer", m -> m.getGraphBuilder().addSparseInitializer(sparse));
        places.put(
                "sparse values",
                m -> m.getGraphBuilder()
                        .addSparseInitializer(SparseTensorProto.newBuilder().setValues(tensor)));
        places.put("attribute", m -> attribute(m).setT(tensor));
        places.put("attributes", m -> attribute(m).addTensors(tensor));
        places.put("sparse attribute", m -> attribute(m).setSparseTensor(sparse));
        places.put("sparse attributes", m -> attribute(m).addSparseTensors(sparse));
        places.put("subgraph", m -> attribute(m).setG(inner));
        places.put("subgraphs", m -> attribute(m).addGraphs(inner));
        places.put(
                "subgraph of a subgraph",
                m -> attribute(m)
                        .setG(GraphProto.newBuilder()
                                .addNode(NodeProto.newBuilder()
                                        .addAttribute(
                                                AttributeProto.newBuilder().setG(inner)))));
        places.put(
                "function",
                m -> m.addFunctions(FunctionProto.newBuilder()
                        .addNode(NodeProto.newBuilder()
                                .addAttribute(AttributeProto.newBuilder().setT(tensor)))));
        places.put(
                "default of a function",
                m -> m.addFunctions(FunctionProto.newBuilder()
                        .addAttributeProto(AttributeProto.newBuilder().setT(tensor))));
        places.put(
                "reference that is not marked as external",
                m -> m.getGraphBuilder().addInitializer(tensor.toBuilder().clearDataLocation()));
        places.forEach((place, put) -> {
            ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
            model.setGraph(GraphProto.newBuilder().setName("g"));
            put.accept(model);
            assertThat(OnnxFile.parse(model.build().toByteArray(), "file").references())
                    .as(place)
                    .containsExactly(new Reference("elsewhere", 0, null));
        });
        assertThatThrownBy(() -> OnnxFile.parse(
                        WeightsModel.model(GraphProto.newBuilder().addInitializer(WeightsModel.external("t"))), "file"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("does not say in which");
    }

    private static AttributeProto.Builder attribute(ModelProto.Builder model) {
        return model.getGraphBuilder().addNodeBuilder().addAttributeBuilder();
    }

    @Test
    void aGraphCompiledForADeviceIsRefused() {
        byte[] onnx = WeightsModel.model(
                GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("EPContext")));
        assertThatThrownBy(() -> OnnxFile.parse(onnx, "file"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("EPContext");
    }
}
