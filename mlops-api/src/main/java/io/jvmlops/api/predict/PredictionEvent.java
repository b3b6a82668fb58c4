package io.jvmlops.api.predict;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call of a model, as it went. Holds what was asked and answered, which may be personal data: a listener that stores
 * it decides on that.
 *
 * @param id unique; under which a label may come later
 * @param model the registered model's name, or what its files are called
 * @param version the registered version, or 0 for a model that is in no registry
 * @param digest of the version that answered
 * @param signature of the version that answered
 * @param inputs what was asked: a row, or a batch
 * @param outputs what was answered; null if the call failed
 * @param at when the call began
 * @param nanos how long it took
 * @param error why it failed; null if it did not
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
        @Nullable RuntimeException error) {}
