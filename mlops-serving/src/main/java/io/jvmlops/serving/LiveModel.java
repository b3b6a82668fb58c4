package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What answers for a reference now.
 *
 * @param since when this version was put into service
 * @param lastFailure why a newer version could not be put into service, or null
 */
public record LiveModel(
        ModelRef ref,
        int version,
        Digest digest,
        String flavor,
        ModelSignature signature,
        Instant since,
        @Nullable String lastFailure) {}
