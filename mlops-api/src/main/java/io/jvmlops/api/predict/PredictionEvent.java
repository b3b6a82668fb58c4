package io.jvmlops.api.predict;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call of a model, as it went, or some rows of it. Holds what was asked and answered, which may be personal data: a
 * listener that stores it decides on that.
 *
 * <p>A listener that has a {@link PredictionListener#cpuBudget CPU budget} may be told of a sample. A row of it is one position
 * along the leading axis of all inputs and, unless the call failed, outputs, in their order: where the signature has that axis
 * dynamic ({@link io.jvmlops.api.data.Shape#DYNAMIC}) in every input and output, and it has the same extent in all tensors of
 * this call. Any other call is one row, which is taken whole or not at all. Of a call of which no row was taken there is no event.
 *
 * @param id unique; under which a label may come later
 * @param model the registered model's name, or what its files are called
 * @param version the registered version, or 0 for a model that is in no registry
 * @param digest of the version that answered
 * @param signature of the version that answered
 * @param inputs what was asked: a row, or a batch; under sampling just the rows that were taken
 * @param outputs what was answered to these; null if the call failed
 * @param at when the call began
 * @param nanos how long it took
 * @param error why it failed; null if it did not
 * @param sampling each row that the model was asked was taken with probability 2<sup>-sampling</sup>, whatever it holds and
 *     independently of the others, so that one stands for 2<sup>sampling</sup>; 0 if all were. From one event to the next it may
 *     be another
 */
public record PredictionEvent(
        String id,
        String model,
        int version,
        Digest digest,
        ModelSignature signature,
        Tensors inputs,
        @Nullable Tensors outputs,
        Instant at,
        long nanos,
        @Nullable RuntimeException error,
        int sampling) {
    /** @throws IllegalArgumentException if {@code sampling} is negative */
    public PredictionEvent {
        if (sampling < 0) {
            throw new IllegalArgumentException("sampling of " + sampling + ": expected 0 or more");
        }
    }
}
