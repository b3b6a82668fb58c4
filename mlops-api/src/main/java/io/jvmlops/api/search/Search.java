package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a store has to answer: which things, in which order, and how a page continues the one before.
 *
 * <p>A token says after which {@link SortKey} to go on, not after how many items: what is inserted or deleted meanwhile
 * neither repeats nor skips others. It belongs to one search and is refused by others. It is not secret: it holds the
 * last item's values of the fields that order.
 *
 * @param scope what else narrows it, in the store's own words, so that tokens do not cross: {@code "experiment 7"}
 * @param orders that decide first; those of {@link Searchable#tieBreak()} that are not among them are added, and a field
 *     that comes again is dropped
 */
public record Search(Searchable subject, String scope, Filter filter, List<Order> orders) {
    /** How many orders can be asked for. */
    public static final int MAX_ORDERS = 20;

    /**
     * @throws InvalidInputException if what is searched lacks a field of the filter or the orders, or there are too many
     *     orders
     */
    public Search {
        subject.check(filter);
        Map<Field, Order> byField = new LinkedHashMap<>();
        for (Order order : orders) {
            byField.putIfAbsent(subject.check(order).field(), order);
        }
        if (byField.size() > MAX_ORDERS + subject.tieBreak().size()) {
            throw new InvalidInputException("search of " + subject.name() + ": " + byField.size()
                    + " fields to order by; expected at most " + MAX_ORDERS);
        }
        for (Order order : subject.tieBreak()) {
            byField.putIfAbsent(order.field(), order);
        }
        orders = List.copyOf(byField.values());
    }

    /** Where a thing stands. */
    public SortKey key(Lookup lookup) {
        List<SortKey.Value> values = new ArrayList<>(orders.size());
        for (Order order : orders) {
            values.add(order.valueOf(lookup));
        }
        return new SortKey(values);
    }

    /** Compares keys of this search. */
    public Comparator<SortKey> comparator() {
        return (a, b) -> {
            for (int i = 0; i < orders.size(); i++) {
                int order = orders.get(i).compare(a.values().get(i), b.values().get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    /** The token for what comes after a key. */
    public String tokenAfter(SortKey last) {
        return Tokens.encode(this, last);
    }

    /**
     * The key that a token was made for.
     *
     * @throws InvalidInputException if it is not one, or one of another search
     */
    public SortKey keyOf(String token) {
        return Tokens.decode(this, token);
    }

    /**
     * A page of things in memory: what matches, sorted, after the token.
     *
     * @param things all there are in the scope
     * @param token of the page before; null for the first
     * @param limit at most so many, 1 or more
     * @throws InvalidInputException if the token is not one of this search
     */
    public <T> Page<T> page(
            Collection<T> things, Function<? super T, ? extends Lookup> lookup, @Nullable String token, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + ": expected 1 or more");
        }
        record Candidate<T>(SortKey key, T thing) {}
        SortKey after = token == null ? null : keyOf(token);
        Comparator<SortKey> comparator = comparator();
        List<Candidate<T>> found = new ArrayList<>();
        for (T thing : things) {
            Lookup values = lookup.apply(thing);
            if (filter.matches(values)) {
                SortKey key = key(values);
                if (after == null || comparator.compare(key, after) > 0) {
                    found.add(new Candidate<>(key, thing));
                }
            }
        }
        found.sort(Comparator.comparing(Candidate::key, comparator));
        boolean more = found.size() > limit;
        List<Candidate<T>> page = more ? found.subList(0, limit) : found;
        return new Page<>(
                page.stream().map(Candidate::thing).toList(),
                more ? tokenAfter(page.get(limit - 1).key()) : null);
    }
}
