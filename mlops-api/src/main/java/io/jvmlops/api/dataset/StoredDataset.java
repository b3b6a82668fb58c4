package io.jvmlops.api.dataset;

import io.jvmlops.api.artifact.Digest;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A dataset version whose bytes are stored.
 *
 * @param version 1 for the first of its name, then counting up; never used again
 * @param digest of the manifest of its files, which is itself an artifact
 * @param source where it was read from, as text
 * @param files how many
 * @param size of all files, in bytes
 * @param createdBy who stored it, as the host's supplier says
 */
public record StoredDataset(
        String name,
        int version,
        Digest digest,
        String source,
        int files,
        long size,
        Instant createdAt,
        String createdBy,
        String description,
        Map<String, String> tags) {
    public StoredDataset {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    /** As runs and models refer to it. */
    public DatasetVersion reference() {
        return new DatasetVersion(name, digest, source);
    }

    /** For people: {@code iris/3}. */
    public String label() {
        return name + "/" + version;
    }
}
