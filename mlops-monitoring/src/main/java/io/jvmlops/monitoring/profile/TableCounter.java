package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts the rows of one side of a model. Not thread-safe. */
final class TableCounter {
    private final TablePlan plan;
    private final ColumnCounter[] counters;
    private long rows;

    TableCounter(TablePlan plan) {
        this.plan = plan;
        counters = plan.newCounters();
    }

    /** @param tensors for which {@link TensorLayout#rows} gave this number of rows */
    void add(Tensors tensors, int count) {
        rows += count;
        if (!plan.isWatched()) {
            return;
        }
        TensorLayout layout = plan.layout();
        for (int i = 0; i < layout.slots().size(); i++) {
            TensorLayout.Slot slot = layout.slots().get(i);
            int position = slot.width() == 0 ? -1 : layout.position(tensors, i);
            if (position < 0) {
                continue;
            }
            Tensor tensor = tensors.at(position);
            for (int column = 0; column < slot.width(); column++) {
                counters[slot.first() + column].add(tensor, column, slot.width());
            }
        }
    }

    Profile profile() {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        List<String> names = plan.names();
        for (int i = 0; i < counters.length; i++) {
            columns.put(names.get(i), counters[i].profile());
        }
        return new Profile(rows, columns);
    }
}
