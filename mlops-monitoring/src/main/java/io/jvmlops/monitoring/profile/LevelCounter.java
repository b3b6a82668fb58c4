package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.LevelSample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Strings and booleans. Allocates only for levels that it has not met. */
final class LevelCounter implements ColumnCounter {
    static final List<String> BOOLEANS = List.of("false", "true");

    /** Characters of a level that are kept; of a longer one the first half, and its hash. */
    static final int MAX_LENGTH = 200;

    /** Which levels are counted one by one; shared by all counters of a column. */
    record Known(List<String> levels, Map<String, Integer> positions, long bound) {
        static Known of(List<String> levels, long bound) {
            Map<String, Integer> positions = new HashMap<>();
            for (String level : levels) {
                positions.put(level, positions.size());
            }
            return new Known(levels, positions, bound);
        }
    }

    private final String column;
    private final Known known;
    private final long[] counts;
    private final LevelSampler unseen;
    private long missing;
    private long outside;

    LevelCounter(String column, Known known, int sampleLimit) {
        this.column = column;
        this.known = known;
        counts = new long[known.levels().size()];
        unseen = new LevelSampler(sampleLimit);
    }

    @Override
    public void addMissing(long count) {
        missing += count;
    }

    @Override
    public void add(Tensor tensor, int from, int stride) {
        int size = tensor.size();
        boolean booleans = tensor.type() == DataType.BOOL;
        for (int i = from; i < size; i += stride) {
            add(booleans ? BOOLEANS.get(tensor.booleanAt(i) ? 1 : 0) : tensor.stringAt(i));
        }
    }

    void add(String given) {
        String level = given.length() <= MAX_LENGTH ? given : shortened(given);
        // Small positions are boxed once by the platform, and the map holds the boxes: nothing is allocated here.
        Integer position = known.positions().get(level);
        if (position != null) {
            counts[position]++;
            return;
        }
        long hash = Distinct.hash(level);
        if (Long.compareUnsigned(hash, known.bound()) > 0) {
            outside++;
        } else {
            unseen.add(level, hash);
        }
    }

    /** Two long levels stay two, and one stays one, in a bounded number of characters. */
    static String shortened(String level) {
        return level.substring(0, MAX_LENGTH / 2) + "... " + Long.toHexString(Distinct.hash(level));
    }

    @Override
    public CategoricalProfile profile() {
        return new CategoricalProfile(column, missing, known.levels(), counts, unseen.sample(), known.bound(), outside);
    }

    /** Keeps the levels with the least hashes and their exact counts. */
    private static final class LevelSampler {
        private final int limit;
        private final Map<String, Entry> kept = new HashMap<>();
        private final java.util.TreeSet<Entry> byHash = new java.util.TreeSet<>();
        private long rows;

        LevelSampler(int limit) {
            this.limit = limit;
        }

        void add(String level, long hash) {
            rows++;
            if (limit == 0 || kept.size() == limit && Long.compareUnsigned(hash, byHash.last().hash) > 0) {
                return;
            }
            Entry entry = kept.get(level);
            if (entry == null) {
                entry = new Entry(level, hash);
                kept.put(level, entry);
                byHash.add(entry);
                if (kept.size() > limit) {
                    Entry last = java.util.Objects.requireNonNull(byHash.pollLast());
                    kept.remove(last.level);
                }
            }
            entry.count++;
        }

        LevelSample sample() {
            return new LevelSample(
                    limit,
                    rows,
                    byHash.stream()
                            .map(e -> new LevelSample.Level(e.level, e.hash, e.count))
                            .toList());
        }

        private static final class Entry implements Comparable<Entry> {
            private final String level;
            private final long hash;
            private long count;

            Entry(String level, long hash) {
                this.level = level;
                this.hash = hash;
            }

            @Override
            public int compareTo(Entry other) {
                int order = Long.compareUnsigned(hash, other.hash);
                return order != 0 ? order : level.compareTo(other.level);
            }
        }
    }
}
