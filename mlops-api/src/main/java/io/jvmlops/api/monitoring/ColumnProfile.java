package io.jvmlops.api.monitoring;

/** What is known of one column's values. */
public sealed interface ColumnProfile permits NumericProfile, CategoricalProfile {
    String column();

    /** Values seen, missing ones included. */
    long count();

    /** Values that were not there: NaN in a numeric column. */
    long missing();
}
