package io.jvmlops.api.metadata;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to change about how a model, a version or a dataset is described, all or nothing.
 *
 * @param description the new one, or null to keep it; empty for none
 * @param tags last write wins
 * @param removedTags removed before others are set; those that are not there are ignored
 */
public record MetadataChanges(@Nullable String description, Map<String, String> tags, Set<String> removedTags) {
    /** @throws io.jvmlops.api.error.InvalidInputException if something is over the limits of {@link Keys} */
    public MetadataChanges {
        if (description != null) {
            Keys.checkValue("description", description, Keys.MAX_DESCRIPTION);
        }
        Keys.checkTags(tags);
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        removedTags = Collections.unmodifiableSet(new LinkedHashSet<>(removedTags));
    }

    public static MetadataChanges describe(String description) {
        return new MetadataChanges(description, Map.of(), Set.of());
    }

    public static MetadataChanges tag(String key, String value) {
        return new MetadataChanges(null, Map.of(key, value), Set.of());
    }

    public static MetadataChanges removeTag(String key) {
        return new MetadataChanges(null, Map.of(), Set.of(key));
    }
}
