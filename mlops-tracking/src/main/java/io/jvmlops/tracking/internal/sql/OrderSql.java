package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Fields;
import io.jvmlops.api.search.Filter.Comparison;
import io.jvmlops.api.search.NumberField;
import io.jvmlops.api.search.Order;
import io.jvmlops.api.search.SortKey;
import io.jvmlops.tracking.internal.series.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The orders of a search: what to join, what to sort by, and what comes after a key. */
final class OrderSql {
    /** What an order sorts by. */
    private enum Sort {
        /** Codes of doubles, NaN among them, or none. */
        CODE,
        /** Codes of doubles but NaN. */
        FINITE_CODE,
        INTEGER,
        TEXT,
        /** An id that is a number here and a text in a key. */
        ID
    }

    private record Term(String column, Sort sort, boolean optional, boolean descending, SortKey.@Nullable Value key) {
        String direction() {
            return descending ? " DESC" : " ASC";
        }
    }

    private final Fragment joins = new Fragment();
    private final List<Term> terms = new ArrayList<>();

    /**
     * @param orders down to a field that no two share
     * @param unique what comes after it decides nothing
     * @param after where to go on, or null for the beginning
     */
    OrderSql(Layout layout, List<Order> orders, Field unique, @Nullable SortKey after) {
        this(layout, orders, unique, after, null, 0);
    }

    private OrderSql(
            Layout layout,
            List<Order> orders,
            Field unique,
            @Nullable SortKey after,
            @Nullable String finiteCode,
            int from) {
        for (int i = from; i < orders.size(); i++) {
            Order order = orders.get(i);
            SortKey.Value key = after == null ? null : after.values().get(i);
            if (finiteCode != null && i == 0) {
                terms.add(new Term(finiteCode, Sort.FINITE_CODE, false, order.descending(), key));
            } else {
                terms.add(term(layout, order, key));
            }
            if (order.field().equals(unique)) {
                break;
            }
        }
    }

    /** With the codes of the first order, which are none of NaN, in a column. */
    static OrderSql ofValues(Layout layout, List<Order> orders, Field unique, @Nullable SortKey after, String column) {
        return new OrderSql(layout, orders, unique, after, column, 0);
    }

    /** For what the first order leaves equal. */
    static OrderSql ofEquals(Layout layout, List<Order> orders, Field unique, @Nullable SortKey after) {
        return new OrderSql(layout, orders, unique, after, null, 1);
    }

    private Term term(Layout layout, Order order, SortKey.@Nullable Value key) {
        Layout.Place place = layout.place(order.field());
        String alias = "o" + terms.size();
        if (place instanceof Layout.Metric metric) {
            joins.add(
                    " LEFT JOIN metric_series " + alias + " ON " + alias + ".run = " + layout.id() + " AND " + alias
                            + ".key = ?",
                    metric.key());
            return new Term(alias + ".value", Sort.CODE, true, order.descending(), key);
        } else if (place instanceof Layout.Pair pair) {
            joins.add(
                    " LEFT JOIN " + pair.pairs().table() + " " + alias + " ON " + alias + "."
                            + pair.pairs().owner() + " = " + layout.id() + " AND " + alias + ".name = ?",
                    pair.name());
            return new Term(alias + ".value", Sort.TEXT, true, order.descending(), key);
        }
        Layout.Column column = (Layout.Column) place;
        Sort sort = order.field().equals(Fields.EXPERIMENT_ID)
                ? Sort.ID
                : order.field() instanceof NumberField ? Sort.INTEGER : Sort.TEXT;
        return new Term(column.ordered(), sort, column.optional(), order.descending(), key);
    }

    /** What follows FROM. */
    Fragment joins() {
        return joins;
    }

    /** What follows ORDER BY. */
    String terms() {
        StringBuilder sql = new StringBuilder();
        for (Term term : terms) {
            sql.append(sql.length() == 0 ? "" : ", ");
            if (term.sort == Sort.CODE) {
                sql.append("CASE WHEN ")
                        .append(isNumber(term))
                        .append(" THEN 0 WHEN ")
                        .append(term.column)
                        .append(" IS NULL THEN 2 ELSE 1 END, CASE WHEN ")
                        .append(isNumber(term))
                        .append(" THEN ")
                        .append(term.column)
                        .append(" END");
            } else {
                sql.append(term.optional ? term.column + " IS NULL, " : "").append(term.column);
            }
            sql.append(term.direction());
        }
        return sql.toString();
    }

    private static String isNumber(Term term) {
        return term.column + " BETWEEN " + NumberRange.LEAST + " AND " + NumberRange.GREATEST;
    }

    /** The condition that something comes after the key; there must be one. */
    Fragment after() {
        Term first = terms.get(0);
        Fragment after = after(0);
        if (first.optional || first.sort == Sort.CODE || first.sort == Sort.FINITE_CODE) {
            return after;
        }
        // Said again, as a range that an index can start from.
        return Fragment.of("(").add(notBefore(first)).add(" AND ").add(after).add(")");
    }

    private Fragment after(int index) {
        if (index == terms.size()) {
            return Fragment.of(FilterSql.FALSE);
        }
        Term term = terms.get(index);
        return Fragment.of("(")
                .add(isAfter(term))
                .add(" OR (")
                .add(isEqual(term))
                .add(" AND ")
                .add(after(index + 1))
                .add("))");
    }

    private static Fragment notBefore(Term term) {
        SortKey.Value key = term.key;
        String operator = term.descending ? " <= ?" : " >= ?";
        return switch (term.sort) {
            case CODE, FINITE_CODE -> throw new IllegalArgumentException("the caller knows the range of codes");
            case INTEGER ->
                FilterSql.within(
                        term.column,
                        NumberRange.ofIntegers(term.descending ? Comparison.LE : Comparison.GE, number(key)));
            case TEXT -> Fragment.of(term.column + operator, text(key));
            case ID -> Fragment.of(term.column + operator, id(key));
        };
    }

    private static Fragment isAfter(Term term) {
        SortKey.Value key = term.key;
        if (key instanceof SortKey.Missing) {
            return Fragment.of(FilterSql.FALSE);
        }
        String operator = term.descending ? " < ?" : " > ?";
        Fragment after = switch (term.sort) {
            case CODE -> afterCode(term, number(key));
            case FINITE_CODE -> Fragment.of(term.column + operator, ValueOrder.encode(number(key)));
            case INTEGER ->
                FilterSql.within(
                        term.column,
                        NumberRange.ofIntegers(term.descending ? Comparison.LT : Comparison.GT, number(key)));
            case TEXT -> Fragment.of(term.column + operator, text(key));
            case ID -> Fragment.of(term.column + operator, id(key));
        };
        return term.optional
                ? Fragment.of("(" + term.column + " IS NULL OR ").add(after).add(")")
                : after;
    }

    /** NaN comes after every number, in both directions, and after no NaN. */
    private static Fragment afterCode(Term term, double key) {
        if (Double.isNaN(key)) {
            return Fragment.of(FilterSql.FALSE);
        }
        long code = ValueOrder.encode(key);
        return term.descending
                ? Fragment.of(term.column + " NOT BETWEEN ? AND ?", code, NumberRange.GREATEST)
                : Fragment.of(term.column + " NOT BETWEEN ? AND ?", NumberRange.LEAST, code);
    }

    private static Fragment isEqual(Term term) {
        SortKey.Value key = term.key;
        if (key instanceof SortKey.Missing) {
            return Fragment.of(term.column + " IS NULL");
        }
        return switch (term.sort) {
            case CODE, FINITE_CODE ->
                Double.isNaN(number(key))
                        ? Fragment.of(term.column + " NOT BETWEEN ? AND ?", NumberRange.LEAST, NumberRange.GREATEST)
                        : Fragment.of(term.column + " = ?", ValueOrder.encode(number(key)));
            case INTEGER -> FilterSql.within(term.column, NumberRange.ofIntegers(Comparison.EQ, number(key)));
            case TEXT -> Fragment.of(term.column + " = ?", text(key));
            case ID -> Fragment.of(term.column + " = ?", id(key));
        };
    }

    private static double number(SortKey.@Nullable Value key) {
        if (key instanceof SortKey.NumberValue number) {
            return number.value();
        }
        throw foreign(key);
    }

    private static String text(SortKey.@Nullable Value key) {
        if (key instanceof SortKey.TextValue text) {
            return text.value();
        }
        throw foreign(key);
    }

    private static long id(SortKey.@Nullable Value key) {
        Long id = SqlTrackingStore.number(text(key));
        if (id == null) {
            throw foreign(key);
        }
        return id;
    }

    /** What a store of ours never put into a token: a value is missing that cannot be, say. */
    private static InvalidInputException foreign(SortKey.@Nullable Value key) {
        return new InvalidInputException("page token with " + key
                + ", which is none of this store; expected the token that came with the page before");
    }
}
