package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.monitoring.ColumnProfile;

/** Counts one column's values, in bounded memory. Not thread-safe. */
sealed interface ColumnCounter permits NumericCounter, LevelCounter {
    /** Counts values that are not there. */
    void addMissing(long count);

    /**
     * Counts every {@code stride}-th element.
     *
     * @param tensor of a type that fits the column
     */
    void add(Tensor tensor, int from, int stride);

    /** All there is so far, as a value. */
    ColumnProfile profile();
}
