package io.jvmlops.api.tracking;

import io.jvmlops.api.search.Lookup;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An experiment as stored.
 *
 * @param updatedAt when its name, tags or lifecycle last changed
 * @param deletedAt when it was deleted; null if it was not
 */
public record ExperimentInfo(
        String id,
        String name,
        Map<String, String> tags,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant deletedAt) {
    public ExperimentInfo {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    public boolean isDeleted() {
        return deletedAt != null;
    }

    /** Its values, for stores that evaluate a filter themselves. */
    public Lookup lookup() {
        return new ExperimentLookup(this);
    }
}
