package io.jvmlops.api.monitoring;

/** What is known of one column's values. */
public sealed interface ColumnProfile permits NumericProfile, CategoricalProfile {
    String column();

    /** Values seen, missing ones included. */
    long count();

    /** Values that were not there, NaN in a numeric column among them. */
    long missing();

    /** Values that were there. */
    default long present() {
        return count() - missing();
    }

    /** How many distinct values were there, as far as it is known. */
    double distinct();

    /** Whether two profiles can be compared and added: one column, over the same edges or levels. */
    boolean isOver(ColumnProfile other);
}
