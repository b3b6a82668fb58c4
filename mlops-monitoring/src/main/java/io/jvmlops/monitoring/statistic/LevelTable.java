package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.LevelSample.Level;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Two profiles of levels as a table of two rows with a cell for every level that either side has, as far as the profiles
 * know them; the other rows are cells of their own, in which levels are not told apart.
 *
 * <p>Where one side has levels in a sample that is not all of them, and the other side has none of these, the rows that
 * were left out are taken to be spread like those of the sample: whether a level is in it does not depend on its rows.
 */
final class LevelTable {
    private double[] reference = new double[64];
    private double[] current = new double[64];
    private double[] times = new double[64];
    private int size;
    private int named;
    private double n;
    private double m;

    // Rows of the levels of a sample that is not all: what was extrapolated.
    private double[] sample = new double[0];
    private double estimated;
    private boolean ofReference;

    private LevelTable() {}

    /** Without names: all cells are levels. */
    static LevelTable of(long[] reference, long[] current) {
        Counts.check(reference, current);
        LevelTable table = new LevelTable();
        for (int i = 0; i < reference.length; i++) {
            table.add((double) reference[i], (double) current[i], 1);
        }
        table.named = table.size;
        return table;
    }

    /** @throws IllegalArgumentException if the two are not over the same levels */
    static LevelTable of(CategoricalProfile reference, CategoricalProfile current) {
        if (!reference.levels().equals(current.levels()) || reference.bound() != current.bound()) {
            throw new IllegalArgumentException("column '" + reference.column()
                    + "': the two profiles have different levels; profile the current data over the reference's");
        }
        LevelTable table = of(reference.counts(), current.counts());
        LevelSample before = reference.unseen();
        LevelSample now = current.unseen();
        double[] rest = new double[2];
        if (before.rows() == 0) {
            table.extrapolate(now, false);
        } else if (now.rows() == 0) {
            table.extrapolate(before, true);
        } else {
            table.join(before, now, rest);
        }
        table.named = table.size;
        table.add(rest[0], rest[1], 1);
        table.add((double) reference.outside(), (double) current.outside(), 1);
        return table;
    }

    private void add(double r, double c, double multiplicity) {
        n += r * multiplicity;
        m += c * multiplicity;
        if (r + c == 0 || multiplicity == 0) {
            return;
        }
        if (size == times.length) {
            reference = Arrays.copyOf(reference, 2 * size);
            current = Arrays.copyOf(current, 2 * size);
            times = Arrays.copyOf(times, 2 * size);
        }
        reference[size] = r;
        current[size] = c;
        times[size++] = multiplicity;
    }

    private void extrapolate(LevelSample sample, boolean ofReference) {
        double sampled = sample.sampledRows();
        double left = sample.rows() - sampled;
        if (sampled == 0) {
            add(ofReference ? left : 0, ofReference ? 0 : left, 1);
            return;
        }
        if (left > 0) {
            this.sample = sample.levels().stream().mapToDouble(Level::count).toArray();
            this.ofReference = ofReference;
            estimated = this.sample.length * (sample.rows() / sampled);
        }
        double rounds = Math.floor(left / sampled);
        left -= rounds * sampled;
        for (Level level : sample.levels()) {
            double count = level.count();
            add(ofReference ? count : 0, ofReference ? 0 : count, 1 + rounds);
            double more = Math.min(count, left);
            add(ofReference ? more : 0, ofReference ? 0 : more, 1);
            left -= more;
        }
    }

    /** Levels up to the hash to which both samples know all; the rest goes together. */
    private void join(LevelSample before, LevelSample now, double[] rest) {
        List<Level> a = before.levels();
        List<Level> b = now.levels();
        int endA = known(a, now);
        int endB = known(b, before);
        rest[0] = before.rows();
        rest[1] = now.rows();
        for (int i = 0, j = 0; i < endA || j < endB; ) {
            int order = i == endA ? 1 : j == endB ? -1 : Level.ORDER.compare(a.get(i), b.get(j));
            double r = order <= 0 ? a.get(i++).count() : 0;
            double c = order >= 0 ? b.get(j++).count() : 0;
            add(r, c, 1);
            rest[0] -= r;
            rest[1] -= c;
        }
    }

    /** How many of the levels have hashes up to which the other sample has all levels. */
    private static int known(List<Level> levels, LevelSample other) {
        if (other.isComplete()) {
            return levels.size();
        }
        long last = other.levels().isEmpty()
                ? -1
                : other.levels().get(other.levels().size() - 1).hash();
        int end = 0;
        while (!other.levels().isEmpty()
                && end < levels.size()
                && Long.compareUnsigned(levels.get(end).hash(), last) <= 0) {
            end++;
        }
        return end;
    }

    /** Different cells; each may stand for several. */
    int size() {
        return size;
    }

    /** How many of the cells, from the first, are single levels. */
    int named() {
        return named;
    }

    double reference(int cell) {
        return reference[cell];
    }

    double current(int cell) {
        return current[cell];
    }

    double both(int cell) {
        return reference[cell] + current[cell];
    }

    /** How many alike there are. */
    double times(int cell) {
        return times[cell];
    }

    /** Rows of the reference. */
    double n() {
        return n;
    }

    /** Rows of the current side. */
    double m() {
        return m;
    }

    /** Whether some of the cells are only estimated. */
    boolean isExtrapolated() {
        return sample.length > 0;
    }

    /** Whether what is estimated are levels of the reference that the current side lacks, and not those that are new. */
    boolean isOfReference() {
        return ofReference;
    }

    /**
     * The variance of a sum over levels of something that depends on their rows, as estimated from those of the sample: that of a ratio
     * estimate, as the sum of rows is known (Cochran 1977, section 6.3). 0 if all levels are known.
     */
    double varianceOfSum(DoubleUnaryOperator ofRows) {
        double size = sample.length;
        if (size < 2) {
            return 0;
        }
        double rows = 0;
        double sum = 0;
        for (double level : sample) {
            rows += level;
            sum += ofRows.applyAsDouble(level);
        }
        double squares = 0;
        for (double level : sample) {
            double residual = ofRows.applyAsDouble(level) - sum / rows * level;
            squares += residual * residual;
        }
        return estimated * Math.max(0, estimated - size) / size * squares / (size - 1);
    }

    /** Number of cells in use. */
    double cells() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += times[i];
        }
        return sum;
    }
}
