package io.jvmlops.serving;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.serving.folder.GoldenRows;
import io.jvmlops.serving.folder.InputExample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a version goes through before anybody else sees it: it must reproduce its golden rows, and is asked a few times, so
 * that the first caller does not wait for what a runtime does late. Nothing of it reaches caches, metrics or listeners.
 *
 * @param calls how often it is asked; zero for not at all
 * @param time after which no other call is begun, and the one that runs is asked to stop
 */
record Rehearsal(int calls, Duration time) {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

    static final int DEFAULT_CALLS = 10;
    static final Duration DEFAULT_TIME = Duration.ofSeconds(2);

    /** The largest input that is made up, in elements. */
    private static final long MAX_ELEMENTS = 1 << 22;

    /**
     * @param golden the host's own rows for the model, besides those in its folder
     * @throws ModelLoadException if the model does not reproduce a row
     */
    void hold(ModelFiles files, InferenceModel model, List<GoldenRows> golden) {
        List<GoldenRows> rows = new ArrayList<>();
        GoldenRows.read(files, model.descriptor()).ifPresent(rows::add);
        rows.addAll(golden);
        for (GoldenRows each : rows) {
            each.check(files.name(), model);
        }
        if (calls > 0) {
            warmUp(files, model, rows);
        }
    }

    private void warmUp(ModelFiles files, InferenceModel model, List<GoldenRows> rows) {
        if (!rows.isEmpty()) {
            ask(files, model, rows.get(0).inputs());
            return;
        }
        try {
            Optional<Tensors> example = InputExample.read(files, model.descriptor(), model.signature());
            if (example.isPresent()) {
                ask(files, model, example.get());
                return;
            }
        } catch (RuntimeException e) {
            // An example is there for people, and may be of another day: no reason to stay with an old version.
            LOG.warn(
                    "The input example of model {} is of no use to warm it up; it goes live all the same",
                    files.name(),
                    e);
        }
        Tensors zeros = zeros(model);
        if (zeros == null) {
            return;
        }
        try {
            ask(files, model, zeros);
        } catch (RuntimeException e) {
            // Nobody said that the model takes zeros.
            LOG.debug("Model {} does not answer zeros; it goes live without having been warmed up", files.name(), e);
        }
    }

    private void ask(ModelFiles files, InferenceModel model, Tensors inputs) {
        Deadline end = Deadline.after(time);
        try {
            for (int i = 0; i < calls && !end.hasPassed(); i++) {
                Tensors unused = model.predict(inputs, end);
            }
        } catch (TimedOutException e) {
            LOG.info("Model {} took more than {} to warm up; it goes live as it is", files.name(), time);
        }
    }

    /** One row of zeros; null if the model takes text, or what would be large. */
    private static @Nullable Tensors zeros(InferenceModel model) {
        Tensors.Builder tensors = Tensors.builder();
        for (TensorSpec input : model.signature().inputs()) {
            long[] dims = input.shape().dims();
            long elements = 1;
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = dims[axis] == Shape.DYNAMIC ? 1 : dims[axis];
                if (dims[axis] > MAX_ELEMENTS || (elements *= dims[axis]) > MAX_ELEMENTS) {
                    return null;
                }
            }
            if (input.type() == DataType.BYTES) {
                return null;
            }
            tensors.put(input.name(), zeros(input.type(), (int) elements, dims));
        }
        return tensors.build();
    }

    private static Tensor zeros(DataType type, int elements, long[] dims) {
        return switch (type) {
            case BOOL -> Tensor.transfer(new boolean[elements], dims);
            case UINT8, INT8 -> Tensor.transfer(type, new byte[elements], dims);
            case INT16, FP16, BF16 -> Tensor.transfer(type, new short[elements], dims);
            case INT32 -> Tensor.transfer(new int[elements], dims);
            case INT64 -> Tensor.transfer(new long[elements], dims);
            case FP32 -> Tensor.transfer(new float[elements], dims);
            case FP64 -> Tensor.transfer(new double[elements], dims);
            case BYTES -> throw new IllegalArgumentException("there is no text that is like zero");
        };
    }
}
