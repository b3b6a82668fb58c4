package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Filter.Comparison;
import java.time.Instant;

/**
 * A field whose values are doubles: a metric, or a numeric attribute. Instants are milliseconds since 1970, so that what
 * is finer is cut off. What the operators mean is in {@link Filter}.
 *
 * <p>The key is 1 to {@value Field#MAX_KEY} characters, not blank, without control characters; else an {@link InvalidInputException}.
 */
public record NumberField(Kind kind, String key) implements Field {
    public NumberField {
        if (kind != Kind.METRIC && kind != Kind.ATTRIBUTE) {
            throw new IllegalArgumentException("a field of kind " + kind + " is a text, not a number");
        }
        Texts.checkKey(kind, key);
    }

    public Filter eq(double value) {
        return new Filter.Compare(this, Comparison.EQ, value);
    }

    public Filter eq(Instant value) {
        return eq(millis(value));
    }

    public Filter ne(double value) {
        return new Filter.Compare(this, Comparison.NE, value);
    }

    public Filter ne(Instant value) {
        return ne(millis(value));
    }

    public Filter lt(double value) {
        return new Filter.Compare(this, Comparison.LT, value);
    }

    public Filter lt(Instant value) {
        return lt(millis(value));
    }

    public Filter le(double value) {
        return new Filter.Compare(this, Comparison.LE, value);
    }

    public Filter le(Instant value) {
        return le(millis(value));
    }

    public Filter gt(double value) {
        return new Filter.Compare(this, Comparison.GT, value);
    }

    public Filter gt(Instant value) {
        return gt(millis(value));
    }

    public Filter ge(double value) {
        return new Filter.Compare(this, Comparison.GE, value);
    }

    public Filter ge(Instant value) {
        return ge(millis(value));
    }

    /** At least {@code low} and at most {@code high}. */
    public Filter between(double low, double high) {
        return ge(low).and(le(high));
    }

    /** At least {@code low} and at most {@code high}. */
    public Filter between(Instant low, Instant high) {
        return between(millis(low), millis(high));
    }

    @Override
    public String toString() {
        return Printer.print(this);
    }

    private static double millis(Instant instant) {
        try {
            return instant.toEpochMilli();
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    "filter: instant " + instant + " does not fit into milliseconds; expected one that does");
        }
    }
}
