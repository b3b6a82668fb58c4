package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;

/** What statistics ask of the columns that they are given. */
final class Columns {
    private Columns() {}

    /**
     * @param statistic as the message names it: {@code ks}, {@code the test of Mann and Whitney}
     * @throws IllegalArgumentException if the column is not numeric
     */
    static NumericProfile requireNumeric(ColumnProfile column, String statistic) {
        if (column instanceof NumericProfile numeric) {
            return numeric;
        }
        throw new IllegalArgumentException(
                "column '" + column.column() + "' is not numeric, and " + statistic + " is not defined for it");
    }
}
