package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Which runs, experiments or other things to find: built from {@link Fields}, or parsed from text. A value: equal if
 * built alike, safe for use by several threads.
 *
 * <p><b>Text.</b> MLflow's filters, and more: {@code metrics."val/loss" < 0.3 and (params.model = 'mlp' or not tags.stage
 * is null)}.
 *
 * <pre>
 * filter     := [ or ]                                     nothing at all: everything
 * or         := and ( OR and )*
 * and        := not ( AND not )*
 * not        := NOT not | '(' or ')' | TRUE | clause
 * clause     := field ( = | != | &lt; | &lt;= | &gt; | &gt;= ) number
 *             | field [ NOT ] BETWEEN number AND number
 *             | field ( = | != ) text
 *             | field [ NOT ] ( LIKE | ILIKE ) text
 *             | field [ NOT ] IN '(' text ( ',' text )* ')'
 *             | field IS [ NOT ] NULL
 * field      := kind '.' key | attribute
 * kind       := metric(s) | param(s) | parameter(s) | tag(s) | attribute(s) | attr | run | dataset(s)
 * key        := letters, digits, _ and . | "any" | `any`
 * number     := 1 | -0.5 | 3e-4 | Infinity | -Infinity
 * text       := 'any' | "any"
 * </pre>
 *
 * <p>Keywords and kinds are read in any case. Inside quotes, a doubled quote is one; a backslash is a backslash.
 *
 * <p><b>Meaning.</b> SQL's three-valued logic: a comparison with a field that has no value is unknown, NOT of unknown is
 * unknown, and only what is true matches; so neither {@code params.a = 'x'} nor {@code params.a != 'x'} nor {@code not
 * params.a = 'x'} finds a run without the param. IS NULL finds it.
 *
 * <ul>
 *   <li>Numbers compare as IEEE 754 says: NaN is unequal to all and neither less nor greater; -0.0 equals 0.0. {@code not
 *       metrics.loss <= Infinity} finds what is NaN.
 *   <li>Texts are equal if their characters are: no case, accent or blank is ignored.
 *   <li>LIKE: {@code %} is any text, also none; {@code _} is one code point; nothing escapes them. ILIKE takes A to Z for
 *       a to z, and no other letter for its small one.
 *   <li>Datasets: a comparison is true if it is for any of them, so {@code datasets.name != 'a'} is true with a second
 *       dataset; false if there are some and it is for none; unknown if there are none with that property.
 * </ul>
 *
 * <p><b>Limits</b>, which constructors and parser alike check: {@value #MAX_TEXT} characters of text, as given and as
 * printed; {@value #MAX_CLAUSES} clauses; {@value #MAX_DEPTH} levels; {@value #MAX_VALUES} values in a list; {@value
 * #MAX_VALUE} characters a value. What exceeds them is an {@link InvalidInputException}.
 *
 * <p>{@code toString} prints text that parses to an equal filter.
 */
public sealed interface Filter {
    int MAX_TEXT = 100_000;
    int MAX_CLAUSES = 500;
    int MAX_DEPTH = 100;
    int MAX_VALUES = 1_000;
    int MAX_VALUE = 8_000;

    /** Everything matches. Its text is empty; inside another filter it is {@code TRUE}. */
    record All() implements Filter {
        private static final All ALL = new All();

        @Override
        public String toString() {
            return "";
        }
    }

    /**
     * @param filters 2 or more
     */
    record And(List<Filter> filters) implements Filter {
        public And {
            filters = List.copyOf(filters);
            Bounds.check("AND", filters);
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /**
     * @param filters 2 or more
     */
    record Or(List<Filter> filters) implements Filter {
        public Or {
            filters = List.copyOf(filters);
            Bounds.check("OR", filters);
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /** True if the other is false, and the other way round; unknown stays unknown. */
    record Not(Filter filter) implements Filter {
        public Not {
            Bounds.checkNot(filter);
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /**
     * @param value not NaN, with which every comparison is in vain
     */
    record Compare(NumberField field, Comparison comparison, double value) implements Filter {
        public Compare {
            if (Double.isNaN(value)) {
                throw new InvalidInputException(
                        "comparison of " + field + " with NaN, which nothing is equal to, less or"
                                + " greater; to find NaN: NOT " + field + " <= Infinity");
            }
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /** How two numbers compare, by IEEE 754. */
    enum Comparison {
        EQ("="),
        NE("!="),
        LT("<"),
        LE("<="),
        GT(">"),
        GE(">=");

        private final String symbol;

        Comparison(String symbol) {
            this.symbol = symbol;
        }

        /** As in SQL: {@code <=}. */
        public String symbol() {
            return symbol;
        }

        boolean test(double a, double b) {
            return switch (this) {
                case EQ -> a == b;
                case NE -> a != b;
                case LT -> a < b;
                case LE -> a <= b;
                case GT -> a > b;
                case GE -> a >= b;
            };
        }
    }

    /**
     * Equal to one of the values, or, negated, to none of them; with one value it is {@code =} or {@code !=}.
     *
     * @param values 1 to {@value #MAX_VALUES}
     */
    record OneOf(TextField field, List<String> values, boolean negated) implements Filter {
        public OneOf {
            values = List.copyOf(values);
            if (values.isEmpty() || values.size() > MAX_VALUES) {
                throw new InvalidInputException(
                        "list of " + values.size() + " values for " + field + "; expected 1 to " + MAX_VALUES);
            }
            for (String value : values) {
                Texts.checkValue(field, value);
            }
            Bounds.checkLength(Printer.lengthOfList(field, values, negated));
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /** Fits a pattern or, negated, does not. */
    record Like(TextField field, String pattern, boolean ignoreCase, boolean negated) implements Filter {
        public Like {
            Texts.checkValue(field, pattern);
        }

        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    /** There is no value; never unknown. */
    record IsNull(Field field) implements Filter {
        @Override
        public String toString() {
            return Printer.print(this);
        }
    }

    static Filter all() {
        return All.ALL;
    }

    /**
     * The filter that a text says.
     *
     * @param subject what is searched, which decides the attributes there are
     * @throws InvalidInputException if it says none; the message gives the position (1 is the first character, as a
     *     {@code String} counts), what is there, what was expected, and the text around with a caret below
     */
    static Filter parse(String text, Searchable subject) {
        return new Parser("filter", text, subject).filter();
    }

    /** All of them; everything if there are none. */
    static Filter allOf(Collection<? extends Filter> filters) {
        List<Filter> parts = new ArrayList<>();
        for (Filter filter : filters) {
            if (filter instanceof And and) {
                parts.addAll(and.filters());
            } else if (!(filter instanceof All)) {
                parts.add(filter);
            }
        }
        return switch (parts.size()) {
            case 0 -> all();
            case 1 -> parts.get(0);
            default -> new And(parts);
        };
    }

    /**
     * Any of them.
     *
     * @throws InvalidInputException if there are none
     */
    static Filter anyOf(Collection<? extends Filter> filters) {
        if (filters.isEmpty()) {
            throw new InvalidInputException("any of no filters; expected 1 or more");
        }
        List<Filter> parts = new ArrayList<>();
        for (Filter filter : filters) {
            if (filter instanceof Or or) {
                parts.addAll(or.filters());
            } else if (filter instanceof All) {
                return all();
            } else {
                parts.add(filter);
            }
        }
        return parts.size() == 1 ? parts.get(0) : new Or(parts);
    }

    default Filter and(Filter other) {
        return allOf(List.of(this, other));
    }

    default Filter or(Filter other) {
        return anyOf(List.of(this, other));
    }

    default Filter not() {
        return new Not(this);
    }

    /** Whether this is true, neither false nor unknown, for these values. */
    default boolean matches(Lookup lookup) {
        return Truth.of(this, lookup) == Truth.TRUE;
    }
}
