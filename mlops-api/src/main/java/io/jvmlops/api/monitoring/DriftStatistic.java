package io.jvmlops.api.monitoring;

/**
 * Compares two profiles of one column. Stateless and thread-safe. Implementations pass {@code DriftStatisticContract} of
 * mlops-test: no effect and no significance for equal profiles, and no exception for empty, constant or missing data.
 */
public interface DriftStatistic {
    /** Short and stable, as reports and metrics show it: {@code psi}. */
    String name();

    /** Whether it is defined for this kind of column. */
    boolean supports(ColumnProfile reference);

    /**
     * Compares.
     *
     * @param reference one that {@link #supports} answered for
     * @param current over the same edges or levels, or a sketch where the reference is one
     * @return {@link DriftScore#nothing} where there is nothing to compare
     * @throws IllegalArgumentException if the two are not over the same edges or levels
     */
    DriftScore compare(ColumnProfile reference, ColumnProfile current);

    /**
     * How the p-value of these two is found, for a person who reads the report: {@code 20 bins, exact}. Empty if there is
     * nothing to say.
     *
     * @param reference one that {@link #compare} takes, as the other
     */
    default String law(ColumnProfile reference, ColumnProfile current) {
        return "";
    }
}
