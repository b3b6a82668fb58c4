package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.Sketch;
import io.jvmlops.monitoring.profile.NumericCounter.DistributionCounter;
import java.util.Arrays;

/** Counts into a {@link Sketch}: an open-addressing table of bins that coarsens when it is full. Not thread-safe. */
final class SketchCounter implements DistributionCounter {
    private static final int FIRST_SLOTS = 32;

    private int shift;
    private int occupied;
    private long[] keys = new long[FIRST_SLOTS];
    // A slot with a count of 0 is free.
    private long[] counts = new long[FIRST_SLOTS];

    @Override
    public void add(double value) {
        add(Sketch.key(value, shift), 1);
        while (occupied > Sketch.MAX_BINS) {
            coarsen();
        }
    }

    @Override
    public void add(double[] values, int count) {
        for (int i = 0; i < count; i++) {
            add(values[i]);
        }
    }

    private void add(long key, long count) {
        int mask = keys.length - 1;
        int slot = (int) (key * 0x9e3779b97f4a7c15L >>> 32) & mask;
        while (counts[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        if (counts[slot] == 0) {
            keys[slot] = key;
            occupied++;
        }
        counts[slot] += count;
        // One more than are allowed is about to be coarsened.
        if (2 * occupied > keys.length && occupied <= Sketch.MAX_BINS) {
            rebuild(2 * keys.length, 0);
        }
    }

    private void coarsen() {
        shift++;
        rebuild(keys.length, 1);
    }

    private void rebuild(int slots, int by) {
        long[] oldKeys = keys;
        long[] oldCounts = counts;
        keys = new long[slots];
        counts = new long[slots];
        occupied = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldCounts[i] != 0) {
                add(oldKeys[i] >> by, oldCounts[i]);
            }
        }
    }

    @Override
    public Sketch distribution() {
        long[] sorted = new long[occupied];
        int size = 0;
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] != 0) {
                sorted[size++] = keys[i];
            }
        }
        Arrays.sort(sorted);
        long[] sortedCounts = new long[occupied];
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] != 0) {
                sortedCounts[Arrays.binarySearch(sorted, keys[i])] = counts[i];
            }
        }
        return new Sketch(shift, sorted, sortedCounts);
    }
}
