package io.jvmlops.api.registry;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A registered version of a model: a number that stands for bytes. Only its description and its tags change, see {@link
 * ModelRegistry#updateVersion}.
 *
 * @param version 1 for a model's first, then counting up; never used again
 * @param digest of the manifest of its files
 * @param createdBy who registered it, as the host's supplier says
 * @param updatedAt when it was last described; at first when it was registered
 * @param signature what the model takes and gives, or null if whoever registered it did not say
 * @param inputExample the path of an example among its files, or null
 * @param description for people; empty for none
 */
public record ModelVersion(
        String name,
        int version,
        Digest digest,
        Instant createdAt,
        String createdBy,
        Instant updatedAt,
        ModelOrigin origin,
        @Nullable ModelSignature signature,
        @Nullable String inputExample,
        String description,
        Map<String, String> tags) {
    public ModelVersion {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    public ModelRef.Version ref() {
        return new ModelRef.Version(name, version);
    }

    /** The run that it came from, or null. */
    public @Nullable String runId() {
        return origin.runId();
    }

    /** Facts about how the model was made. */
    public Map<String, String> provenance() {
        return origin.provenance();
    }

    /** The stage that MLflow had it in, see {@link VersionTags#LEGACY_STAGE}. For people: aliases say what is live. */
    public Optional<String> legacyStage() {
        return Optional.ofNullable(tags.get(VersionTags.LEGACY_STAGE));
    }
}
