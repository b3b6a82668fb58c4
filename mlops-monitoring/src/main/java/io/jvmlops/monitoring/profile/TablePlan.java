package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the rows of one side of a model are counted. Immutable. */
final class TablePlan {
    private final TensorLayout layout;
    private final Map<String, ColumnPlan> columns;

    private TablePlan(TensorLayout layout, Map<String, ColumnPlan> columns) {
        this.layout = layout;
        this.columns = columns;
    }

    /** @param profile has a column for each of the layout, or none at all if this side is not watched */
    static TablePlan like(TensorLayout layout, Profile profile) {
        Map<String, ColumnPlan> columns = new LinkedHashMap<>();
        profile.columns().forEach((name, column) -> columns.put(name, ColumnPlan.like(column)));
        return new TablePlan(layout, columns);
    }

    static TablePlan of(TensorLayout layout) {
        Map<String, ColumnPlan> columns = new LinkedHashMap<>();
        layout.columns().forEach((name, type) -> columns.put(name, ColumnPlan.of(name, type)));
        return new TablePlan(layout, columns);
    }

    TensorLayout layout() {
        return layout;
    }

    boolean isWatched() {
        return !columns.isEmpty();
    }

    List<String> names() {
        return new ArrayList<>(columns.keySet());
    }

    ColumnCounter[] newCounters() {
        return columns.values().stream().map(ColumnPlan::newCounter).toArray(ColumnCounter[]::new);
    }
}
