package io.jvmlops.api.search;

/**
 * What a filter or an order looks at: a metric, a param, a tag, an attribute of what is searched, or a property of the
 * datasets it read. {@link Fields} makes them; {@link NumberField} and {@link TextField} offer the operators that fit.
 *
 * <p>{@code toString} gives what a filter's text calls it: {@code metrics."val/loss"}, {@code start_time}.
 */
public sealed interface Field permits NumberField, TextField {
    /** The longest key, in characters. */
    int MAX_KEY = 250;

    /** Where the values of a field come from. */
    enum Kind {
        /** The latest value of a metric; a number. */
        METRIC("metrics"),
        /** A text that is set once. */
        PARAM("params"),
        /** A text that can change. */
        TAG("tags"),
        /** What everything of its sort has, such as a start time; a number or a text, see {@link Searchable}. */
        ATTRIBUTE("attributes"),
        /** {@code name}, {@code digest} or {@code context} of the datasets that were read; a text for each. */
        DATASET("datasets");

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }

        String prefix() {
            return prefix;
        }
    }

    Kind kind();

    /** Of the metric, param or tag; the name of the attribute or property. */
    String key();

    /** True if there is no value; never unknown. A metric that is NaN has a value. */
    default Filter isNull() {
        return new Filter.IsNull(this);
    }

    /** True if there is a value, NaN among them; never unknown. */
    default Filter isNotNull() {
        return isNull().not();
    }

    /** The least first; what has no value comes last. */
    default Order ascending() {
        return new Order(this, false);
    }

    /** The greatest first; what has no value comes last. */
    default Order descending() {
        return new Order(this, true);
    }
}
