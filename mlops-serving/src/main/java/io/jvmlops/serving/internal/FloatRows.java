package io.jvmlops.serving.internal;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * A model with one {@code FP32} matrix in and one {@code FP32} tensor out, asked without the objects around them: the same
 * checks and the same answers as through tensors, with no garbage but the answer.
 */
public interface FloatRows {
    /** Elements of a row. */
    int width();

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

    /** What may have such a side. */
    interface Source {
        /** Null if it takes or gives something else, or somebody keeps what is asked and answered. */
        @Nullable
        FloatRows floatRows();
    }

    /** That of a model, or null. */
    static @Nullable FloatRows of(Object model) {
        return model instanceof Source source ? source.floatRows() : null;
    }
}
