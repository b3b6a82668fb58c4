package io.jvmlops.serving.internal;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * A model whose one input is rows of {@code FP32}, asked without a tensor of them: the same checks and answers, with no garbage
 * but the answer.
 */
public interface FloatRows {
    /** Elements of a row. */
    int width();

    /** Whether its answer is {@code FP32} too, in one tensor, so that {@link #predict(float[], Deadline)} can be asked. */
    boolean givesFloats();

    /**
     * Answers rows that lie one after the other.
     *
     * @param rows read until this returns, not changed, not kept
     * @return the output's elements, row after row; the caller's
     * @throws InvalidInputException if the length is no multiple of the width
     * @throws TimedOutException if the deadline passed before there was an answer
     * @throws ModelFailureException if the model failed
     * @throws ClosedException after the model was closed
     */
    float[] predict(float[] rows, Deadline deadline);

    /**
     * Answers rows that are written where the model wants them.
     *
     * @param rows called once at most, before this returns
     * @param count how many
     * @throws TimedOutException as above, and so on; and whatever the writer throws
     */
    Tensors predict(Writer rows, int count, Deadline deadline);

    /** Writes rows one after the other. */
    @FunctionalInterface
    interface Writer {
        /** @param target has room for all, and maybe for more; not kept */
        void write(float[] target);
    }

    /** What may have such a side. */
    interface Source {
        /** Null if it takes something else, or somebody keeps what is asked. */
        @Nullable
        FloatRows floatRows();
    }

    /** That of a model, or null. */
    static @Nullable FloatRows of(Object model) {
        return model instanceof Source source ? source.floatRows() : null;
    }
}
