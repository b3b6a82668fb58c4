package io.jvmlops.tracking;

import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.MetricBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Points in columns, 28 bytes each, used again and again: once the columns have grown to what a run needs, adding a
 * point allocates nothing. Guarded by its buffer.
 */
final class MetricColumns {
    private static final int INITIAL = 256;
    private static final int FIRST_STEP = 8_192;

    private final int capacity;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final List<String> keys = new ArrayList<>();
    private int[] keyAt;
    private long[] steps;
    private long[] timestamps;
    private double[] values;
    private int size;

    MetricColumns(int capacity) {
        this.capacity = capacity;
        int initial = Math.min(INITIAL, capacity);
        keyAt = new int[initial];
        steps = new long[initial];
        timestamps = new long[initial];
        values = new double[initial];
    }

    int size() {
        return size;
    }

    /** Whether so many more points fit; into empty columns, any number does. */
    boolean hasSpace(int points) {
        return size <= capacity - points || size == 0;
    }

    /** Makes room at once for as many points as the others have room for. To be called on empty columns. */
    void growTo(MetricColumns others) {
        int length = Math.min(capacity, others.steps.length);
        if (length > steps.length) {
            allocate(length);
        }
    }

    private void allocate(int length) {
        keyAt = new int[length];
        steps = new long[length];
        timestamps = new long[length];
        values = new double[length];
    }

    /** Adds a point for which there is space. A key is checked when it is new. */
    void add(String key, long step, long timestampMillis, double value) {
        Integer index = indexes.get(key);
        if (index == null) {
            Keys.check("key of a metric", key);
            index = keys.size();
            keys.add(key);
            indexes.put(key, index);
        }
        if (size == steps.length) {
            grow();
        }
        keyAt[size] = index;
        steps[size] = step;
        timestamps[size] = timestampMillis;
        values[size] = value;
        size++;
    }

    private void grow() {
        // A run that logs much gets there in one step: growing bit by bit would cost twice what is needed. Beyond the
        // capacity only for points that belong together, and so are more than it.
        int half = Math.min(capacity / 2, FIRST_STEP);
        int length =
                size < capacity ? (int) Math.min(capacity, Math.max(2L * size, half)) : size + Math.max(1, size / 2);
        keyAt = Arrays.copyOf(keyAt, length);
        steps = Arrays.copyOf(steps, length);
        timestamps = Arrays.copyOf(timestamps, length);
        values = Arrays.copyOf(values, length);
    }

    /** Valid until {@link #clear}. */
    MetricBatch toBatch(String runId) {
        return MetricBatch.transfer(runId, keys, keyAt, steps, timestamps, values, size);
    }

    /** Forgets the keys too: a run that makes up new ones forever must not be remembered forever. */
    void clear() {
        size = 0;
        keys.clear();
        indexes.clear();
        if (steps.length > capacity) {
            allocate(capacity);
        }
    }
}
