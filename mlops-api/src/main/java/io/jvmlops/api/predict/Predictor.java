package io.jvmlops.api.predict;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import java.util.List;

/**
 * Asks a model in the caller's own types. Thread-safe. One that was made for an alias follows it: each call is answered
 * by one version, the one that is live when the call begins.
 *
 * @param <I> one row: a record, or {@link io.jvmlops.api.data.Tensors} for a whole batch
 * @param <O> one answer: {@link Classification}, {@link Regression}, a record, or tensors
 */
public interface Predictor<I, O> {
    /**
     * Answers one.
     *
     * @throws InvalidInputException if the input does not fit the model; the model has not seen it
     * @throws ModelFailureException if the model failed
     * @throws ClosedException if the serving behind it is closed
     */
    O predict(I input);

    /**
     * Answers many in one call of the model, in order; empty for empty.
     *
     * @throws InvalidInputException if an input does not fit; none is answered
     * @throws ModelFailureException if the model failed
     * @throws ClosedException if the serving behind it is closed
     */
    List<O> predictAll(List<? extends I> inputs);
}
