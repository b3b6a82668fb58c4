package io.jvmlops.monitoring.profile;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.LevelSample.Level;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts profiles of the same columns together, and makes a profile one that others are counted over. */
public final class Profiles {
    private Profiles() {}

    /**
     * The profile of the rows of both, as if they had been counted at once: whatever the parts and the order, the result is
     * the same, bit by bit.
     *
     * @throws IllegalArgumentException if the two are not over the same columns, edges and levels
     * @throws ArithmeticException if a count overflows
     */
    public static Profile merge(Profile a, Profile b) {
        if (!new ArrayList<>(a.columns().keySet())
                .equals(new ArrayList<>(b.columns().keySet()))) {
            throw new IllegalArgumentException("profiles of the columns "
                    + a.columns().keySet() + " and " + b.columns().keySet() + " cannot be merged");
        }
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        a.columns().forEach((name, column) -> {
            ColumnProfile other = b.columns().get(name);
            if (other != null) {
                columns.put(name, merge(column, other));
            }
        });
        return new Profile(Math.addExact(a.rows(), b.rows()), columns);
    }

    private static ColumnProfile merge(ColumnProfile a, ColumnProfile b) {
        if (!a.isOver(b)) {
            throw new IllegalArgumentException("profiles of columns '" + a.column() + "' and '" + b.column()
                    + "' cannot be merged: expected one column over the same edges or levels");
        }
        return a instanceof NumericProfile x && b instanceof NumericProfile y
                ? merge(x, y)
                : merge((CategoricalProfile) a, (CategoricalProfile) b);
    }

    private static NumericProfile merge(NumericProfile a, NumericProfile b) {
        return new NumericProfile(
                a.column(),
                Math.addExact(a.missing(), b.missing()),
                Math.addExact(a.nan(), b.nan()),
                Math.addExact(a.negativeInfinities(), b.negativeInfinities()),
                Math.addExact(a.positiveInfinities(), b.positiveInfinities()),
                a.moments().plus(b.moments()),
                a.distribution().plus(b.distribution()),
                Distinct.plus(a.distinctCount(), b.distinctCount()));
    }

    private static CategoricalProfile merge(CategoricalProfile a, CategoricalProfile b) {
        long[] counts = a.counts();
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.addExact(counts[i], b.count(i));
        }
        return new CategoricalProfile(
                a.column(),
                Math.addExact(a.missing(), b.missing()),
                a.levels(),
                counts,
                a.unseen().plus(b.unseen()),
                a.bound(),
                Math.addExact(a.outside(), b.outside()));
    }

    /**
     * Fixes the edges and levels over which other rows can be counted and compared with these: edges at the quantiles of
     * sketched columns, the levels that were seen. Columns that have theirs already stay as they are.
     *
     * @see ReferenceProfile
     */
    public static Profile asReference(Profile profile) {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        profile.columns().forEach((name, column) -> columns.put(name, asReference(column)));
        return new Profile(profile.rows(), columns);
    }

    private static ColumnProfile asReference(ColumnProfile column) {
        if (column instanceof NumericProfile numeric && numeric.distribution() instanceof Sketch sketch) {
            return new NumericProfile(
                    numeric.column(),
                    numeric.missing(),
                    numeric.nan(),
                    numeric.negativeInfinities(),
                    numeric.positiveInfinities(),
                    numeric.moments(),
                    Edges.histogram(
                            sketch, numeric.moments(), numeric.negativeInfinities(), numeric.positiveInfinities()),
                    numeric.distinctCount());
        }
        if (column instanceof CategoricalProfile levels && levels.levels().isEmpty()) {
            return asReference(levels);
        }
        return column;
    }

    private static CategoricalProfile asReference(CategoricalProfile profile) {
        LevelSample sample = profile.unseen();
        List<Level> frequentFirst = new ArrayList<>(sample.levels());
        frequentFirst.sort(
                Comparator.comparingLong((Level level) -> -level.count()).thenComparing(Level::name));
        List<Level> byHash = sample.levels();
        return new CategoricalProfile(
                profile.column(),
                profile.missing(),
                frequentFirst.stream().map(Level::name).toList(),
                frequentFirst.stream().mapToLong(Level::count).toArray(),
                LevelSample.empty(ColumnPlan.MAX_UNSEEN),
                sample.isComplete() ? -1L : byHash.get(byHash.size() - 1).hash(),
                sample.rows() - sample.sampledRows());
    }

    /**
     * The canonical binary form: equal profiles have equal bytes, on every machine and JDK.
     *
     * @see ReferenceProfile#toBytes
     */
    public static byte[] toBytes(Profile profile) {
        return ProfileCodec.write(profile);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws InvalidInputException if the bytes are damaged, cut short, or of an unknown version
     */
    public static Profile parse(byte[] bytes) {
        return ProfileCodec.readProfile(bytes);
    }
}
