package io.jvmlops.api.predict;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a model in the caller's own types. Thread-safe. One that was made for an alias follows it: each call is answered
 * by one version, the one that is live when the call begins.
 *
 * @param <I> one row: a record; or a batch: {@link io.jvmlops.api.data.Tensors}, or an array with one row after the other
 * @param <O> one answer: {@link Classification}, {@link Regression}, a record, an array, or tensors
 */
public interface Predictor<I, O> {
    /** As {@link #predict(Object, Deadline)}, with the time that the serving allows by default. */
    default O predict(I input) {
        return predict(input, Deadline.NONE);
    }

    /** As {@link #predictAll(List, Deadline)}, with the time that the serving allows by default. */
    default List<O> predictAll(List<? extends I> inputs) {
        return predictAll(inputs, Deadline.NONE);
    }

    /** As {@link #predictAsync(Object, Deadline)}, with the time that the serving allows by default. */
    default CompletableFuture<O> predictAsync(I input) {
        return predictAsync(input, Deadline.NONE);
    }

    /** As {@link #predictAllAsync(List, Deadline)}, with the time that the serving allows by default. */
    default CompletableFuture<List<O>> predictAllAsync(List<? extends I> inputs) {
        return predictAllAsync(inputs, Deadline.NONE);
    }

    /**
     * Answers one, on the caller's thread. A deadline that passes stops the model where it can be stopped; this returns once
     * it has.
     *
     * @throws InvalidInputException if the input does not fit the model; the model has not seen it
     * @throws TimedOutException if the deadline passed before there was an answer
     * @throws ModelFailureException if the model failed
     * @throws ClosedException if the serving behind it is closed
     */
    O predict(I input, Deadline deadline);

    /**
     * Answers many in one call of the model, in order; empty for empty. Tensors, which are batches already, and whatever is
     * answered with tensors, are a call each.
     *
     * @throws InvalidInputException if an input does not fit; none is answered
     * @throws TimedOutException if the deadline passed before there was an answer; none is answered
     * @throws ModelFailureException if the model failed
     * @throws ClosedException if the serving behind it is closed
     */
    List<O> predictAll(List<? extends I> inputs, Deadline deadline);

    /**
     * Answers one, on a thread of the serving's, by the version that is live now. The future fails with what {@link
     * #predict(Object, Deadline)} throws: with {@link TimedOutException} promptly at the deadline, even if the model runs on,
     * and with {@link OverloadedException} at once if too many wait already. What has not begun by the deadline is never
     * begun. The version keeps its lease until the model has ended. Cancelling drops what has not begun, and the answer of
     * what has.
     *
     * <p>What depends on the future runs on the threads that answer, and keeps them from answering while it does: what takes
     * long belongs on an executor of the caller's ({@code thenApplyAsync}).
     *
     * @param input read before this returns, so that the caller may change it afterwards
     */
    CompletableFuture<O> predictAsync(I input, Deadline deadline);

    /** As {@link #predictAsync(Object, Deadline)}, for {@link #predictAll(List, Deadline)}. */
    CompletableFuture<List<O>> predictAllAsync(List<? extends I> inputs, Deadline deadline);
}
