package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Arrays;

/** Two profiles of one column as two rows of counts over the same cells. */
final class Counts {
    private final long[] reference;
    private final long[] current;

    Counts(long[] reference, long[] current) {
        this.reference = reference;
        this.current = current;
    }

    static Counts of(ColumnProfile reference, ColumnProfile current) {
        if (reference instanceof NumericProfile r && current instanceof NumericProfile c) {
            if (r.distribution() instanceof Sketch a && c.distribution() instanceof Sketch b) {
                return new Counts(
                        a.histogramBeside(b).bins(), b.histogramBeside(a).bins());
            }
            if (!(r.distribution() instanceof Histogram a)
                    || !(c.distribution() instanceof Histogram b)
                    || !a.hasEdgesOf(b)) {
                throw different(reference, "edges");
            }
            return new Counts(a.bins(), b.bins());
        }
        if (reference instanceof CategoricalProfile r && current instanceof CategoricalProfile c) {
            if (!r.levels().equals(c.levels())) {
                throw different(reference, "levels");
            }
            return new Counts(row(r), row(c));
        }
        throw new IllegalArgumentException(
                "column '" + reference.column() + "': one profile is numeric and the other categorical");
    }

    private static IllegalArgumentException different(ColumnProfile reference, String what) {
        return new IllegalArgumentException("column '" + reference.column() + "': the two profiles have different "
                + what + "; profile the current data over the reference's");
    }

    private static long[] row(CategoricalProfile profile) {
        long[] row = Arrays.copyOf(profile.counts(), profile.levels().size() + 2);
        row[row.length - 2] = profile.other();
        row[row.length - 1] = profile.outside();
        return row;
    }

    long[] reference() {
        return reference;
    }

    long[] current() {
        return current;
    }

    /**
     * Checks two rows of counts.
     *
     * @throws IllegalArgumentException if a count is negative or the rows differ in length
     */
    static void check(long[] reference, long[] current) {
        if (reference.length != current.length) {
            throw new IllegalArgumentException(
                    "counts over " + reference.length + " cells and over " + current.length + ", expected the same");
        }
        for (int i = 0; i < reference.length; i++) {
            if (reference[i] < 0 || current[i] < 0) {
                throw new IllegalArgumentException("count " + i + " is negative");
            }
        }
    }

    /** As a double: the total of two profiles may exceed a long, and shares need no more. */
    static double total(long[] row) {
        double total = 0;
        for (long count : row) {
            total += count;
        }
        return total;
    }
}
