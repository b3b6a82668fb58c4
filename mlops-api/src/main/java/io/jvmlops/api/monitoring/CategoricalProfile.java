package io.jvmlops.api.monitoring;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of levels: strings, or booleans as {@code false} and {@code true}. How often each level of the reference came, and
 * a sample of the others. A profile without reference names no levels and has all in the sample.
 *
 * <p>Where the reference had more levels than are kept, its levels are those with the least hashes, and values whose level has
 * a hash above the {@link #bound} are counted together as {@link #outside}, in the reference and now: which levels are looked
 * at one by one does not depend on how often they came, so that chance stays the same on both sides. Immutable.
 */
public final class CategoricalProfile implements ColumnProfile {
    private final String column;
    private final long missing;
    private final List<String> levels;
    private final long[] counts;
    private final LevelSample unseen;
    private final long bound;
    private final long outside;
    private final long total;

    /**
     * @param missing values that were not there
     * @param levels those of the reference, in its order, none twice
     * @param counts of the levels; those that did not come have 0
     * @param unseen levels within the bound that are not those of the reference
     * @param bound the greatest hash (unsigned) of levels that are told apart; -1 if all are
     * @param outside rows whose level is beyond the bound
     * @throws IllegalArgumentException if levels and counts contradict each other
     */
    public CategoricalProfile(
            String column,
            long missing,
            List<String> levels,
            long[] counts,
            LevelSample unseen,
            long bound,
            long outside) {
        this.levels = List.copyOf(levels);
        if (missing < 0
                || outside < 0
                || outside > 0 && bound == -1
                || counts.length != this.levels.size()
                || new HashSet<>(this.levels).size() != counts.length) {
            throw new IllegalArgumentException("column '" + column + "' has " + missing + " missing values, "
                    + this.levels.size() + " levels, " + counts.length
                    + " counts and " + outside
                    + " rows outside, expected levels that differ with a count each, and none outside without a bound");
        }
        long sum = Math.addExact(unseen.rows(), outside);
        for (long count : counts) {
            if (count < 0) {
                throw new IllegalArgumentException("column '" + column + "' has a negative count");
            }
            sum = Math.addExact(sum, count);
        }
        this.column = column;
        this.missing = missing;
        this.counts = counts.clone();
        this.unseen = unseen;
        this.bound = bound;
        this.outside = outside;
        total = sum;
    }

    @Override
    public String column() {
        return column;
    }

    @Override
    public long missing() {
        return missing;
    }

    @Override
    public long count() {
        return Math.addExact(total, missing);
    }

    /** The levels of the reference, in its order. */
    public List<String> levels() {
        return levels;
    }

    /** A copy of the levels' counts. */
    public long[] counts() {
        return counts.clone();
    }

    public long count(int level) {
        return counts[level];
    }

    /** Levels that are not the reference's. */
    public LevelSample unseen() {
        return unseen;
    }

    /** Rows whose level is within the bound and none of the reference's. */
    public long other() {
        return unseen.rows();
    }

    /** The greatest hash (unsigned) of levels that are told apart; -1 if all are. */
    public long bound() {
        return bound;
    }

    /** Rows whose level is beyond the bound. */
    public long outside() {
        return outside;
    }

    @Override
    public double distinct() {
        double within = Arrays.stream(counts).filter(c -> c > 0).count() + unseen.distinct();
        return outside == 0 ? within : within / (((bound >>> 11) + 1) * 0x1p-53);
    }

    @Override
    public boolean isOver(ColumnProfile other) {
        return other instanceof CategoricalProfile that
                && column.equals(that.column)
                && bound == that.bound
                && levels.equals(that.levels)
                && unseen.limit() == that.unseen.limit();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CategoricalProfile that
                && isOver(that)
                && missing == that.missing
                && outside == that.outside
                && Arrays.equals(counts, that.counts)
                && unseen.equals(that.unseen);
    }

    @Override
    public int hashCode() {
        return 31 * column.hashCode() + Arrays.hashCode(counts);
    }

    /** Numbers, no names of levels. */
    @Override
    public String toString() {
        return column + ": n=" + present() + " missing=" + missing + " levels=" + levels.size() + " other=" + other();
    }
}
