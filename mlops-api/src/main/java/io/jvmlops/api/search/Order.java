package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;

/**
 * By what to sort, and in which direction: values first, then NaN, then what has no value, in both directions. Numbers
 * compare by {@link Double#compare}, so -0.0 comes before 0.0, although a filter takes them for equal; texts compare by
 * code points, which is the order of their UTF-8 bytes, but for ids of experiments, of which the shorter comes first.
 *
 * <p>{@code toString} prints text that parses to an equal order.
 *
 * @param field not of a dataset, of which there can be several
 */
public record Order(Field field, boolean descending) {
    public Order {
        if (field.kind() == Field.Kind.DATASET) {
            throw new InvalidInputException("order by " + field
                    + ", of which there can be several; expected a metric, param, tag or attribute");
        }
    }

    /**
     * The order that a text says: a field as in a {@link Filter}, and ASC, DESC or neither, which is ASC.
     *
     * @param subject what is searched, which decides the attributes there are
     * @throws InvalidInputException if it says none; the message is like that of {@link Filter#parse}
     */
    public static Order parse(String text, Searchable subject) {
        return new Parser("order", text, subject).order();
    }

    @Override
    public String toString() {
        return field + (descending ? " DESC" : " ASC");
    }

    int compare(SortKey.Value a, SortKey.Value b) {
        int rank = Integer.compare(rank(a), rank(b));
        if (rank != 0) {
            return rank;
        }
        int order = 0;
        if (a instanceof SortKey.NumberValue x && b instanceof SortKey.NumberValue y) {
            order = Double.compare(x.value(), y.value());
        } else if (a instanceof SortKey.TextValue x && b instanceof SortKey.TextValue y) {
            order = field.equals(Fields.EXPERIMENT_ID)
                    ? compareIds(x.value(), y.value())
                    : Texts.compare(x.value(), y.value());
        }
        return descending ? -order : order;
    }

    /** Experiments are numbered in the order of their creation: 9 comes before 10. */
    private static int compareIds(String a, String b) {
        int length = Integer.compare(a.length(), b.length());
        return length != 0 ? length : Texts.compare(a, b);
    }

    private static int rank(SortKey.Value value) {
        if (value instanceof SortKey.Missing) {
            return 2;
        }
        return value instanceof SortKey.NumberValue number && Double.isNaN(number.value()) ? 1 : 0;
    }

    SortKey.Value valueOf(Lookup lookup) {
        if (field instanceof NumberField number) {
            var value = lookup.number(number);
            return value.isEmpty() ? new SortKey.Missing() : new SortKey.NumberValue(value.getAsDouble());
        }
        var values = lookup.texts((TextField) field);
        return values.isEmpty() ? new SortKey.Missing() : new SortKey.TextValue(values.get(0));
    }
}
