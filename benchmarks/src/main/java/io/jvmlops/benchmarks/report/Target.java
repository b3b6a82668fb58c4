package io.jvmlops.benchmarks.report;

import java.util.Locale;

/**
 * What a row must reach.
 *
 * @param of which number of the row it binds
 * @param bound from which side
 */
public record Target(Of of, Bound bound, double value) {
    /** A number of a row. */
    public enum Of {
        OURS,
        RATIO,
        /** Ours less the peer's. */
        BEYOND
    }

    /** A side. */
    public enum Bound {
        AT_MOST,
        AT_LEAST
    }

    public static Target ratioAtMost(double value) {
        return new Target(Of.RATIO, Bound.AT_MOST, value);
    }

    public static Target ratioAtLeast(double value) {
        return new Target(Of.RATIO, Bound.AT_LEAST, value);
    }

    /** For what may be more than the peer's by some amount, however much that is. */
    public static Target beyondAtMost(double value) {
        return new Target(Of.BEYOND, Bound.AT_MOST, value);
    }

    public static Target oursAtMost(double value) {
        return new Target(Of.OURS, Bound.AT_MOST, value);
    }

    public static Target oursAtLeast(double value) {
        return new Target(Of.OURS, Bound.AT_LEAST, value);
    }

    /** Whether a number meets it; NaN does not. */
    public boolean isMetBy(double number) {
        return bound == Bound.AT_MOST ? number <= value : number >= value;
    }

    /** Like {@code ratio ≤ 1.00}. */
    @Override
    public String toString() {
        return of.name().toLowerCase(Locale.ROOT) + " " + (bound == Bound.AT_MOST ? "≤ " : "≥ ")
                + Numbers.format(value);
    }
}
