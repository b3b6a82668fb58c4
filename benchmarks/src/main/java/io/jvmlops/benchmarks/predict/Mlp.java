package io.jvmlops.benchmarks.predict;

import ai.onnx.proto.OnnxMl;
import java.util.Random;

/** Dense layers with ReLU between them and a sigmoid at the end: as ONNX, and as plain arithmetic to judge it by. */
final class Mlp {
    private static final int OPSET = 17;
    private static final int IR_VERSION = 8;

    private final int[] sizes;
    /** Per layer, row-major: inputs by outputs. */
    private final float[][] weights;

    private final float[][] biases;

    /** Random weights, of a size that keeps the sums of every layer about as large as those before. */
    Mlp(Random random, int... sizes) {
        this.sizes = sizes.clone();
        this.weights = new float[sizes.length - 1][];
        this.biases = new float[sizes.length - 1][];
        for (int layer = 0; layer < weights.length; layer++) {
            weights[layer] = gaussians(random, sizes[layer] * sizes[layer + 1], Math.sqrt(2.0 / sizes[layer]));
            biases[layer] = gaussians(random, sizes[layer + 1], 0.1);
        }
    }

    private static float[] gaussians(Random random, int size, double deviation) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** In doubles, so that it is nearer to the truth than any of those it judges. */
    double[] answer(float[] row) {
        double[] values = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            values[i] = row[i];
        }
        for (int layer = 0; layer < weights.length; layer++) {
            double[] next = new double[sizes[layer + 1]];
            for (int out = 0; out < next.length; out++) {
                double sum = biases[layer][out];
                for (int in = 0; in < values.length; in++) {
                    sum += values[in] * weights[layer][in * next.length + out];
                }
                next[out] = layer < weights.length - 1 ? Math.max(0, sum) : 1 / (1 + Math.exp(-sum));
            }
            values = next;
        }
        return values;
    }

    byte[] toOnnx(String input, String output) {
        OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("mlp");
        graph.addInput(matrix(input, sizes[0]));
        graph.addOutput(matrix(output, sizes[sizes.length - 1]));
        String last = input;
        for (int layer = 0; layer < weights.length; layer++) {
            graph.addInitializer(tensor("w" + layer, weights[layer], sizes[layer], sizes[layer + 1]));
            graph.addInitializer(tensor("b" + layer, biases[layer], sizes[layer + 1]));
            boolean end = layer == weights.length - 1;
            graph.addNode(OnnxMl.NodeProto.newBuilder()
                    .setOpType("Gemm")
                    .addInput(last)
                    .addInput("w" + layer)
                    .addInput("b" + layer)
                    .addOutput("sum" + layer));
            last = end ? output : "layer" + layer;
            graph.addNode(OnnxMl.NodeProto.newBuilder()
                    .setOpType(end ? "Sigmoid" : "Relu")
                    .addInput("sum" + layer)
                    .addOutput(last));
        }
        return OnnxMl.ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("io.jvmlops.benchmarks")
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static OnnxMl.ValueInfoProto matrix(String name, int width) {
        OnnxMl.TensorShapeProto shape = OnnxMl.TensorShapeProto.newBuilder()
                .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
                .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(width))
                .build();
        return OnnxMl.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(OnnxMl.TypeProto.newBuilder()
                        .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    private static OnnxMl.TensorProto tensor(String name, float[] values, long... dims) {
        OnnxMl.TensorProto.Builder tensor =
                OnnxMl.TensorProto.newBuilder().setName(name).setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE);
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return tensor.build();
    }
}
