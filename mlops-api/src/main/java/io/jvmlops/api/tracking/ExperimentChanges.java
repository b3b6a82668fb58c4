package io.jvmlops.api.tracking;

import io.jvmlops.api.metadata.Keys;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to change about an experiment, all or nothing.
 *
 * @param name its new name, or null to keep it
 * @param tags to set; last write wins
 * @param removedTags to remove, before others are set; those that are not there are ignored
 * @param lifecycle to delete or restore it, or null for neither
 */
public record ExperimentChanges(
        @Nullable String name,
        Map<String, String> tags,
        Set<String> removedTags,
        @Nullable Lifecycle lifecycle) {
    public ExperimentChanges {
        if (name != null) {
            Keys.check("name of an experiment", name);
        }
        Keys.checkTags(tags);
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        removedTags = Collections.unmodifiableSet(new LinkedHashSet<>(removedTags));
    }

    /** Where an experiment goes. */
    public enum Lifecycle {
        DELETE,
        RESTORE
    }

    public static ExperimentChanges rename(String name) {
        return new ExperimentChanges(name, Map.of(), Set.of(), null);
    }

    public static ExperimentChanges tags(Map<String, String> tags) {
        return new ExperimentChanges(null, tags, Set.of(), null);
    }

    public static ExperimentChanges removeTag(String key) {
        return new ExperimentChanges(null, Map.of(), Set.of(key), null);
    }

    public static ExperimentChanges delete() {
        return new ExperimentChanges(null, Map.of(), Set.of(), Lifecycle.DELETE);
    }

    public static ExperimentChanges restore() {
        return new ExperimentChanges(null, Map.of(), Set.of(), Lifecycle.RESTORE);
    }
}
