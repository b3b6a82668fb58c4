package io.jvmlops.api.monitoring;

/** How the values of a numeric column are spread: over edges that were given, or as a sketch that finds its own. */
public sealed interface Distribution permits Histogram, Sketch {
    /** Values counted, infinities included. */
    long total();

    /** How many values lie between which edges. */
    Histogram histogram();

    /**
     * Both together, as if their values had been counted at once.
     *
     * @throws IllegalArgumentException if the two are not over the same edges, or of different kinds
     */
    Distribution plus(Distribution other);

    /** The largest share of values in one bin: how much is not known of the rank of a value; 0 if there are none. */
    default double coarseness() {
        return histogram().coarseness();
    }
}
