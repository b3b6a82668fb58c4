package io.jvmlops.monitoring;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts one column's values over given edges or levels, without allocating. Not thread-safe. */
sealed interface ColumnCounter {
    void add(Tensor tensor, int index);

    /** All there is so far, as a value. */
    ColumnProfile profile();

    /** An empty one over the edges or levels of a profile. */
    static ColumnCounter like(ColumnProfile profile) {
        return profile instanceof NumericProfile numeric
                ? new Numeric(numeric.column(), numeric.edges())
                : new Levels(
                        profile.column(),
                        List.copyOf(((CategoricalProfile) profile).levels().keySet()));
    }

    /** Numbers. */
    final class Numeric implements ColumnCounter {
        private final String column;
        private final double[] edges;
        private final long[] bins;
        private long missing;
        private double min = Double.NaN;
        private double max = Double.NaN;
        // Welford's (1962) running mean and sum of squares: one pass, no cancellation.
        private long finite;
        private double mean;
        private double squares;

        Numeric(String column, double[] edges) {
            this.column = column;
            this.edges = edges;
            bins = new long[edges.length + 1];
        }

        @Override
        public void add(Tensor tensor, int index) {
            add(tensor.doubleAt(index));
        }

        void add(double value) {
            if (Double.isNaN(value)) {
                missing++;
                return;
            }
            bins[bin(value)]++;
            if (!(value >= min)) {
                min = value + 0.0;
            }
            if (!(value <= max)) {
                max = value + 0.0;
            }
            if (Double.isInfinite(value)) {
                return;
            }
            finite++;
            double before = value - mean;
            // Dividing first keeps values near the end of the range from overflowing.
            mean += value / finite - mean / finite;
            squares += before * (value - mean);
        }

        /** How many edges are below the value. */
        private int bin(double value) {
            int low = 0;
            int high = edges.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (edges[middle] < value) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        @Override
        public NumericProfile profile() {
            return new NumericProfile(
                    column,
                    missing,
                    finite,
                    min,
                    max,
                    finite == 0 ? Double.NaN : mean,
                    finite < 2 ? Double.NaN : squares / (finite - 1),
                    edges,
                    bins);
        }
    }

    /** Strings and booleans. */
    final class Levels implements ColumnCounter {
        static final List<String> BOOLEANS = List.of("false", "true");

        private final String column;
        private final List<String> levels;
        private final Map<String, Integer> positions = new HashMap<>();
        private final long[] counts;
        private long other;

        Levels(String column, List<String> levels) {
            this.column = column;
            this.levels = levels;
            for (String level : levels) {
                positions.put(level, positions.size());
            }
            counts = new long[levels.size()];
        }

        @Override
        public void add(Tensor tensor, int index) {
            // Small positions are boxed once by the platform, and the map holds the boxes: nothing is allocated here.
            Integer position = positions.get(
                    tensor.type() == DataType.BOOL
                            ? BOOLEANS.get(tensor.booleanAt(index) ? 1 : 0)
                            : tensor.stringAt(index));
            if (position == null) {
                other++;
            } else {
                counts[position]++;
            }
        }

        @Override
        public CategoricalProfile profile() {
            Map<String, Long> byLevel = new LinkedHashMap<>();
            for (int i = 0; i < counts.length; i++) {
                byLevel.put(levels.get(i), counts[i]);
            }
            return new CategoricalProfile(column, 0, byLevel, other);
        }
    }
}
