package io.jvmlops.api.monitoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A categorical column: how often each level of the reference came, and everything else together.
 *
 * @param levels counts by level, in the reference's order; levels that did not come have 0
 * @param other values that are no level of the reference
 */
public record CategoricalProfile(String column, long missing, Map<String, Long> levels, long other)
        implements ColumnProfile {
    public CategoricalProfile {
        levels = Collections.unmodifiableMap(new LinkedHashMap<>(levels));
    }

    @Override
    public long count() {
        return present() + missing;
    }

    /** Values that were there. */
    public long present() {
        return levels.values().stream().mapToLong(Long::longValue).sum() + other;
    }
}
