package io.jvmlops.api.data;

import java.util.List;

/**
 * One feature or output, as a person names it.
 *
 * @param name unique within its {@link Schema}
 * @param type the element type that carries it
 * @param nullable whether a row may lack it: NaN in a floating column
 * @param categories the known levels of a categorical column, in order; empty where they are open or it is numeric
 */
public record Column(String name, DataType type, boolean nullable, List<String> categories) {
    public Column {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a column's name is empty");
        }
        categories = List.copyOf(categories);
    }

    /** A column without nulls and without known categories. */
    public static Column of(String name, DataType type) {
        return new Column(name, type, false, List.of());
    }

    /** A string column whose levels are known. */
    public static Column categorical(String name, List<String> categories) {
        return new Column(name, DataType.BYTES, false, categories);
    }

    /** Strings, booleans, and whatever has categories; the rest is numeric. */
    public boolean isCategorical() {
        return type == DataType.BYTES || type == DataType.BOOL || !categories.isEmpty();
    }
}
