package io.jvmlops.api.registry;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.model.ModelRef;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A registered version of a model: a number that stands for bytes.
 *
 * @param version 1 for a model's first, then counting up; never used again
 * @param digest of the manifest of its files
 * @param runId the run that it came from, or null
 * @param createdBy who registered it, as the host's supplier says
 * @param provenance facts about how the model was made
 */
public record ModelVersion(
        String name,
        int version,
        Digest digest,
        @Nullable String runId,
        Instant createdAt,
        String createdBy,
        Map<String, String> provenance) {
    public ModelVersion {
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    public ModelRef.Version ref() {
        return new ModelRef.Version(name, version);
    }
}
