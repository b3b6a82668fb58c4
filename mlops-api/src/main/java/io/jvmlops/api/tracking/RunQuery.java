package io.jvmlops.api.tracking;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Order;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.search.Search;
import io.jvmlops.api.search.Searchable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which runs to find, and in which order: {@code RunQuery.all().inExperiment(id).where("metrics.loss < 0.3")
 * .orderBy("metrics.loss").limitedTo(100)}. A value; every method gives another one.
 *
 * @param experimentIds of these experiments, at most {@value #MAX_EXPERIMENTS}; null for all there are; an empty list
 *     finds nothing
 * @param orders that decide first; what they leave equal, and a query without orders, is in the order of {@link
 *     Searchable#RUNS}: newest first, then by id
 * @param limit at most so many at once, 1 or more
 * @param cursor {@link Page#next} of the page before, or null for the first page
 */
public record RunQuery(
        @Nullable List<String> experimentIds,
        Filter filter,
        List<Order> orders,
        View view,
        int limit,
        @Nullable String cursor) {
    /** How many runs a query gives that does not say. */
    public static final int DEFAULT_LIMIT = 1000;

    public static final int MAX_EXPERIMENTS = 1000;

    /** @throws InvalidInputException if runs lack a field of the filter or the orders, or there are too many of anything */
    public RunQuery {
        requireLimit(limit);
        if (experimentIds != null) {
            experimentIds = List.copyOf(new TreeSet<>(experimentIds));
            if (experimentIds.size() > MAX_EXPERIMENTS) {
                throw new InvalidInputException("search of runs in " + experimentIds.size()
                        + " experiments; expected at most " + MAX_EXPERIMENTS + ", or all");
            }
        }
        orders = List.copyOf(orders);
        check(Searchable.RUNS, filter, orders);
    }

    static void requireLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + ": expected 1 or more");
        }
    }

    static void check(Searchable subject, Filter filter, List<Order> orders) {
        if (new Search(subject, "", filter, orders).orders().isEmpty()) {
            throw new IllegalStateException("a search of " + subject.name() + " without any order");
        }
    }

    /** All runs that are not deleted. */
    public static RunQuery all() {
        return new RunQuery(null, Filter.all(), List.of(), View.ACTIVE, DEFAULT_LIMIT, null);
    }

    public RunQuery inExperiment(String id) {
        return inExperiments(List.of(id));
    }

    /** In any of these, and no others that were named before. An id that no experiment has finds nothing. */
    public RunQuery inExperiments(Collection<String> ids) {
        return new RunQuery(List.copyOf(ids), filter, orders, view, limit, cursor);
    }

    /**
     * And what this filter says, see {@link Filter}.
     *
     * @throws InvalidInputException if it says nothing; the message points at the character
     */
    public RunQuery where(String filter) {
        return where(Filter.parse(filter, Searchable.RUNS));
    }

    /** And what this filter says. */
    public RunQuery where(Filter filter) {
        return new RunQuery(experimentIds, this.filter.and(filter), orders, view, limit, cursor);
    }

    /**
     * After the orders that it has already: {@code "metrics.loss ASC", "params.model DESC"}.
     *
     * @throws InvalidInputException if one is none; the message points at the character
     */
    public RunQuery orderBy(String... orders) {
        return orderBy(parse(Searchable.RUNS, orders));
    }

    /** After the orders that it has already. */
    public RunQuery orderBy(Order... orders) {
        return new RunQuery(experimentIds, filter, joined(this.orders, orders), view, limit, cursor);
    }

    /** {@link View#ACTIVE} unless said otherwise. */
    public RunQuery view(View view) {
        return new RunQuery(experimentIds, filter, orders, view, limit, cursor);
    }

    public RunQuery limitedTo(int limit) {
        return new RunQuery(experimentIds, filter, orders, view, limit, cursor);
    }

    /**
     * The page after the one that gave this cursor. It goes on after the last run of that page as it was then: a run that
     * has moved since can come again or be left out, others cannot.
     *
     * @param cursor null for the first page, so that a loop needs no special case
     */
    public RunQuery after(@Nullable String cursor) {
        return new RunQuery(experimentIds, filter, orders, view, limit, cursor);
    }

    /** What a store has to answer. The scope is the experiments and the view. */
    public Search search() {
        String where = experimentIds == null ? "all experiments" : "experiments " + experimentIds;
        return new Search(Searchable.RUNS, where + ", " + view, filter, orders);
    }

    static Order[] parse(Searchable subject, String... orders) {
        return Arrays.stream(orders).map(order -> Order.parse(order, subject)).toArray(Order[]::new);
    }

    static List<Order> joined(List<Order> first, Order... more) {
        List<Order> orders = new ArrayList<>(first);
        orders.addAll(List.of(more));
        return orders;
    }
}
