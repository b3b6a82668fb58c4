package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.NumberField;
import io.jvmlops.api.search.TextField;
import java.util.List;

/**
 * A filter as a condition, which is true where the filter is.
 *
 * <p>NOT is pushed down to the clauses, as De Morgan's laws hold for three values. What is left is AND and OR, for which
 * unknown may as well be false, and clauses that say that there is a value of which something is true. So no SQL depends
 * on NULL under NOT, and no nesting of NOT reaches the database.
 */
final class FilterSql {
    static final String TRUE = "1 = 1";
    static final String FALSE = "1 = 0";

    /** How many clauses a planner may make joins of. */
    private static final int JOINS = 4;

    private final Layout layout;

    FilterSql(Layout layout) {
        this.layout = layout;
    }

    /**
     * The condition, as one of several that are joined by AND.
     *
     * <p>A planner makes joins of the EXISTS that it finds there, and takes for ever over hundreds of them. So it sees the
     * few that can be a beginning, and the columns; the others are hidden in a CASE.
     */
    Fragment condition(Filter filter) {
        List<Filter> clauses = filter instanceof Filter.And and ? and.filters() : List.of(filter);
        Fragment open = new Fragment();
        Fragment hidden = new Fragment();
        int joins = layout.dialect().plansByItself() ? JOINS : 0;
        for (Filter clause : clauses) {
            boolean join = joins > 0 && isSelective(clause);
            joins -= join ? 1 : 0;
            if (join || isOnColumn(clause)) {
                open.add(condition(clause, false)).add(" AND ");
            } else {
                hidden.add(hidden.isEmpty() ? "" : " AND ").add(condition(clause, false));
            }
        }
        return hidden.isEmpty()
                ? open.add(TRUE)
                : open.add("CASE WHEN ").add(hidden).add(" THEN " + TRUE + " ELSE " + FALSE + " END");
    }

    private boolean isSelective(Filter clause) {
        return clause instanceof Filter.OneOf oneOf
                        && !oneOf.negated()
                        && layout.place(oneOf.field()) instanceof Layout.Pair
                || clause instanceof Filter.Compare compare && compare.comparison() != Filter.Comparison.NE;
    }

    private boolean isOnColumn(Filter clause) {
        return clause instanceof Filter.OneOf oneOf && layout.place(oneOf.field()) instanceof Layout.Column
                || clause instanceof Filter.Compare compare && layout.place(compare.field()) instanceof Layout.Column;
    }

    private Fragment condition(Filter filter, boolean negated) {
        if (filter instanceof Filter.And and) {
            return joined(and.filters(), negated ? " OR " : " AND ", negated);
        } else if (filter instanceof Filter.Or or) {
            return joined(or.filters(), negated ? " AND " : " OR ", negated);
        } else if (filter instanceof Filter.Not not) {
            return condition(not.filter(), !negated);
        } else if (filter instanceof Filter.Compare compare) {
            return compare(compare, negated);
        } else if (filter instanceof Filter.OneOf oneOf) {
            return text(
                    oneOf.field(), negated, column -> oneOf(column, oneOf), column -> oneOf(column, negation(oneOf)));
        } else if (filter instanceof Filter.Like like) {
            return text(like.field(), negated, column -> like(column, like, false), column -> like(column, like, true));
        } else if (filter instanceof Filter.IsNull isNull) {
            return isNull(isNull, negated);
        }
        return Fragment.of(negated ? FALSE : TRUE);
    }

    private Fragment joined(List<Filter> filters, String operator, boolean negated) {
        Fragment sql = Fragment.of("(");
        String between = "";
        for (Filter filter : filters) {
            sql.add(between).add(condition(filter, negated));
            between = operator;
        }
        return sql.add(")");
    }

    private Fragment compare(Filter.Compare compare, boolean negated) {
        NumberField field = compare.field();
        Layout.Place place = layout.place(field);
        if (place instanceof Layout.Metric metric) {
            return Fragment.of("EXISTS (SELECT 1 FROM metric_series v WHERE v.run = ")
                    .add(layout.id() + " AND v.key = ? AND ", metric.key())
                    .add(within("v.value", codes(compare, negated)))
                    .add(")");
        }
        NumberRange range = NumberRange.ofIntegers(compare.comparison(), compare.value());
        return within(((Layout.Column) place).sql(), negated ? range.inverted() : range);
    }

    private static NumberRange codes(Filter.Compare compare, boolean negated) {
        NumberRange range = NumberRange.ofCodes(compare.comparison(), compare.value());
        return negated ? range.inverted() : range;
    }

    static Fragment within(String column, NumberRange range) {
        return Fragment.of(column + (range.outside() ? " NOT" : "") + " BETWEEN ? AND ?", range.low(), range.high());
    }

    private interface Test {
        Fragment of(String column);
    }

    private Fragment text(TextField field, boolean negated, Test test, Test opposite) {
        Layout.Place place = layout.place(field);
        if (place instanceof Layout.Pair pair) {
            return pair(pair, "EXISTS")
                    .add(" AND ")
                    .add((negated ? opposite : test).of("v.value"))
                    .add(")");
        } else if (place instanceof Layout.Dataset dataset) {
            // With its own negation inside: there is one that does not fit. The negated clause: there is none of which
            // the clause is true, but there are some.
            Fragment any = datasets("EXISTS")
                    .add(" AND ")
                    .add(test.of(dataset.column()))
                    .add(")");
            return negated
                    ? datasets("(EXISTS")
                            .add(" AND " + dataset.column() + " IS NOT NULL) AND NOT ")
                            .add(any)
                            .add(")")
                    : any;
        }
        return (negated ? opposite : test).of(((Layout.Column) place).sql());
    }

    /** Up to an open parenthesis. */
    private Fragment pair(Layout.Pair pair, String exists) {
        Layout.Pairs pairs = pair.pairs();
        return Fragment.of(
                exists + " (SELECT 1 FROM " + pairs.table() + " v WHERE v." + pairs.owner() + " = " + layout.id()
                        + " AND v.name = ?",
                pair.name());
    }

    private Fragment datasets(String exists) {
        return Fragment.of(exists + " (SELECT 1 FROM input v WHERE v.run = " + layout.id());
    }

    private static Filter.OneOf negation(Filter.OneOf oneOf) {
        return new Filter.OneOf(oneOf.field(), oneOf.values(), !oneOf.negated());
    }

    private Fragment oneOf(String column, Filter.OneOf oneOf) {
        Fragment sql = new Fragment();
        boolean indexed =
                !oneOf.negated() && column.equals("v.value") && layout.dialect().plansByItself();
        if (indexed) {
            // What the index is on: with it a few values are found without looking at every run.
            sql.add(layout.dialect().prefix(column, Schema.INDEXED) + " IN ")
                    .addList(oneOf.values().stream()
                            .map(FilterSql::prefix)
                            .distinct()
                            .toList())
                    .add(" AND ");
        }
        if (oneOf.values().size() == 1) {
            return sql.add(
                    column + (oneOf.negated() ? " <> ?" : " = ?"),
                    oneOf.values().get(0));
        }
        return sql.add(column + (oneOf.negated() ? " NOT IN " : " IN ")).addList(oneOf.values());
    }

    /** What {@link SqlDialect#prefix} makes of a value. */
    static String prefix(String value) {
        return value.codePointCount(0, value.length()) <= Schema.INDEXED
                ? value
                : value.substring(0, value.offsetByCodePoints(0, Schema.INDEXED));
    }

    private Fragment like(String column, Filter.Like like, boolean opposite) {
        SqlDialect dialect = layout.dialect();
        return Fragment.of(
                dialect.like(column, like.ignoreCase(), like.negated() != opposite),
                dialect.likePattern(like.pattern(), like.ignoreCase()));
    }

    private Fragment isNull(Filter.IsNull isNull, boolean negated) {
        String exists = negated ? "EXISTS" : "NOT EXISTS";
        Layout.Place place = layout.place(isNull.field());
        if (place instanceof Layout.Metric metric) {
            return Fragment.of(
                    exists + " (SELECT 1 FROM metric_series v WHERE v.run = " + layout.id() + " AND v.key = ?)",
                    metric.key());
        } else if (place instanceof Layout.Pair pair) {
            return pair(pair, exists).add(")");
        } else if (place instanceof Layout.Dataset dataset) {
            return datasets(exists).add(" AND " + dataset.column() + " IS NOT NULL)");
        }
        return Fragment.of(((Layout.Column) place).sql() + (negated ? " IS NOT NULL" : " IS NULL"));
    }
}
