package io.jvmlops.serving.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a model declares, and what it gave, as tensors with a row per row.
 *
 * <p>A sequence of maps, as scikit-learn's ZipMap makes, has a row per map and a column per key. A sequence of matrices,
 * as scikit-learn's MultiOutputClassifier makes, one per target and each with a row per row, becomes one tensor of the
 * shape {@code [rows, matrices, columns]}.
 */
final class OnnxValues {
    /** What the runtime's Java interface takes out of sequences. */
    private static final Set<OnnxJavaType> SEQUENCES =
            EnumSet.of(OnnxJavaType.FLOAT, OnnxJavaType.DOUBLE, OnnxJavaType.INT64, OnnxJavaType.STRING);

    private OnnxValues() {}

    /** @throws ModelLoadException if the kind of value, or its type, is none that can be carried to Java, or from it */
    static TensorSpec spec(String model, NodeInfo node, boolean input, List<String> labels) {
        ValueInfo info = node.getInfo();
        if (info instanceof TensorInfo tensor) {
            return new TensorSpec(node.getName(), type(model, node, tensor), Shape.of(tensor.getShape()), List.of());
        }
        if (info instanceof SequenceInfo sequence && !input) {
            boolean maps = sequence.isSequenceOfMaps();
            OnnxJavaType said = maps ? sequence.mapInfo.valueType : sequence.sequenceType;
            OnnxJavaType carried = maps || SEQUENCES.contains(said) ? said : OnnxJavaType.UNKNOWN;
            DataType type = type(model, node, carried, said.name());
            long classes = labels.isEmpty() ? Shape.DYNAMIC : labels.size();
            return maps
                    ? TensorSpec.of(node.getName(), type, Shape.DYNAMIC, classes)
                    : TensorSpec.of(node.getName(), type, Shape.DYNAMIC, Shape.DYNAMIC, Shape.DYNAMIC);
        }
        throw new ModelLoadException("model " + model + " has '" + node.getName() + "' of kind " + info
                + "; supported are tensors, and as outputs sequences of maps and sequences of matrices");
    }

    private static DataType type(String model, NodeInfo node, TensorInfo tensor) {
        String name = tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
        return type(model, node, isMisread(tensor) ? OnnxJavaType.UNKNOWN : tensor.type, name);
    }

    /** The runtime calls unsigned integers by the Java type of their size, whose values they do not have. */
    private static boolean isMisread(TensorInfo tensor) {
        return tensor.onnxType.name().contains("_UINT") && tensor.type != OnnxJavaType.UINT8;
    }

    private static DataType type(String model, NodeInfo node, OnnxJavaType type, String name) {
        DataType found = OnnxTypes.dataType(type);
        if (found == null) {
            throw new ModelLoadException("model " + model + " has tensor '" + node.getName() + "' of type " + name
                    + ", which ONNX Runtime's Java interface cannot carry; supported are "
                    + Arrays.toString(DataType.values()) + ": add a Cast node where the model is made");
        }
        return found;
    }

    /**
     * @param type what was declared
     * @param labels the columns of maps; empty for the keys of the first in the order of the alphabet
     */
    static Tensor toTensor(OnnxValue value, DataType type, List<String> labels) throws OrtException {
        if (value instanceof OnnxTensor tensor) {
            return OnnxTypes.copy(tensor);
        }
        if (!(value instanceof OnnxSequence sequence)) {
            throw new OrtException("an output is a " + value.getType() + ", expected a tensor or a sequence");
        }
        List<? extends OnnxValue> elements = sequence.getValue();
        try {
            return sequence.getInfo().isSequenceOfMaps() ? ofMaps(elements, type, labels) : ofTensors(elements, type);
        } finally {
            // They are copies that the caller has to free.
            OnnxValue.close(elements);
        }
    }

    private static Tensor ofMaps(List<? extends OnnxValue> elements, DataType type, List<String> labels)
            throws OrtException {
        List<Map<?, ?>> rows = new ArrayList<>();
        for (OnnxValue element : elements) {
            rows.add(((OnnxMap) element).getValue());
        }
        return rows(rows, type, labels);
    }

    /** Visible for its test: no operator of the runtime's gives maps to anything but floats. */
    static Tensor rows(List<? extends Map<?, ?>> maps, DataType type, List<String> labels) throws OrtException {
        List<Object> values = new ArrayList<>();
        List<String> keys = labels;
        for (Map<?, ?> map : maps) {
            Map<String, Object> row = new TreeMap<>();
            map.forEach((key, value) -> row.put(key.toString(), value));
            keys = keys.isEmpty() ? List.copyOf(row.keySet()) : keys;
            for (String key : keys) {
                Object value = row.get(key);
                if (value == null || row.size() != keys.size()) {
                    throw new OrtException("an output map has the keys " + row.keySet() + ", expected " + keys);
                }
                values.add(value);
            }
        }
        long[] shape = {maps.size(), keys.size()};
        return switch (type) {
            case FP32 -> {
                float[] floats = new float[values.size()];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = ((Number) values.get(i)).floatValue();
                }
                yield Tensor.transfer(floats, shape);
            }
            case FP64 ->
                Tensor.transfer(
                        values.stream()
                                .mapToDouble(v -> ((Number) v).doubleValue())
                                .toArray(),
                        shape);
            case INT64 ->
                Tensor.transfer(
                        values.stream().mapToLong(v -> ((Number) v).longValue()).toArray(), shape);
            case BYTES -> Tensor.transfer(values.stream().map(Object::toString).toArray(String[]::new), shape);
            default -> throw new OrtException("an output is a map to " + type + ", which no map holds");
        };
    }

    private static Tensor ofTensors(List<? extends OnnxValue> elements, DataType type) throws OrtException {
        List<Tensor> matrices = new ArrayList<>();
        for (OnnxValue element : elements) {
            matrices.add(OnnxTypes.copy((OnnxTensor) element));
        }
        if (matrices.isEmpty()) {
            return stacked(List.of(), type, 0, 0);
        }
        Tensor first = matrices.get(0);
        for (Tensor matrix : matrices) {
            if (matrix.shape().rank() != 2 || !matrix.shape().equals(first.shape())) {
                throw new OrtException("an output is a sequence of "
                        + matrices.stream().map(Tensor::toString).distinct().toList()
                        + ", expected matrices of one shape; have the model give each as an output of its own, or one"
                        + " tensor of all (ConcatFromSequence)");
            }
        }
        return stacked(matrices, type, first.rows(), first.rowSize());
    }

    private static Tensor stacked(List<Tensor> matrices, DataType type, int rows, int columns) {
        int size = Math.multiplyExact(Math.multiplyExact(rows, matrices.size()), columns);
        long[] shape = {rows, matrices.size(), columns};
        if (type == DataType.BYTES) {
            String[] strings = new String[size];
            for (int i = 0; i < size; i++) {
                int matrix = i / columns % matrices.size();
                int row = i / columns / matrices.size();
                strings[i] = matrices.get(matrix).stringAt(row * columns + i % columns);
            }
            return Tensor.transfer(strings, shape);
        }
        int width = columns * type.bytes();
        ByteBuffer all = OnnxLane.allocate(Math.multiplyExact(size, type.bytes()));
        ByteBuffer one = OnnxLane.allocate(Math.multiplyExact(rows, width));
        for (int m = 0; m < matrices.size(); m++) {
            OnnxTypes.write(matrices.get(m), one);
            for (int row = 0; row < rows; row++) {
                all.put((row * matrices.size() + m) * width, one, row * width, width);
            }
        }
        return OnnxTypes.read(type, all, Shape.of(shape));
    }
}
