package io.jvmlops.api.search;

import java.util.List;

/** Writes filters as text that the {@link Parser} reads back as equal ones. */
final class Printer {
    private Printer() {}

    static String print(Filter filter) {
        StringBuilder out = new StringBuilder();
        print(out, filter);
        return out.toString();
    }

    static String join(String operator, List<Filter> filters) {
        StringBuilder out = new StringBuilder();
        join(out, operator, filters);
        return out.toString();
    }

    static String negate(Filter filter) {
        StringBuilder out = new StringBuilder("NOT ");
        nested(out, filter);
        return out.toString();
    }

    private static void print(StringBuilder out, Filter filter) {
        if (filter instanceof Filter.And and) {
            join(out, "AND", and.filters());
        } else if (filter instanceof Filter.Or or) {
            join(out, "OR", or.filters());
        } else if (filter instanceof Filter.Not not) {
            out.append("NOT ");
            nested(out, not.filter());
        } else if (filter instanceof Filter.Compare compare) {
            field(out, compare.field());
            out.append(' ').append(compare.comparison().symbol()).append(' ').append(number(compare.value()));
        } else if (filter instanceof Filter.OneOf oneOf) {
            list(out, oneOf.field(), oneOf.values(), oneOf.negated());
        } else if (filter instanceof Filter.Like like) {
            field(out, like.field());
            out.append(like.negated() ? " NOT" : "").append(like.ignoreCase() ? " ILIKE " : " LIKE ");
            quote(out, '\'', like.pattern());
        } else if (filter instanceof Filter.IsNull isNull) {
            field(out, isNull.field());
            out.append(" IS NULL");
        } else {
            out.append("TRUE");
        }
    }

    private static void join(StringBuilder out, String operator, List<Filter> filters) {
        for (int i = 0; i < filters.size(); i++) {
            if (i > 0) {
                out.append(' ').append(operator).append(' ');
            }
            nested(out, filters.get(i));
        }
    }

    private static void nested(StringBuilder out, Filter filter) {
        if (filter instanceof Filter.And || filter instanceof Filter.Or) {
            out.append('(');
            print(out, filter);
            out.append(')');
        } else {
            print(out, filter);
        }
    }

    static long lengthOfList(TextField field, List<String> values, boolean negated) {
        long characters = 0;
        for (String value : values) {
            characters += value.length();
        }
        if (characters > Filter.MAX_TEXT) {
            return characters;
        }
        StringBuilder out = new StringBuilder();
        list(out, field, values, negated);
        return out.length();
    }

    private static void list(StringBuilder out, TextField field, List<String> values, boolean negated) {
        field(out, field);
        if (values.size() == 1) {
            out.append(negated ? " != " : " = ");
            quote(out, '\'', values.get(0));
            return;
        }
        out.append(negated ? " NOT IN (" : " IN (");
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            quote(out, '\'', values.get(i));
        }
        out.append(')');
    }

    static String print(Field field) {
        StringBuilder out = new StringBuilder();
        field(out, field);
        return out.toString();
    }

    private static void field(StringBuilder out, Field field) {
        if (field.kind() == Field.Kind.ATTRIBUTE && isPlainName(field.key())) {
            out.append(field.key());
            return;
        }
        out.append(field.kind().prefix()).append('.');
        if (isPlainKey(field.key())) {
            out.append(field.key());
        } else {
            quote(out, '"', field.key());
        }
    }

    /** Whether it can stand alone without being taken for a number, a keyword or a kind with a key. */
    private static boolean isPlainName(String name) {
        return isPlainKey(name)
                && name.indexOf('.') < 0
                && Character.isLetter(name.charAt(0))
                && !Parser.isKeyword(name);
    }

    private static boolean isPlainKey(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.')) {
                return false;
            }
        }
        return true;
    }

    private static void quote(StringBuilder out, char mark, String text) {
        out.append(mark);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == mark) {
                out.append(mark);
            }
            out.append(c);
        }
        out.append(mark);
    }

    private static String number(double value) {
        // Without ".0", as people write it, where that is the same number; -0.0 is not 0.
        boolean whole = Math.abs(value) < 1e15 && value == Math.rint(value) && (value != 0 || 1 / value > 0);
        return whole ? Long.toString((long) value) : Double.toString(value);
    }
}
