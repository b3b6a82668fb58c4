package io.jvmlops.monitoring;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts the rows of one side of a model. Not thread-safe. */
final class TableCounter {
    private final Layout layout;
    private final Map<String, ColumnCounter> byName = new LinkedHashMap<>();
    private final ColumnCounter[] counters;
    private long rows;

    /** @param like has a column for each of the layout, or none at all if this side is not watched */
    TableCounter(Layout layout, Profile like) {
        this.layout = layout;
        like.columns().forEach((name, column) -> byName.put(name, ColumnCounter.like(column)));
        counters = byName.values().toArray(ColumnCounter[]::new);
    }

    boolean isWatched() {
        return counters.length > 0;
    }

    /** @param tensors for which {@link Layout#rows} gave this number of rows */
    void add(Tensors tensors, int count) {
        rows += count;
        if (!isWatched()) {
            return;
        }
        for (int i = 0; i < layout.slots().size(); i++) {
            Layout.Slot slot = layout.slots().get(i);
            int position = slot.width() == 0 ? -1 : layout.position(tensors, i);
            if (position < 0) {
                continue;
            }
            Tensor tensor = tensors.at(position);
            int column = 0;
            for (int index = 0; index < tensor.size(); index++) {
                counters[slot.first() + column].add(tensor, index);
                column = column + 1 == slot.width() ? 0 : column + 1;
            }
        }
    }

    Profile profile() {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        byName.forEach((name, counter) -> columns.put(name, counter.profile()));
        return new Profile(rows, columns);
    }
}
