package io.jvmlops.benchmarks.calibration;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.LevelSample.Level;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Profiles of counts, as the profiler makes them of rows. */
final class Columns {
    private static final int MAX_UNSEEN = 256;
    private static final DistinctCount NO_SKETCH = new DistinctCount(0, new byte[0]);

    private Columns() {}

    /**
     * Counts over the reference's edges.
     *
     * @param counts the first and the last beyond its range
     */
    static NumericProfile numeric(String name, long[] counts) {
        long total = Arrays.stream(counts).sum();
        double[] edges = new double[counts.length - 1];
        Arrays.setAll(edges, i -> i);
        int first = 0;
        while (first < counts.length - 1 && counts[first] == 0) {
            first++;
        }
        int last = counts.length - 1;
        while (last > 0 && counts[last] == 0) {
            last--;
        }
        // The least value is just above its lower edge, the greatest on its upper; inside of a bin nobody looks.
        Moments moments = total == 0
                ? Moments.NONE
                : new Moments(
                        total,
                        first == 0 ? -1 : Math.nextUp(first - 1.0),
                        last,
                        ExactSum.of(counts.length / 2.0).times(total),
                        ExactSum.of((double) counts.length * counts.length).times(total));
        return new NumericProfile(name, 0, 0, 0, 0, moments, new Histogram(edges, counts), NO_SKETCH);
    }

    /** Counts of levels: those that the reference has, and a sample of the others as the profiler keeps it; the salt stands for their names. */
    static ColumnProfile[] levels(String name, String[] names, long[] reference, long[] current, long salt) {
        List<String> known = new ArrayList<>();
        List<Level> others = new ArrayList<>();
        long[] before = new long[names.length];
        long[] now = new long[names.length];
        long unseen = 0;
        for (int i = 0; i < names.length; i++) {
            if (reference[i] > 0) {
                before[known.size()] = reference[i];
                now[known.size()] = current[i];
                known.add(names[i]);
            } else if (current[i] > 0) {
                unseen += current[i];
                others.add(new Level(names[i], mixed(i + salt), current[i]));
            }
        }
        others.sort(Level.ORDER);
        List<Level> kept = others.subList(0, Math.min(MAX_UNSEEN, others.size()));
        return new ColumnProfile[] {
            new CategoricalProfile(
                    name, 0, known, Arrays.copyOf(before, known.size()), LevelSample.empty(MAX_UNSEEN), -1, 0),
            new CategoricalProfile(
                    name, 0, known, Arrays.copyOf(now, known.size()), new LevelSample(MAX_UNSEEN, unseen, kept), -1, 0)
        };
    }

    private static long mixed(long value) {
        long z = (value + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    static String[] names(int levels) {
        String[] names = new String[levels];
        Arrays.setAll(names, i -> "level" + i);
        return names;
    }
}
