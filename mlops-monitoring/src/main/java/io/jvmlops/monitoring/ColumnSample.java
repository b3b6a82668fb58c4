package io.jvmlops.monitoring;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Gathers a reference's values of one column until its edges or levels can be chosen. Not thread-safe. */
sealed interface ColumnSample {
    void add(Tensor tensor, int index);

    ColumnProfile profile();

    static ColumnSample of(String column, DataType type, int limit, long seed) {
        return switch (type) {
            case BYTES -> new Strings(column);
            case BOOL -> new Booleans(column);
            default -> new Numbers(column, limit, seed);
        };
    }

    /** All values up to a limit, a uniform sample beyond it (Vitter's 1985 algorithm R). */
    final class Numbers implements ColumnSample {
        private final String column;
        private final int limit;
        private final SplittableRandom random;
        private double[] values = new double[64];
        private long seen;

        Numbers(String column, int limit, long seed) {
            this.column = column;
            this.limit = limit;
            random = new SplittableRandom(seed);
        }

        @Override
        public void add(Tensor tensor, int index) {
            double value = tensor.doubleAt(index);
            if (seen < limit) {
                if (seen == values.length) {
                    values = Arrays.copyOf(values, (int) Math.min(limit, 2L * values.length));
                }
                values[(int) seen] = value;
            } else {
                long slot = random.nextLong(seen + 1);
                if (slot < limit) {
                    values[(int) slot] = value;
                }
            }
            seen++;
        }

        @Override
        public ColumnProfile profile() {
            double[] kept = Arrays.copyOf(values, (int) Math.min(seen, limit));
            double[] sorted =
                    Arrays.stream(kept).filter(v -> !Double.isNaN(v)).sorted().toArray();
            ColumnCounter.Numeric counter = new ColumnCounter.Numeric(column, Edges.of(sorted));
            for (double value : kept) {
                counter.add(value);
            }
            return counter.profile();
        }
    }

    /** How often each string came. */
    final class Strings implements ColumnSample {
        static final int MAX_DISTINCT = 10_000;
        static final int MAX_LEVELS = 64;
        static final int MAX_LENGTH = 200;

        private final String column;
        private final Map<String, long[]> counts = new HashMap<>();
        private long count;
        private boolean tooMany;

        Strings(String column) {
            this.column = column;
        }

        @Override
        public void add(Tensor tensor, int index) {
            count++;
            String value = tensor.stringAt(index);
            if (tooMany || value.length() > MAX_LENGTH) {
                return;
            }
            long[] counter = counts.get(value);
            if (counter != null) {
                counter[0]++;
            } else if (counts.size() < MAX_DISTINCT) {
                counts.put(value, new long[] {1});
            } else {
                tooMany = true;
                counts.clear();
            }
        }

        /**
         * The frequent levels; the rest is {@code other}.
         *
         * <p>A level that is kept because it came often in the reference comes less often afterwards, though nothing has
         * changed, and that much is missing from {@code other}: if levels with more than t rows are kept, the rows that pass
         * over are expected to be {@code t} times the number of levels with just t rows (Good 1953). So the threshold is put
         * where no level has t rows, nor t + 1. Without that, a column of many rare levels alarms forever.
         */
        @Override
        public ColumnProfile profile() {
            List<Map.Entry<String, long[]>> descending = counts.entrySet().stream()
                    .sorted(Comparator.comparing((Map.Entry<String, long[]> e) -> -e.getValue()[0])
                            .thenComparing(Map.Entry::getKey))
                    .toList();
            int kept = Math.min(descending.size(), MAX_LEVELS);
            while (kept > 0 && !isGap(descending, kept)) {
                kept--;
            }
            Map<String, Long> levels = new LinkedHashMap<>();
            long other = count;
            for (Map.Entry<String, long[]> entry : descending.subList(0, kept)) {
                levels.put(entry.getKey(), entry.getValue()[0]);
                other -= entry.getValue()[0];
            }
            return new CategoricalProfile(column, 0, levels, other);
        }

        /** Whether the first that is not kept has at least three rows less than the last that is. */
        private static boolean isGap(List<Map.Entry<String, long[]>> descending, int kept) {
            long last = descending.get(kept - 1).getValue()[0];
            long next = kept == descending.size() ? 0 : descending.get(kept).getValue()[0];
            return last - next >= 3;
        }
    }

    /** Both levels, whether they came or not. */
    final class Booleans implements ColumnSample {
        private final ColumnCounter.Levels counter;

        Booleans(String column) {
            counter = new ColumnCounter.Levels(column, ColumnCounter.Levels.BOOLEANS);
        }

        @Override
        public void add(Tensor tensor, int index) {
            counter.add(tensor, index);
        }

        @Override
        public ColumnProfile profile() {
            return counter.profile();
        }
    }
}
