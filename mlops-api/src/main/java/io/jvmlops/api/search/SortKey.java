package io.jvmlops.api.search;

import java.util.List;

/**
 * Where something stands in the order of a {@link Search}.
 *
 * @param values one for each of {@link Search#orders()}
 */
public record SortKey(List<Value> values) {
    /** The value of one field. */
    public sealed interface Value {}

    public record NumberValue(double value) implements Value {}

    public record TextValue(String value) implements Value {}

    /** There is none. */
    public record Missing() implements Value {}

    public SortKey {
        values = List.copyOf(values);
    }
}
