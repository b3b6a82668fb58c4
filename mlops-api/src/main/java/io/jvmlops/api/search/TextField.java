package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Collection;
import java.util.List;

/**
 * A field whose values are texts: a param, a tag, a textual attribute, or a property of datasets. What the operators
 * mean is in {@link Filter}.
 *
 * <p>The key is 1 to {@value Field#MAX_KEY} characters, not blank, without control characters,
 * and one that datasets have; else an {@link InvalidInputException}.
 */
public record TextField(Kind kind, String key) implements Field {
    public TextField {
        if (kind == Kind.METRIC) {
            throw new IllegalArgumentException("a metric is a number, not a text");
        }
        Texts.checkKey(kind, key);
    }

    public Filter eq(String value) {
        return in(List.of(value));
    }

    public Filter ne(String value) {
        return notIn(List.of(value));
    }

    public Filter in(String... values) {
        return in(List.of(values));
    }

    /**
     * Equal to one of them.
     *
     * @throws InvalidInputException if there are none, or more than {@value Filter#MAX_VALUES}
     */
    public Filter in(Collection<String> values) {
        return new Filter.OneOf(this, List.copyOf(values), false);
    }

    public Filter notIn(String... values) {
        return notIn(List.of(values));
    }

    /**
     * Equal to none of them.
     *
     * @throws InvalidInputException if there are none, or more than {@value Filter#MAX_VALUES}
     */
    public Filter notIn(Collection<String> values) {
        return new Filter.OneOf(this, List.copyOf(values), true);
    }

    /** Fits the pattern: {@code %} is any text, {@code _} any one character; there is no escape. */
    public Filter like(String pattern) {
        return new Filter.Like(this, pattern, false, false);
    }

    public Filter notLike(String pattern) {
        return new Filter.Like(this, pattern, false, true);
    }

    /** As {@link #like}, with A to Z the same as a to z. */
    public Filter ilike(String pattern) {
        return new Filter.Like(this, pattern, true, false);
    }

    public Filter notIlike(String pattern) {
        return new Filter.Like(this, pattern, true, true);
    }

    @Override
    public String toString() {
        return Printer.print(this);
    }
}
