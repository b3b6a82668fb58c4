package io.jvmlops.benchmarks.endurance;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Random;

/**
 * A network of 32-256-256-1 that does all its arithmetic and then answers with its version's number, whatever it was asked:
 * so that each answer says who gave it.
 */
final class VersionedModel {
    static final String INPUT = "x";
    static final String OUTPUT = "y";
    static final int WIDTH = 32;

    private static final int HIDDEN = 256;
    private static final int FLOAT = 1;

    private VersionedModel() {}

    static byte[] onnx(int version) {
        Random random = new Random(11);
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("versioned")
                .addInput(value(INPUT, WIDTH))
                .addOutput(value(OUTPUT, 1))
                .addInitializer(weights("w1", random, 1, WIDTH, HIDDEN))
                .addInitializer(weights("w2", random, 1, HIDDEN, HIDDEN))
                // The last layer takes nothing from the one before, so what is left is the bias.
                .addInitializer(weights("w3", random, 0, HIDDEN, 1))
                .addInitializer(TensorProto.newBuilder()
                        .setName("version")
                        .setDataType(FLOAT)
                        .addDims(1)
                        .addFloatData(version))
                .addNode(node("MatMul", "h1").addInput(INPUT).addInput("w1"))
                .addNode(node("Relu", "r1").addInput("h1"))
                .addNode(node("MatMul", "h2").addInput("r1").addInput("w2"))
                .addNode(node("Relu", "r2").addInput("h2"))
                .addNode(node("MatMul", "h3").addInput("r2").addInput("w3"))
                .addNode(node("Add", OUTPUT).addInput("h3").addInput("version"));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static NodeProto.Builder node(String op, String output) {
        return NodeProto.newBuilder().setOpType(op).addOutput(output);
    }

    private static ValueInfoProto value(String name, int width) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(FLOAT)
                                .setShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("rows"))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimValue(width)))))
                .build();
    }

    private static TensorProto weights(String name, Random random, double scale, int rows, int columns) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(FLOAT)
                .addDims(rows)
                .addDims(columns);
        for (int i = 0; i < rows * columns; i++) {
            tensor.addFloatData((float) (scale * random.nextGaussian()));
        }
        return tensor.build();
    }
}
