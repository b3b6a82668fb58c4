package io.jvmlops.serving.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.FloatRows;
import io.jvmlops.serving.internal.LoadedModel;
import io.jvmlops.serving.internal.Watchdog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that nothing else can reach. Inputs are checked before native code sees them; a call works in a lane of its
 * own, whose native buffers are reused from call to call; outputs are written straight into the lane's buffers where
 * their shapes follow from the inputs'.
 */
final class OnnxModel extends LoadedModel {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxModel.class);

    /** Native memory above which a lane is not kept for the next call. */
    private static final long MAX_KEPT_BYTES = 16L << 20;

    private static final int KEPT_LANES =
            Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors());

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final AtomicReferenceArray<@Nullable OnnxLane> lanes = new AtomicReferenceArray<>(KEPT_LANES);
    private final Watchdog watchdog;
    private final OnnxShapes shapes;
    private final String[] outputNames;
    private final boolean deterministic;
    /** Turned off for good when the runtime finds that an output has another shape than its declaration implies. */
    private volatile boolean pinning;

    OnnxModel(
            String name,
            Digest digest,
            ModelDescriptor descriptor,
            ModelSignature signature,
            boolean deterministic,
            OrtEnvironment environment,
            OrtSession session,
            Watchdog watchdog)
            throws OrtException {
        super(name, digest, OnnxModelLoader.FLAVOR, descriptor, signature);
        this.deterministic = deterministic;
        this.environment = environment;
        this.session = session;
        this.watchdog = watchdog;
        this.shapes = OnnxShapes.of(session, signature.inputs());
        this.outputNames = signature.outputs().stream().map(TensorSpec::name).toArray(String[]::new);
        this.pinning = shapes.known();
    }

    @Override
    public boolean isDeterministic() {
        return deterministic;
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        Tensors empty = empty(inputs);
        if (empty != null) {
            return empty;
        }
        OnnxLane lane = takeLane();
        try {
            lane.load(inputs);
            lane.watch(watchdog, deadline);
            Tensors outputs = run(lane);
            end(lane);
            return outputs;
        } catch (OrtException | RuntimeException | Error e) {
            throw failure(lane, e);
        }
    }

    @Override
    protected int floatWidth() {
        if (signature().inputs().size() != 1) {
            return 0;
        }
        TensorSpec in = signature().inputs().get(0);
        long width = in.width();
        boolean rows = in.type() == DataType.FP32 && isBatch(in) && width > 0 && width <= Integer.MAX_VALUE;
        return rows ? (int) width : 0;
    }

    @Override
    protected boolean givesFloats() {
        return signature().outputs().size() == 1
                && signature().outputs().get(0).type() == DataType.FP32
                && isBatch(signature().outputs().get(0))
                && shapes.known();
    }

    @Override
    protected float[] answer(float[] rows, int count, Deadline deadline) {
        OnnxLane lane = takeLane();
        try {
            lane.load(rows, count, rows.length);
            lane.watch(watchdog, deadline);
            float[] answer = runFloats(lane);
            end(lane);
            return answer;
        } catch (OrtException | RuntimeException | Error e) {
            throw failure(lane, e);
        }
    }

    @Override
    protected Tensors answer(FloatRows.Writer rows, int count, int size, Deadline deadline) {
        OnnxLane lane = takeLane();
        boolean written = false;
        try {
            float[] scratch = lane.scratch(size);
            rows.write(scratch);
            written = true;
            lane.load(scratch, count, size);
            lane.watch(watchdog, deadline);
            Tensors outputs = run(lane);
            end(lane);
            return outputs;
        } catch (OrtException | RuntimeException | Error e) {
            if (!written && e instanceof RuntimeException ofWriter) {
                giveBack(lane);
                throw ofWriter;
            }
            throw failure(lane, e);
        }
    }

    /** The lane of a call that has succeeded goes back, unless it was to stop meanwhile. */
    private void end(OnnxLane lane) {
        if (!lane.unwatch()) {
            throw new TimedOutException("the answer came too late");
        }
        giveBack(lane);
    }

    /** Whatever state the lane is in, nobody uses it again. */
    private RuntimeException failure(OnnxLane lane, Throwable e) {
        boolean stopped = !lane.unwatch();
        lane.close();
        if (e instanceof InvalidInputException invalid) {
            return new InvalidInputException(subject(), invalid.mismatches());
        }
        if (e instanceof OutOfMemoryError) {
            return new ModelFailureException(
                    "model " + digest().abbreviated() + " did not get the memory for a call of this size ("
                            + e.getMessage() + "): send fewer rows at a time, or allow more with"
                            + " -XX:MaxDirectMemorySize and -Xmx",
                    e);
        }
        if (e instanceof Error error) {
            throw error;
        }
        return stopped
                ? new TimedOutException(
                        subject() + ": the model was stopped at its deadline; allow more time, or send less at a time",
                        e)
                : new ModelFailureException("model " + digest().abbreviated() + " failed: " + e.getMessage(), e);
    }

    private Tensors run(OnnxLane lane) throws OrtException {
        if (pinning) {
            try {
                return lane.runPinned();
            } catch (OrtException e) {
                return runAfter(e, lane);
            }
        }
        return runFree(lane);
    }

    private float[] runFloats(OnnxLane lane) throws OrtException {
        if (pinning) {
            try {
                return lane.runPinnedFloats();
            } catch (OrtException e) {
                return floats(runAfter(e, lane));
            }
        }
        return floats(runFree(lane));
    }

    private static float[] floats(Tensors only) {
        Tensor tensor = only.at(0);
        float[] values = new float[tensor.size()];
        tensor.asFloatBuffer().get(values);
        return values;
    }

    /** Either the model failed, and does again here, or an output has another shape than its declaration implies. */
    private Tensors runAfter(OrtException failure, OnnxLane lane) throws OrtException {
        if (lane.overdue()) {
            throw failure;
        }
        Tensors outputs = runFree(lane);
        pinning = false;
        LOG.info(
                "Outputs of model {} have other shapes than declared; they are copied from now on",
                digest().abbreviated());
        return outputs;
    }

    private Tensors runFree(OnnxLane lane) throws OrtException {
        try (OrtSession.Result result = lane.run()) {
            Tensors.Builder outputs = Tensors.builder();
            for (int i = 0; i < outputNames.length; i++) {
                DataType type = signature().outputs().get(i).type();
                outputs.put(
                        outputNames[i],
                        OnnxValues.toTensor(result.get(i), type, descriptor().labels()));
            }
            return outputs.build();
        }
    }

    /**
     * The answer to no rows, which the runtime is not asked for; null if there are rows.
     *
     * @throws InvalidInputException if an input has no elements, but there is an answer to compute
     */
    private @Nullable Tensors empty(Tensors inputs) {
        boolean empty = false;
        for (int i = 0; i < inputs.size(); i++) {
            empty |= inputs.at(i).size() == 0;
        }
        if (!empty) {
            return null;
        }
        List<String> without = new ArrayList<>();
        boolean noRows = true;
        for (TensorSpec input : signature().inputs()) {
            Tensor tensor = inputs.get(input.name());
            if (tensor.size() == 0) {
                without.add("tensor '" + input.name() + "' is " + tensor + ", expected at least one element");
            }
            if (isBatch(input)) {
                noRows &= tensor.rows() == 0;
            }
        }
        if (!noRows || !signature().outputs().stream().allMatch(OnnxModel::isBatch)) {
            throw new InvalidInputException(subject(), without);
        }
        Tensors.Builder outputs = Tensors.builder();
        for (TensorSpec output : signature().outputs()) {
            long[] dims = output.shape().dims();
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = dims[axis] == Shape.DYNAMIC ? 0 : dims[axis];
            }
            outputs.put(output.name(), emptyTensor(output.type(), dims));
        }
        return outputs.build();
    }

    private static boolean isBatch(TensorSpec spec) {
        return spec.shape().rank() > 0 && spec.shape().dim(0) == Shape.DYNAMIC;
    }

    private static Tensor emptyTensor(DataType type, long[] dims) {
        return type == DataType.BYTES
                ? Tensor.transfer(new String[0], dims)
                : OnnxTypes.read(type, OnnxLane.allocate(0), Shape.of(dims));
    }

    private OnnxLane takeLane() {
        int first = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT_LANES; i++) {
            int index = (first + i) & (KEPT_LANES - 1);
            // The read first: most slots are empty most of the time, and an exchange is not free.
            if (lanes.getPlain(index) != null) {
                OnnxLane lane = lanes.getAndSet(index, null);
                if (lane != null) {
                    return lane;
                }
            }
        }
        return new OnnxLane(environment, session, signature(), shapes, outputNames);
    }

    private void giveBack(OnnxLane lane) {
        lane.forgetTexts();
        if (lane.bytes() <= MAX_KEPT_BYTES) {
            int first = (int) Thread.currentThread().getId();
            for (int i = 0; i < KEPT_LANES; i++) {
                if (lanes.compareAndSet((first + i) & (KEPT_LANES - 1), null, lane)) {
                    return;
                }
            }
        }
        lane.close();
    }

    /** Visible for its test: the lanes that wait for a call. */
    List<OnnxLane> idle() {
        List<OnnxLane> idle = new ArrayList<>();
        for (int i = 0; i < KEPT_LANES; i++) {
            OnnxLane lane = lanes.get(i);
            if (lane != null) {
                idle.add(lane);
            }
        }
        return idle;
    }

    @Override
    protected void free() {
        for (int i = 0; i < KEPT_LANES; i++) {
            OnnxLane lane = lanes.getAndSet(i, null);
            if (lane != null) {
                lane.close();
            }
        }
        OnnxSessions.close(session);
    }
}
