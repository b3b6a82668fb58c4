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
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.Watchdog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native buffers and tensors of one call at a time. Buffers grow to what was asked and stay; native tensors are made
 * anew only when a shape changes. Used by one thread at a time; passed on through an atomic. A call that has a deadline is
 * watched: over it, the runtime is told to stop, which it does before its next operator.
 */
final class OnnxLane extends Watchdog.Call {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxLane.class);

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<TensorSpec> inputSpecs;
    private final OnnxShapes shapes;
    private final String[] outputNames;

    private final @Nullable ByteBuffer[] inputBuffers;
    private final @Nullable Shape[] inputShapes;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private float[] scratch = {};
    /** Over the only input, where rows of floats are loaded. */
    private @Nullable FloatBuffer floatsIn;

    private final @Nullable ByteBuffer[] outputBuffers;
    private final Shape[] outputShapes;
    private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    private boolean pinnedFits;
    /** Over the only output, once pinned, where that is floats. */
    private @Nullable FloatBuffer floatsOut;

    /** Made for the first call that has a deadline, and of use to calls that have. */
    private OrtSession.@Nullable RunOptions options;

    private boolean watched;

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
        this.inputBuffers = new @Nullable ByteBuffer[inputSpecs.size()];
        this.inputShapes = new @Nullable Shape[inputSpecs.size()];
        this.outputBuffers = new @Nullable ByteBuffer[outputNames.length];
        this.outputShapes = new Shape[outputNames.length];
    }

    static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Copies the inputs in. They fit the signature and have elements. */
    void load(Tensors tensors) throws OrtException {
        for (int i = 0; i < inputBuffers.length; i++) {
            String name = inputSpecs.get(i).name();
            Tensor tensor = i < tensors.size() && tensors.nameAt(i).equals(name) ? tensors.at(i) : tensors.get(name);
            if (tensor.type() == DataType.BYTES) {
                forget(i);
                inputs.put(name, OnnxTypes.ofStrings(environment, name, tensor));
                inputShapes[i] = tensor.shape();
            } else {
                OnnxTypes.write(tensor, buffer(i, tensor.type(), tensor.shape()));
            }
        }
    }

    /** An array for at least so many floats, the lane's own: what rows are written to before they are loaded. */
    float[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new float[size];
        }
        return scratch;
    }

    /**
     * Copies rows of floats into the only input.
     *
     * @param size of all rows; the array may be longer
     */
    void load(float[] rows, int count, int size) throws OrtException {
        Shape shape = inputShapes[0];
        FloatBuffer view = floatsIn;
        if (view == null || shape == null || shape.dim(0) != count) {
            long[] dims = inputSpecs.get(0).shape().dims();
            dims[0] = count;
            view = buffer(0, DataType.FP32, Shape.of(dims)).asFloatBuffer();
            floatsIn = view;
        }
        view.put(0, rows, 0, size);
    }

    /** The buffer of an input, under a native tensor of that shape. */
    private ByteBuffer buffer(int input, DataType type, Shape shape) throws OrtException {
        ByteBuffer buffer = inputBuffers[input];
        if (buffer == null || !shape.equals(inputShapes[input])) {
            forget(input);
            long[] dims = shape.dims();
            int elements = elements(dims);
            buffer = withRoom(buffer, type, elements);
            inputBuffers[input] = buffer;
            inputs.put(inputSpecs.get(input).name(), OnnxTypes.over(environment, type, buffer, dims, elements));
            inputShapes[input] = shape;
        }
        return buffer;
    }

    private void forget(int input) {
        inputShapes[input] = null;
        floatsIn = null;
        pinnedFits = false;
        close(inputs.remove(inputSpecs.get(input).name()));
    }

    /** Has what runs next stopped at the deadline. */
    void watch(Watchdog watchdog, Deadline deadline) throws OrtException {
        watched = !deadline.isNone();
        if (watched) {
            if (options == null) {
                options = new OrtSession.RunOptions();
            }
            begin(watchdog, deadline);
        }
    }

    /** Whether it has run to its end, or failed by itself; if not, the lane is of no more use. */
    boolean unwatch() {
        return end();
    }

    /** Whether it is to stop: what a run says then is no failure of the model. */
    boolean overdue() {
        return isStopped();
    }

    @Override
    protected void stop() {
        try {
            if (options != null) {
                options.setTerminate(true);
            }
        } catch (OrtException | RuntimeException e) {
            LOG.warn("A prediction that is over its deadline cannot be stopped; it ends by itself", e);
        }
    }

    /** Runs what was loaded; outputs are the caller's to close. */
    OrtSession.Result run() throws OrtException {
        return watched ? session.run(inputs, options) : session.run(inputs);
    }

    /** Runs what was loaded, into this lane's output buffers. */
    Tensors runPinned() throws OrtException {
        intoPinned();
        if (outputNames.length == 1) {
            return Tensors.of(outputNames[0], read(0));
        }
        Tensors.Builder outputs = Tensors.builder();
        for (int i = 0; i < outputNames.length; i++) {
            outputs.put(outputNames[i], read(i));
        }
        return outputs.build();
    }

    /** As {@link #runPinned}, of the only output, which is floats. */
    float[] runPinnedFloats() throws OrtException {
        intoPinned();
        FloatBuffer view = floatsOut;
        if (view == null) {
            view = outputBuffer(0).asFloatBuffer().limit((int) outputShapes[0].elements());
            floatsOut = view;
        }
        float[] answer = new float[view.limit()];
        view.get(0, answer);
        return answer;
    }

    private void intoPinned() throws OrtException {
        if (!pinnedFits) {
            pin();
        }
        // The result owns none of the pinned tensors.
        (watched ? session.run(inputs, Set.of(), pinned, options) : session.run(inputs, pinned)).close();
    }

    private Tensor read(int output) {
        return OnnxTypes.read(shapes.type(output), outputBuffer(output), outputShapes[output]);
    }

    private ByteBuffer outputBuffer(int output) {
        return Objects.requireNonNull(outputBuffers[output], "not pinned");
    }

    private void pin() throws OrtException {
        pinned.values().forEach(OnnxLane::close);
        pinned.clear();
        floatsOut = null;
        for (int i = 0; i < outputNames.length; i++) {
            DataType type = shapes.type(i);
            long[] shape = shapes.shape(i, inputShapes);
            int elements = elements(shape);
            ByteBuffer buffer = withRoom(outputBuffers[i], type, elements);
            outputBuffers[i] = buffer;
            outputShapes[i] = Shape.of(shape);
            pinned.put(outputNames[i], OnnxTypes.over(environment, type, buffer, shape, elements));
        }
        pinnedFits = true;
    }

    private static int elements(long[] shape) {
        long product = 1;
        for (long dim : shape) {
            product = Math.multiplyExact(product, dim);
        }
        return Math.toIntExact(product);
    }

    private static ByteBuffer withRoom(@Nullable ByteBuffer buffer, DataType type, int elements) {
        long bytes = (long) elements * type.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new ArithmeticException(elements + " elements of " + type + " are more than the " + Integer.MAX_VALUE
                    + " bytes that a buffer holds; send fewer rows at a time");
        }
        return buffer != null && buffer.capacity() >= bytes ? buffer : allocate((int) bytes);
    }

    /** Lets go of what is made anew on every call: texts, of any size, that somebody wrote. */
    void forgetTexts() {
        for (int i = 0; i < inputBuffers.length; i++) {
            if (inputShapes[i] != null && inputSpecs.get(i).type() == DataType.BYTES) {
                forget(i);
            }
        }
    }

    /** Whether it holds a native tensor of an input. */
    boolean holds(String input) {
        return inputs.containsKey(input);
    }

    /** Memory held, in the heap and beside it. */
    long bytes() {
        long sum = (long) scratch.length * Float.BYTES;
        for (ByteBuffer buffer : inputBuffers) {
            sum += buffer == null ? 0 : buffer.capacity();
        }
        for (ByteBuffer buffer : outputBuffers) {
            sum += buffer == null ? 0 : buffer.capacity();
        }
        return sum;
    }

    /** Only once what runs is no longer watched. */
    void close() {
        retire();
        if (options != null) {
            options.close();
            options = null;
        }
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
