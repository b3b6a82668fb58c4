package io.jvmlops.api.monitoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a set of rows. Immutable.
 *
 * @param rows how many
 * @param columns by name, in order; two profiles that have theirs in different orders are not equal
 */
public record Profile(long rows, Map<String, ColumnProfile> columns) {
    public static final Profile EMPTY = new Profile(0, Map.of());

    public Profile {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        columns.forEach((name, column) -> {
            if (!name.equals(column.column())) {
                throw new IllegalArgumentException(
                        "column '" + column.column() + "' under the name '" + name + "', expected its own");
            }
        });
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Profile that
                && rows == that.rows
                && List.copyOf(columns.values()).equals(List.copyOf(that.columns.values()));
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(rows) + columns.hashCode();
    }
}
