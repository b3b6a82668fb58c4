package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Fields;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Order;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.search.Search;
import io.jvmlops.api.search.SortKey;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.View;
import io.jvmlops.tracking.internal.series.ValueOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One search of runs: finds the rows of a page in their order, then loads them whole.
 *
 * <p>With a metric to order by, there are up to three queries, one after the other until the page is full: runs with a
 * number, by walking the index of values; runs with NaN; runs without the metric. A database that does not plan by itself
 * is told, for each query, where to begin: with the few runs that a clause or the experiment leaves, if it is cheaper to
 * sort those than to walk an index until enough of its runs have matched.
 */
final class RunSearch {
    /** How many clauses are looked at for where to begin. */
    private static final int CANDIDATES = 6;

    /** How many values one clause may ask for to be a beginning. */
    private static final int VALUES = 100;

    private final Session session;
    private final SqlDialect dialect;
    private final RunQuery query;
    private final Search search;
    private final @Nullable SortKey after;
    private final List<Filter> clauses;

    RunSearch(Session session, SqlDialect dialect, RunQuery query) {
        this.session = session;
        this.dialect = dialect;
        this.query = query;
        this.search = query.search();
        String cursor = query.cursor();
        this.after = cursor == null ? null : search.keyOf(cursor);
        this.clauses = search.filter() instanceof Filter.And and ? and.filters() : List.of(search.filter());
    }

    Page<RunInfo> page() throws SQLException {
        List<Long> experiments = experiments();
        if (experiments != null && experiments.isEmpty()) {
            return new Page<>(List.of(), null);
        }
        Layout layout = Layout.ofRuns(dialect, metricKeys());
        List<Long> found = find(layout, experiments);
        boolean more = found.size() > query.limit();
        List<RunInfo> runs = RunRows.load(session, more ? found.subList(0, query.limit()) : found);
        return new Page<>(
                runs,
                more ? search.tokenAfter(search.key(runs.get(runs.size() - 1).lookup())) : null);
    }

    private @Nullable List<Long> experiments() {
        List<String> ids = query.experimentIds();
        return ids == null
                ? null
                : ids.stream()
                        .map(SqlTrackingStore::number)
                        .filter(Objects::nonNull)
                        .toList();
    }

    /** The keys of all metrics that the filter and the orders name and that there are. */
    private Map<String, Long> metricKeys() throws SQLException {
        TreeSet<String> names = new TreeSet<>();
        addMetrics(search.filter(), names);
        for (Order order : search.orders()) {
            addMetric(order.field(), names);
        }
        Map<String, Long> keys = new HashMap<>();
        if (!names.isEmpty()) {
            Fragment sql = Fragment.of("SELECT name, id FROM metric_key WHERE name IN ")
                    .addList(names);
            try (ResultSet rows = session.query(sql.text(), sql.arguments())) {
                while (rows.next()) {
                    keys.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return keys;
    }

    private static void addMetrics(Filter filter, Set<String> names) {
        if (filter instanceof Filter.And and) {
            and.filters().forEach(part -> addMetrics(part, names));
        } else if (filter instanceof Filter.Or or) {
            or.filters().forEach(part -> addMetrics(part, names));
        } else if (filter instanceof Filter.Not not) {
            addMetrics(not.filter(), names);
        } else if (filter instanceof Filter.Compare compare) {
            addMetric(compare.field(), names);
        } else if (filter instanceof Filter.IsNull isNull) {
            addMetric(isNull.field(), names);
        }
    }

    private static void addMetric(Field field, Set<String> names) {
        if (field.kind() == Field.Kind.METRIC) {
            names.add(field.key());
        }
    }

    /** Rows of runs, one more than the page takes if there are more. */
    private List<Long> find(Layout layout, @Nullable List<Long> experiments) throws SQLException {
        List<Order> orders = search.orders();
        Fragment condition = condition(layout, experiments);
        Order first = orders.get(0);
        boolean byMetric = layout.place(first.field()) instanceof Layout.Metric;
        long wanted = query.limit() + 1L;
        if (!dialect.plansByItself()) {
            boolean byStart = first.field().equals(Fields.START_TIME);
            Beginning beginning = fewest(layout, experiments, byMetric || byStart, byStart, wanted);
            if (beginning != null || !byMetric) {
                Fragment from = beginning != null
                        ? beginning.from
                        : byStart
                                ? Fragment.of("run r"
                                        + dialect.using(
                                                experiments != null && experiments.size() == 1
                                                        ? "run_by_experiment"
                                                        : "run_by_start"))
                                : Fragment.of("run r");
                return select(
                        from, condition, new OrderSql(layout, orders, Fields.RUN_ID, after), after != null, wanted);
            }
        }
        return byMetric
                ? findByMetric(layout, ((Layout.Metric) layout.place(first.field())).key(), experiments, wanted)
                : select(
                        Fragment.of("run r"),
                        condition,
                        new OrderSql(layout, orders, Fields.RUN_ID, after),
                        after != null,
                        wanted);
    }

    private Fragment condition(Layout layout, @Nullable List<Long> experiments) {
        Fragment condition = new Fragment();
        if (experiments != null) {
            if (experiments.size() == 1) {
                condition.add("r.experiment = ? AND ", experiments.get(0));
            } else {
                condition.add("r.experiment IN ").addList(experiments).add(" AND ");
            }
        }
        // A planner takes IN as a guess of half the runs. As EXISTS it would be a join of which it expects next to
        // nothing, and so would sort all runs rather than walk an index to its hundredth.
        String ofDeleted = dialect.plansByItself()
                ? "(r.experiment IN (SELECT x.id FROM experiment x WHERE x.deleted_at IS NOT NULL))"
                : "EXISTS (SELECT 1 FROM experiment x WHERE x.id = r.experiment AND x.deleted_at IS NOT NULL)";
        if (query.view() == View.ACTIVE) {
            condition.add("r.deleted_at IS NULL AND NOT " + ofDeleted + " AND ");
        } else if (query.view() == View.DELETED) {
            condition.add("(r.deleted_at IS NOT NULL OR " + ofDeleted + ") AND ");
        }
        return condition.add(new FilterSql(layout).condition(search.filter()));
    }

    private List<Long> select(Fragment from, Fragment condition, OrderSql orders, boolean goOn, long limit)
            throws SQLException {
        Fragment sql = Fragment.of("SELECT r.id FROM ")
                .add(from)
                .add(orders.joins())
                .add(" WHERE ")
                .add(condition);
        if (goOn) {
            sql.add(" AND ").add(orders.after());
        }
        sql.add(" ORDER BY " + orders.terms() + " LIMIT ?", limit);
        List<Long> found = new ArrayList<>();
        try (ResultSet rows = session.query(sql.text(), sql.arguments())) {
            while (rows.next()) {
                found.add(rows.getLong(1));
            }
        }
        return found;
    }

    private List<Long> findByMetric(Layout layout, long key, @Nullable List<Long> experiments, long wanted)
            throws SQLException {
        List<Order> orders = search.orders();
        // Clauses on params and the like decide before the run's row is read.
        Fragment condition = condition(layout.withId("s.run"), experiments);
        SortKey.Value from = after == null ? null : after.values().get(0);
        boolean fromMissing = from instanceof SortKey.Missing;
        boolean fromNan = from instanceof SortKey.NumberValue number && Double.isNaN(number.value());
        Metrics asked = asked(orders.get(0).field());
        List<Long> found = new ArrayList<>();
        if (asked.numbers && !fromMissing && !fromNan) {
            long low = asked.low;
            long high = asked.high;
            if (from instanceof SortKey.NumberValue number) {
                long code = ValueOrder.encode(number.value());
                low = orders.get(0).descending() ? low : Math.max(low, code);
                high = orders.get(0).descending() ? Math.min(high, code) : high;
            }
            found.addAll(select(
                    Fragment.of("metric_series s" + dialect.using("metric_series_by_value") + dialect.join()
                            + "run r ON r.id = s.run"),
                    Fragment.of("s.key = ? AND s.value BETWEEN ? AND ? AND ", key, low, high)
                            .add(condition),
                    OrderSql.ofValues(layout, orders, Fields.RUN_ID, after, "s.value"),
                    after != null,
                    wanted));
        }
        OrderSql rest = OrderSql.ofEquals(layout, orders, Fields.RUN_ID, after);
        if (!fromMissing && asked.nan && found.size() < wanted) {
            found.addAll(select(
                    Fragment.of("metric_series s" + dialect.using("metric_series_by_value") + dialect.join()
                            + "run r ON r.id = s.run"),
                    Fragment.of("s.key = ? AND s.value > ? AND ", key, NumberRange.GREATEST)
                            .add(condition),
                    rest,
                    fromNan,
                    wanted - found.size()));
        }
        if (asked.missing && found.size() < wanted) {
            found.addAll(select(
                    Fragment.of("run r"),
                    Fragment.of("NOT EXISTS (SELECT 1 FROM metric_series s WHERE s.run = r.id AND s.key = ?) AND ", key)
                            .add(condition(layout, experiments)),
                    rest,
                    fromMissing,
                    wanted - found.size()));
        }
        return found;
    }

    /** Which values of a metric the filter leaves over, as far as its clauses say so. */
    private static final class Metrics {
        long low = NumberRange.LEAST;
        long high = NumberRange.GREATEST;
        boolean numbers = true;
        boolean nan = true;
        boolean missing = true;
    }

    private Metrics asked(Field field) {
        Metrics asked = new Metrics();
        for (Filter clause : clauses) {
            if (clause instanceof Filter.Compare compare && compare.field().equals(field)) {
                asked.missing = false;
                NumberRange range = NumberRange.ofCodes(compare.comparison(), compare.value());
                if (!range.outside()) {
                    asked.nan = false;
                    asked.low = Math.max(asked.low, range.low());
                    asked.high = Math.min(asked.high, range.high());
                }
            } else if (clause instanceof Filter.IsNull isNull && isNull.field().equals(field)) {
                asked.numbers = false;
                asked.nan = false;
            } else if (clause instanceof Filter.Not not
                    && not.filter() instanceof Filter.IsNull isNull
                    && isNull.field().equals(field)) {
                asked.missing = false;
            }
        }
        return asked;
    }

    /**
     * Where a query begins.
     *
     * @param from gives every run of the clause once
     * @param count counts them, given a limit
     */
    private record Beginning(Fragment from, Fragment count) {}

    /**
     * The clause, or the experiments, that leave the fewest runs; null if that is more than what walking an index in the
     * asked order, or over all runs, is expected to cost.
     */
    private @Nullable Beginning fewest(
            Layout layout, @Nullable List<Long> experiments, boolean walks, boolean walksExperiment, long wanted)
            throws SQLException {
        List<Beginning> candidates = new ArrayList<>();
        for (Filter clause : clauses) {
            Beginning candidate = beginning(layout, clause);
            if (candidate != null && candidates.size() < CANDIDATES) {
                candidates.add(candidate);
            }
        }
        if (experiments != null && !(walksExperiment && experiments.size() == 1)) {
            Fragment where = Fragment.of("run r" + dialect.using("run_by_experiment"));
            candidates.add(new Beginning(
                    where, Fragment.of("SELECT 1 FROM run WHERE experiment IN ").addList(experiments)));
        }
        if (candidates.isEmpty()) {
            return null;
        }
        Long runs = session.findLong("SELECT max(id) FROM run");
        double all = runs == null ? 1 : runs;
        // If m of all runs match, a walk takes wanted * all / m steps. To look up and sort the m takes about three
        // times as long for each.
        long least = (long) (walks ? Math.sqrt(wanted * all / 3) : all / 4) + 16;
        Beginning fewest = null;
        for (Beginning candidate : candidates) {
            Fragment sql =
                    Fragment.of("SELECT count(*) FROM (").add(candidate.count).add(" LIMIT ?)", least + 1);
            Long count = session.findLong(sql.text(), sql.arguments());
            if (count != null && count <= least) {
                fewest = candidate;
                least = count;
            }
        }
        return fewest;
    }

    private @Nullable Beginning beginning(Layout layout, Filter clause) {
        if (clause instanceof Filter.OneOf oneOf
                && !oneOf.negated()
                && oneOf.values().size() <= VALUES
                && oneOf.field().kind() != Field.Kind.DATASET) {
            Layout.Place place = layout.place(oneOf.field());
            if (place instanceof Layout.Pair pair) {
                return beginning(pair, oneOf.values());
            } else if (oneOf.field().equals(Fields.RUN_ID)) {
                return new Beginning(
                        Fragment.of("(SELECT id FROM run WHERE uid IN ")
                                .addList(oneOf.values())
                                .add(") d" + dialect.join() + "run r ON r.id = d.id"),
                        Fragment.of("SELECT 1 FROM run WHERE uid IN ").addList(oneOf.values()));
            }
        } else if (clause instanceof Filter.Compare compare
                && layout.place(compare.field()) instanceof Layout.Metric metric) {
            NumberRange range = NumberRange.ofCodes(compare.comparison(), compare.value());
            if (!range.outside()) {
                String index = dialect.using("metric_series_by_value");
                return new Beginning(
                        Fragment.of("(SELECT run FROM metric_series" + index + " WHERE key = ")
                                .add("? AND value BETWEEN ? AND ?) d", metric.key(), range.low(), range.high())
                                .add(dialect.join() + "run r ON r.id = d.run"),
                        Fragment.of("SELECT 1 FROM metric_series" + index + " WHERE key = ")
                                .add("? AND value BETWEEN ? AND ?", metric.key(), range.low(), range.high()));
            }
        }
        return null;
    }

    /** By the index on the beginnings of values; the clause itself looks at the whole ones. */
    private Beginning beginning(Layout.Pair pair, List<String> values) {
        String table = pair.pairs().table();
        List<String> prefixes =
                values.stream().map(FilterSql::prefix).distinct().toList();
        String where = table + dialect.using(table + "_by_value") + " WHERE name = ? AND "
                + dialect.prefix("value", Schema.INDEXED) + " IN ";
        return new Beginning(
                Fragment.of("(SELECT run FROM " + where, pair.name())
                        .addList(prefixes)
                        .add(") d" + dialect.join() + "run r ON r.id = d.run"),
                Fragment.of("SELECT 1 FROM " + where, pair.name()).addList(prefixes));
    }
}
