package io.jvmlops.api.monitoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Levels of a column that no list names: how many rows had one, and the exact counts of the {@link #limit} levels with the least
 * hashes. A level is in the sample, or not, whatever its rows and their order: samples of parts, added in any order, equal the
 * sample of the whole. With {@link #isComplete} it holds all of them. Immutable.
 *
 * <p>The distinct count is that of Bar-Yossef et al. (2002) with a standard error of about {@code 1 / sqrt(limit - 2)}; the
 * counts of sampled levels are an unbiased picture of how often levels repeat. Holds values of the data: store it like them.
 *
 * @param limit the most levels that are kept
 * @param rows with any such level, kept or not
 * @param levels those kept, by ascending hash
 */
public record LevelSample(int limit, long rows, List<Level> levels) {
    /**
     * A level and its rows.
     *
     * @param hash 64 bits, unsigned, of the name
     * @param count 1 or more
     */
    public record Level(String name, long hash, long count) {
        /** The order of sampling: by hash, and by name where hashes are equal. */
        public static final Comparator<Level> ORDER = Comparator.<Level, Long>comparing(
                        Level::hash, Long::compareUnsigned)
                .thenComparing(Level::name);
    }

    /** @throws IllegalArgumentException if levels are too many, out of order, or have more rows than there are */
    public LevelSample {
        levels = List.copyOf(levels);
        if (levels.size() > limit) {
            throw new IllegalArgumentException(levels.size() + " levels in a sample of at most " + limit);
        }
        long sum = 0;
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            if (level.count() < 1 || i > 0 && Level.ORDER.compare(levels.get(i - 1), level) >= 0) {
                throw new IllegalArgumentException(
                        "level " + i + " of a sample has no rows, or is not after the one before");
            }
            sum = Math.addExact(sum, level.count());
        }
        if (sum > rows) {
            throw new IllegalArgumentException(
                    "a sample of " + levels.size() + " levels has " + sum + " rows of " + rows + ", expected no more");
        }
    }

    public static LevelSample empty(int limit) {
        return new LevelSample(limit, 0, List.of());
    }

    /** Rows of the levels that were kept. */
    public long sampledRows() {
        return levels.stream().mapToLong(Level::count).sum();
    }

    /** Whether no level was left out. */
    public boolean isComplete() {
        return sampledRows() == rows;
    }

    /** The number of distinct levels: exact if complete, else estimated. */
    public double distinct() {
        if (isComplete() || levels.size() < 2) {
            return levels.size();
        }
        double greatest = (levels.get(levels.size() - 1).hash() >>> 11) * 0x1p-53;
        return (levels.size() - 1) / greatest;
    }

    /** @throws IllegalArgumentException if the limits differ */
    public LevelSample plus(LevelSample other) {
        if (limit != other.limit) {
            throw new IllegalArgumentException(
                    "samples of at most " + limit + " and " + other.limit + " levels cannot be added");
        }
        Map<String, Level> union = new HashMap<>();
        for (List<Level> each : Arrays.asList(levels, other.levels)) {
            for (Level level : each) {
                union.merge(
                        level.name(),
                        level,
                        (a, b) -> new Level(a.name(), a.hash(), Math.addExact(a.count(), b.count())));
            }
        }
        List<Level> sorted = new ArrayList<>(union.values());
        sorted.sort(Level.ORDER);
        return new LevelSample(
                limit, Math.addExact(rows, other.rows), sorted.subList(0, Math.min(limit, sorted.size())));
    }

    /** Numbers only, no names. */
    @Override
    public String toString() {
        return rows + " rows, " + levels.size() + " levels kept";
    }
}
