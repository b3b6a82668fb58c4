package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;

/** A categorical column as two proportions: the reference's most frequent cell against all others. */
final class Shares {
    private Shares() {}

    /** Rows in the cell and in the others, of the reference and of the current data. */
    static long[][] of(ColumnProfile reference, ColumnProfile current) {
        if (!(reference instanceof CategoricalProfile)) {
            throw new IllegalArgumentException(
                    "column '" + reference.column() + "' is not categorical, and proportions are not defined for it");
        }
        Counts counts = Counts.of(reference, current);
        long[] r = counts.reference();
        int most = 0;
        for (int i = 1; i < r.length; i++) {
            if (r[i] > r[most]) {
                most = i;
            }
        }
        return new long[][] {
            {r[most], reference.present() - r[most]},
            {counts.current()[most], current.present() - counts.current()[most]}
        };
    }
}
