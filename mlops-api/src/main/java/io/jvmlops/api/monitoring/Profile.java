package io.jvmlops.api.monitoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of a set of rows. Immutable.
 *
 * @param rows how many
 * @param columns by name, in order
 */
public record Profile(long rows, Map<String, ColumnProfile> columns) {
    public static final Profile EMPTY = new Profile(0, Map.of());

    public Profile {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }
}
