package io.jvmlops.serving.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The native buffers and tensors of one call at a time. Buffers grow to what was asked and stay; native tensors are made
 * anew only when a shape changes. Used by one thread at a time; passed on through an atomic.
 */
final class OnnxLane {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<TensorSpec> inputSpecs;
    private final OnnxShapes shapes;
    private final String[] outputNames;

    private final ByteBuffer[] inputBuffers;
    private final @Nullable Shape[] inputShapes;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

    private final ByteBuffer[] outputBuffers;
    private final long[][] outputShapes;
    private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    private boolean pinnedFits;

    OnnxLane(
            OrtEnvironment environment,
            OrtSession session,
            ModelSignature signature,
            OnnxShapes shapes,
            String[] outputNames) {
        this.environment = environment;
        this.session = session;
        this.inputSpecs = signature.inputs();
        this.shapes = shapes;
        this.outputNames = outputNames;
        this.inputBuffers = new ByteBuffer[inputSpecs.size()];
        this.inputShapes = new @Nullable Shape[inputSpecs.size()];
        this.outputBuffers = new ByteBuffer[outputNames.length];
        this.outputShapes = new long[outputNames.length][];
    }

    static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Copies the inputs in. They fit the signature and have elements. */
    void load(Tensors tensors) throws OrtException {
        for (int i = 0; i < inputBuffers.length; i++) {
            String name = inputSpecs.get(i).name();
            Tensor tensor = i < tensors.size() && tensors.nameAt(i).equals(name) ? tensors.at(i) : tensors.get(name);
            boolean strings = tensor.type() == DataType.BYTES;
            if (!tensor.shape().equals(inputShapes[i]) || strings) {
                inputShapes[i] = null;
                pinnedFits = false;
                close(inputs.remove(name));
                if (strings) {
                    inputs.put(name, OnnxTypes.ofStrings(environment, tensor));
                } else {
                    inputBuffers[i] = withRoom(inputBuffers[i], tensor.type(), tensor.size());
                    inputs.put(
                            name,
                            OnnxTypes.over(
                                    environment,
                                    tensor.type(),
                                    inputBuffers[i],
                                    tensor.shape().dims(),
                                    tensor.size()));
                }
                inputShapes[i] = tensor.shape();
            }
            if (!strings) {
                OnnxTypes.write(tensor, inputBuffers[i]);
            }
        }
    }

    Map<String, OnnxTensor> inputs() {
        return inputs;
    }

    /** Runs what was loaded, into this lane's output buffers. */
    Tensors runPinned(Tensors loaded) throws OrtException {
        if (!pinnedFits) {
            pin(loaded);
        }
        // The result owns none of the pinned tensors.
        session.run(inputs, pinned).close();
        if (outputNames.length == 1) {
            return Tensors.of(outputNames[0], read(0));
        }
        Tensors.Builder outputs = Tensors.builder();
        for (int i = 0; i < outputNames.length; i++) {
            outputs.put(outputNames[i], read(i));
        }
        return outputs.build();
    }

    private Tensor read(int output) {
        long[] shape = outputShapes[output];
        return OnnxTypes.read(shapes.type(output), outputBuffers[output], shape, elements(shape));
    }

    private void pin(Tensors loaded) throws OrtException {
        pinned.values().forEach(OnnxLane::close);
        pinned.clear();
        for (int i = 0; i < outputNames.length; i++) {
            DataType type = shapes.type(i);
            long[] shape = shapes.shape(i, loaded);
            int elements = elements(shape);
            outputBuffers[i] = withRoom(outputBuffers[i], type, elements);
            outputShapes[i] = shape;
            pinned.put(outputNames[i], OnnxTypes.over(environment, type, outputBuffers[i], shape, elements));
        }
        pinnedFits = true;
    }

    private static int elements(long[] shape) {
        int product = 1;
        for (long dim : shape) {
            product = Math.multiplyExact(product, Math.toIntExact(dim));
        }
        return product;
    }

    private static ByteBuffer withRoom(@Nullable ByteBuffer buffer, DataType type, int elements) {
        int bytes = Math.multiplyExact(elements, type.bytes());
        return buffer != null && buffer.capacity() >= bytes ? buffer : allocate(bytes);
    }

    /** Native memory held. */
    long bytes() {
        long sum = 0;
        for (ByteBuffer buffer : inputBuffers) {
            sum += buffer == null ? 0 : buffer.capacity();
        }
        for (ByteBuffer buffer : outputBuffers) {
            sum += buffer == null ? 0 : buffer.capacity();
        }
        return sum;
    }

    void close() {
        inputs.values().forEach(OnnxLane::close);
        inputs.clear();
        pinned.values().forEach(OnnxLane::close);
        pinned.clear();
    }

    private static void close(@Nullable OnnxTensor tensor) {
        if (tensor != null) {
            tensor.close();
        }
    }
}
