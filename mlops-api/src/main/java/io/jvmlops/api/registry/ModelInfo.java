package io.jvmlops.api.registry;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A registered model: what its versions have in common.
 *
 * @param description for people; empty for none
 * @param updatedAt when it was last described, or a version was added or deleted; moves of its aliases have times of their
 *     own
 * @param versions how many it has now, those that were deleted not counted
 * @param aliases sorted, each with the version it points at
 */
public record ModelInfo(
        String name,
        String description,
        Map<String, String> tags,
        Instant createdAt,
        Instant updatedAt,
        int versions,
        Map<String, Integer> aliases) {
    public ModelInfo {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
    }
}
