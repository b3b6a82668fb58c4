package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts the rows of one side of a model. Not thread-safe. */
final class TableCounter {
    private final TablePlan plan;
    private final ColumnCounter[] counters;
    // By slot.
    private final @Nullable Stage[] stages;
    private long rows;

    TableCounter(TablePlan plan) {
        this.plan = plan;
        counters = plan.newCounters();
        stages = new Stage[plan.layout().slots().size()];
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
            if (counters[slot.first()] instanceof NumericCounter) {
                addNumbers(i, slot, tensor);
                continue;
            }
            for (int column = 0; column < slot.width(); column++) {
                counters[slot.first() + column].add(tensor, column, slot.width());
            }
        }
    }

    /** Batches are counted as they come, single rows when there are some. */
    private void addNumbers(int position, TensorLayout.Slot slot, Tensor tensor) {
        int width = slot.width();
        int tensorRows = tensor.size() / width;
        if (tensorRows < Stage.ROWS / 2 && width <= Stage.MAX_WIDTH) {
            Stage stage = stages[position];
            if (stage == null) {
                stage = new Stage(tensor.type(), width);
                stages[position] = stage;
            }
            if (!stage.fits(tensorRows)) {
                stage.count(counters, slot.first());
            }
            stage.add(tensor, tensorRows);
        } else {
            Block block = Block.take();
            block.count(tensor, width, counters, slot.first());
            block.giveBack();
        }
    }

    Profile profile() {
        for (int i = 0; i < stages.length; i++) {
            Stage stage = stages[i];
            if (stage != null) {
                stage.count(counters, plan.layout().slots().get(i).first());
            }
        }
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        List<String> names = plan.names();
        for (int i = 0; i < counters.length; i++) {
            columns.put(names.get(i), counters[i].profile());
        }
        return new Profile(rows, columns);
    }
}
