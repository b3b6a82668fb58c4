package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers to a batch, and the answers to its rows. */
final class Rows {
    private Rows() {}

    /** Whether every output has so many rows. */
    static boolean are(Tensors outputs, int count) {
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.at(i).shape().rank() == 0 || outputs.at(i).shape().dim(0) != count) {
                return false;
            }
        }
        return true;
    }

    /** The rows of all outputs, one by one; null if one has another number of them. */
    static @Nullable List<Tensors> of(Tensors outputs, int count) {
        if (!are(outputs, count)) {
            return null;
        }
        List<Tensors> rows = new ArrayList<>(count);
        for (int row = 0; row < count; row++) {
            rows.add(outputs.select(row));
        }
        return rows;
    }

    /** One batch of rows; null if an answer is missing, not one row, or not of the same shape as the others. */
    static @Nullable Tensors join(@Nullable Tensors[] answers) {
        List<Tensors> all = new ArrayList<>(answers.length);
        for (Tensors answer : answers) {
            if (answer == null || !are(answer, 1)) {
                return null;
            }
            all.add(answer);
        }
        return concat(all);
    }

    /** Null if they do not go together. */
    static @Nullable Tensors concat(List<Tensors> batches) {
        try {
            return Tensors.concat(batches);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
