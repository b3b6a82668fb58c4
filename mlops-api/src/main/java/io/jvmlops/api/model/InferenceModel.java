package io.jvmlops.api.model;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;

/**
 * One loaded, immutable model version. Decorators (a cache, an observer) are models that wrap one.
 *
 * <p>{@link #predict} may be called by many threads at once. Closing while others predict is safe: what runs ends first,
 * what comes after fails with {@link ClosedException}. Implementations pass {@code InferenceModelContract} of
 * mlops-test.
 */
public interface InferenceModel extends AutoCloseable {
    /** The descriptor with its signature filled in. */
    ModelDescriptor descriptor();

    /** What it takes and gives. */
    ModelSignature signature();

    /** The form it was loaded from: one of the descriptor's flavors. */
    String flavor();

    /** The digest of the version's files. */
    Digest digest();

    /**
     * Whether the same input always gets the same answer, but for the last bits of a floating-point sum. A model that draws random
     * numbers says no, and is never cached.
     */
    default boolean isDeterministic() {
        return true;
    }

    /** As {@link #predict(Tensors, Deadline)}, however long it takes. */
    default Tensors predict(Tensors inputs) {
        return predict(inputs, Deadline.NONE);
    }

    /**
     * Answers.
     *
     * @param inputs as in {@link ModelSignature#inputs()}; not kept
     * @param deadline nothing is begun after it, and what runs is asked to stop. A runtime stops where it can, so this may
     *     return late
     * @return as in {@link ModelSignature#outputs()}
     * @throws InvalidInputException if the inputs do not fit the signature; the model has not seen them
     * @throws TimedOutException if the deadline passed before there was an answer
     * @throws ModelFailureException if the model failed
     * @throws ClosedException after {@link #close}
     */
    Tensors predict(Tensors inputs, Deadline deadline);

    /**
     * Refuses new predictions from now on, and returns without waiting. What the model holds is freed when the last
     * running prediction has ended, by the thread that ends it. Closing twice is harmless.
     */
    @Override
    void close();
}
