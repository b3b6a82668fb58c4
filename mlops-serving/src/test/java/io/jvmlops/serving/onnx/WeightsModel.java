package io.jvmlops.serving.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelFiles;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code y = x * a + b}, with {@code a} and {@code b} of {@value #SIZE} elements in files of their own. */
final class WeightsModel {
    /** Above what the runtime copies into the graph. */
    static final int SIZE = 4096;

    static final int FLOAT = 1;

    private WeightsModel() {}

    static byte[] weights(float value, int size) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    /** A tensor of floats elsewhere; entries are pairs of key and value. */
    static TensorProto.Builder external(String name, String... entries) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(FLOAT)
                .addDims(SIZE)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        for (int i = 0; i < entries.length; i += 2) {
            tensor.addExternalData(
                    StringStringEntryProto.newBuilder().setKey(entries[i]).setValue(entries[i + 1]));
        }
        return tensor;
    }

    static byte[] onnx(TensorProto.Builder a, TensorProto.Builder b) {
        return model(graph().addInitializer(a).addInitializer(b));
    }

    static GraphProto.Builder graph() {
        return GraphProto.newBuilder()
                .setName("g")
                .addNode(NodeProto.newBuilder()
                        .setOpType("Mul")
                        .addInput("x")
                        .addInput("a")
                        .addOutput("m"))
                .addNode(NodeProto.newBuilder()
                        .setOpType("Add")
                        .addInput("m")
                        .addInput("b")
                        .addOutput("y"))
                .addInput(LoopModel.value("x", FLOAT, "n", SIZE))
                .addOutput(LoopModel.value("y", FLOAT, "n", SIZE));
    }

    static byte[] model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    /** Files by path, as a model version whose manifest was made of them. */
    static ModelFiles files(Map<String, byte[]> files) {
        return files(files, files);
    }

    /** What the manifest was made of, and what is found when it is read. */
    static ModelFiles files(Map<String, byte[]> registered, Map<String, byte[]> found) {
        List<FileEntry> entries = new TreeMap<>(registered)
                .entrySet().stream()
                        .map(e -> new FileEntry(e.getKey(), e.getValue().length, Digest.of(e.getValue())))
                        .toList();
        return ModelFiles.of("weights", new Manifest(entries), e -> new ByteArrayInputStream(found.get(e.path())));
    }

    static Tensors x(float value) {
        float[] x = new float[SIZE];
        java.util.Arrays.fill(x, value);
        return Tensors.of("x", Tensor.transfer(x, 1, SIZE));
    }
}
