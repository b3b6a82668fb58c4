package io.jvmlops.serving.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;

/** A model that runs as long as it is told: adds one to each element, as often as its input says. */
public final class LoopModel {
    public static final int WIDTH = 8;

    /** About ten million turns take some seconds; nobody waits for so many. */
    public static final long FOREVER = 1L << 40;

    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int BOOL = 9;

    private LoopModel() {}

    /** Inputs {@code trips}, a scalar, and {@code x}, rows of {@value #WIDTH}; output {@code y}, which is x + trips. */
    public static byte[] onnx() {
        GraphProto body = GraphProto.newBuilder()
                .setName("body")
                .addInput(value("turn", INT64))
                .addInput(value("going", BOOL))
                .addInput(value("before", FLOAT, "batch", WIDTH))
                .addInitializer(TensorProto.newBuilder()
                        .setName("one")
                        .setDataType(FLOAT)
                        .addFloatData(1))
                .addNode(node("Identity").addInput("going").addOutput("go"))
                .addNode(node("Add").addInput("before").addInput("one").addOutput("after"))
                .addOutput(value("go", BOOL))
                .addOutput(value("after", FLOAT, "batch", WIDTH))
                .build();
        GraphProto graph = GraphProto.newBuilder()
                .setName("loop")
                .addInput(value("trips", INT64))
                .addInput(value("x", FLOAT, "batch", WIDTH))
                .addNode(node("Loop")
                        .addInput("trips")
                        .addInput("")
                        .addInput("x")
                        .addOutput("y")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("body")
                                .setType(AttributeProto.AttributeType.GRAPH)
                                .setG(body)))
                .addOutput(value("y", FLOAT, "batch", WIDTH))
                .build();
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    /** One row of zeros, and how often to go round. */
    public static Tensors inputs(long trips) {
        return Tensors.of(
                "trips", Tensor.transfer(new long[] {trips}), "x", Tensor.transfer(new float[WIDTH], 1, WIDTH));
    }

    private static NodeProto.Builder node(String op) {
        return NodeProto.newBuilder().setOpType(op);
    }

    /** @param dims extents, or names of extents */
    static ValueInfoProto value(String name, int type, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dim : dims) {
            if (dim instanceof Integer extent) {
                shape.addDimBuilder().setDimValue(extent);
            } else {
                shape.addDimBuilder().setDimParam(String.valueOf(dim));
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }
}
