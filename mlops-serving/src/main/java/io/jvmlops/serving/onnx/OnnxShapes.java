package io.jvmlops.serving.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which output axis has the extent of which input axis, as far as the model's declarations tell: axes of one symbolic
 * name are equal, and a leading axis without a name is taken for the batch. The latter is a guess, which the runtime
 * checks on every run.
 */
final class OnnxShapes {
    private final boolean known;
    private final List<Output> outputs;

    private OnnxShapes(boolean known, List<Output> outputs) {
        this.known = known;
        this.outputs = outputs;
    }

    /** @param inputs the session's inputs, in the order in which {@link #shape} gets their shapes */
    static OnnxShapes of(OrtSession session, List<TensorSpec> inputs) throws OrtException {
        Map<String, Axis> axes = new HashMap<>();
        Axis batch = null;
        for (NodeInfo node : session.getInputInfo().values()) {
            if (node.getInfo() instanceof TensorInfo info) {
                long[] shape = info.getShape();
                for (int axis = 0; axis < shape.length; axis++) {
                    if (shape[axis] == Shape.DYNAMIC) {
                        Axis found = new Axis(position(node.getName(), inputs), axis);
                        axes.putIfAbsent(info.getDimensionNames()[axis], found);
                        batch = batch == null && axis == 0 ? found : batch;
                    }
                }
            }
        }
        axes.remove("");
        boolean known = true;
        List<Output> outputs = new ArrayList<>();
        for (NodeInfo node : session.getOutputInfo().values()) {
            if (!(node.getInfo() instanceof TensorInfo info)) {
                return new OnnxShapes(false, List.of());
            }
            if (session.getInputNames().contains(node.getName())) {
                // An input handed through: the runtime leaves a pinned tensor as it was, and says nothing.
                return new OnnxShapes(false, List.of());
            }
            DataType type = OnnxTypes.dataType(info.type);
            if (type == null || type == DataType.BYTES) {
                return new OnnxShapes(false, List.of());
            }
            long[] shape = info.getShape();
            List<Extent> extents = new ArrayList<>();
            for (int axis = 0; axis < shape.length; axis++) {
                Axis source = null;
                if (shape[axis] == Shape.DYNAMIC) {
                    source = axes.get(info.getDimensionNames()[axis]);
                    source = source == null && axis == 0 ? batch : source;
                    known &= source != null;
                }
                extents.add(new Extent(shape[axis], source));
            }
            outputs.add(new Output(type, extents));
        }
        return new OnnxShapes(known, outputs);
    }

    private static int position(String name, List<TensorSpec> inputs) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalStateException("the session has an input '" + name + "', the signature has not");
    }

    /** Whether every output's shape follows from the inputs', and each is computed by the model. */
    boolean known() {
        return known;
    }

    DataType type(int output) {
        return outputs.get(output).type;
    }

    long[] shape(int output, @Nullable Shape[] inputs) {
        List<Extent> extents = outputs.get(output).extents;
        long[] shape = new long[extents.size()];
        for (int axis = 0; axis < shape.length; axis++) {
            Extent extent = extents.get(axis);
            Axis source = extent.source;
            shape[axis] = source == null
                    ? extent.declared
                    : Objects.requireNonNull(inputs[source.input]).dim(source.axis);
        }
        return shape;
    }

    private record Axis(int input, int axis) {}

    /** @param source null if the declared extent is the extent */
    private record Extent(long declared, @Nullable Axis source) {}

    private record Output(DataType type, List<Extent> extents) {}
}
