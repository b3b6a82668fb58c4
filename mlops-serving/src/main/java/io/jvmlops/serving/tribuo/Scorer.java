package io.jvmlops.serving.tribuo;

/** Answers for one row. Thread-safe. */
interface Scorer {
    /**
     * @param row a value per feature, in the order of ids, none NaN; not changed
     * @param scores takes what {@link Domain.Kind} says, in the order of ids
     */
    void score(double[] row, double[] scores);
}
