package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/** Where rows of numbers that come one by one wait until they are worth a {@link Block}. Not thread-safe. */
final class Stage {
    static final int ROWS = 32;

    /** Wider rows are counted alone, so that what waits stays small. */
    static final int MAX_WIDTH = 1024;

    private final int width;
    private final @Nullable FloatBuffer floats;
    private final @Nullable DoubleBuffer doubles;
    private int rows;

    Stage(DataType type, int width) {
        this.width = width;
        floats = type == DataType.FP32 ? FloatBuffer.allocate(ROWS * width) : null;
        doubles = type == DataType.FP32 ? null : DoubleBuffer.allocate(ROWS * width);
    }

    boolean fits(int more) {
        return rows + more <= ROWS;
    }

    /** @param count its rows, for which there is room; its type is that of the others */
    void add(Tensor tensor, int count) {
        int at = rows * width;
        if (floats != null) {
            tensor.copyTo(0, floats, at, count * width);
        } else if (doubles != null && tensor.type() == DataType.FP64) {
            tensor.copyTo(0, doubles, at, count * width);
        } else if (doubles != null) {
            for (int i = 0; i < count * width; i++) {
                doubles.put(at + i, tensor.doubleAt(i));
            }
        }
        rows += count;
    }

    /** Counts what waits. */
    void count(ColumnCounter[] counters, int first) {
        if (rows == 0) {
            return;
        }
        Block block = Block.take();
        if (floats != null) {
            block.count(floats.array(), rows, width, counters, first);
        } else if (doubles != null) {
            block.count(doubles.array(), rows, width, counters, first);
        }
        block.giveBack();
        rows = 0;
    }
}
