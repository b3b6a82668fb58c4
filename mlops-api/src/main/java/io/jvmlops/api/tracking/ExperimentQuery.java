package io.jvmlops.api.tracking;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Order;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.search.Search;
import io.jvmlops.api.search.Searchable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which experiments to find, and in which order: {@code ExperimentQuery.all().where("tags.team = 'vision'")}. A value;
 * every method gives another one.
 *
 * @param orders that decide first; what they leave equal, and a query without orders, is in the order of {@link
 *     Searchable#EXPERIMENTS}: newest first
 * @param limit at most so many at once, 1 or more
 * @param cursor {@link Page#next} of the page before, or null for the first page
 */
public record ExperimentQuery(
        Filter filter,
        List<Order> orders,
        View view,
        int limit,
        @Nullable String cursor) {
    /** How many experiments a query gives that does not say. */
    public static final int DEFAULT_LIMIT = 1000;

    /** @throws InvalidInputException if experiments lack a field of the filter or the orders */
    public ExperimentQuery {
        RunQuery.requireLimit(limit);
        orders = List.copyOf(orders);
        RunQuery.check(Searchable.EXPERIMENTS, filter, orders);
    }

    /** All experiments that are not deleted. */
    public static ExperimentQuery all() {
        return new ExperimentQuery(Filter.all(), List.of(), View.ACTIVE, DEFAULT_LIMIT, null);
    }

    /**
     * And what this filter says, see {@link Filter}.
     *
     * @throws InvalidInputException if it says nothing; the message points at the character
     */
    public ExperimentQuery where(String filter) {
        return where(Filter.parse(filter, Searchable.EXPERIMENTS));
    }

    /** And what this filter says. */
    public ExperimentQuery where(Filter filter) {
        return new ExperimentQuery(this.filter.and(filter), orders, view, limit, cursor);
    }

    /**
     * After the orders that it has already.
     *
     * @throws InvalidInputException if one is none; the message points at the character
     */
    public ExperimentQuery orderBy(String... orders) {
        return orderBy(RunQuery.parse(Searchable.EXPERIMENTS, orders));
    }

    /** After the orders that it has already. */
    public ExperimentQuery orderBy(Order... orders) {
        return new ExperimentQuery(filter, RunQuery.joined(this.orders, orders), view, limit, cursor);
    }

    /** {@link View#ACTIVE} unless said otherwise. */
    public ExperimentQuery view(View view) {
        return new ExperimentQuery(filter, orders, view, limit, cursor);
    }

    public ExperimentQuery limitedTo(int limit) {
        return new ExperimentQuery(filter, orders, view, limit, cursor);
    }

    /** The page after the one that gave this cursor; null for the first page. */
    public ExperimentQuery after(@Nullable String cursor) {
        return new ExperimentQuery(filter, orders, view, limit, cursor);
    }

    /** What a store has to answer. The scope is the view. */
    public Search search() {
        return new Search(Searchable.EXPERIMENTS, view.toString(), filter, orders);
    }
}
