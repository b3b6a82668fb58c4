package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Field.Kind;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be searched, and by what.
 *
 * @param name for messages, in the plural: {@code runs}
 * @param kinds of fields it has; attributes need not be named
 * @param attributes all there are
 * @param tieBreak the order of what the asked order leaves equal, down to a field that no two share; without an asked
 *     order, the order
 */
public record Searchable(String name, Set<Kind> kinds, List<Attribute> attributes, List<Order> tieBreak) {
    /** Runs: the newest first; those started in one millisecond by id. */
    public static final Searchable RUNS = new Searchable(
            "runs",
            Set.of(Kind.METRIC, Kind.PARAM, Kind.TAG, Kind.DATASET),
            List.of(
                    new Attribute(Fields.RUN_ID),
                    new Attribute(Fields.RUN_NAME, "run name", "Run name", "Run Name"),
                    new Attribute(Fields.STATUS),
                    new Attribute(Fields.USER_ID),
                    new Attribute(Fields.ARTIFACT_URI),
                    new Attribute(Fields.START_TIME, "created", "Created"),
                    new Attribute(Fields.END_TIME),
                    new Attribute(Fields.EXPERIMENT_ID),
                    new Attribute(Fields.END_REASON)),
            List.of(Fields.START_TIME.descending(), Fields.RUN_ID.ascending()));

    /** Experiments: the newest first. */
    public static final Searchable EXPERIMENTS = new Searchable(
            "experiments",
            Set.of(Kind.TAG),
            List.of(
                    new Attribute(Fields.NAME),
                    new Attribute(Fields.EXPERIMENT_ID),
                    new Attribute(Fields.CREATION_TIME),
                    new Attribute(Fields.LAST_UPDATE_TIME)),
            List.of(Fields.CREATION_TIME.descending(), Fields.EXPERIMENT_ID.descending()));

    /**
     * An attribute: its field, which says its name and type.
     *
     * @param aliases other names for it in texts
     */
    public record Attribute(Field field, List<String> aliases) {
        public Attribute {
            if (field.kind() != Kind.ATTRIBUTE) {
                throw new IllegalArgumentException(field + ": expected an attribute, found " + field.kind());
            }
            aliases = List.copyOf(aliases);
        }

        Attribute(Field field, String... aliases) {
            this(field, List.of(aliases));
        }
    }

    public Searchable {
        kinds = Set.copyOf(kinds);
        attributes = List.copyOf(attributes);
        tieBreak = List.copyOf(tieBreak);
        if (tieBreak.isEmpty()) {
            throw new IllegalArgumentException(name + ": no order of equals; expected a field that no two share");
        }
    }

    /**
     * Checks a filter that was built by hand: that all its fields exist and are of that type.
     *
     * @return the filter
     * @throws InvalidInputException if not
     */
    public Filter check(Filter filter) {
        if (filter instanceof Filter.And and) {
            and.filters().forEach(this::check);
        } else if (filter instanceof Filter.Or or) {
            or.filters().forEach(this::check);
        } else if (filter instanceof Filter.Not not) {
            check(not.filter());
        } else if (filter instanceof Filter.Compare compare) {
            check(compare.field());
        } else if (filter instanceof Filter.OneOf oneOf) {
            check(oneOf.field());
        } else if (filter instanceof Filter.Like like) {
            check(like.field());
        } else if (filter instanceof Filter.IsNull isNull) {
            check(isNull.field());
        }
        return filter;
    }

    /**
     * Checks an order that was built by hand.
     *
     * @return the order
     * @throws InvalidInputException if its field does not exist or has another type
     */
    public Order check(Order order) {
        check(order.field());
        return order;
    }

    private void check(Field field) {
        if (field.kind() != Kind.ATTRIBUTE) {
            if (!kinds.contains(field.kind())) {
                throw new InvalidInputException(field + ": " + lacks(field.kind()));
            }
            return;
        }
        Field known = attribute(field.key());
        if (known == null || !known.key().equals(field.key())) {
            throw new InvalidInputException(field + ": " + lacksAttribute(field.key()));
        }
        if (!known.equals(field)) {
            throw new InvalidInputException(field + " of " + name + " is "
                    + (known instanceof NumberField ? "a number, found a text field" : "a text, found a number field"));
        }
    }

    /** The attribute of that name or alias. */
    @Nullable
    Field attribute(String name) {
        for (Attribute attribute : attributes) {
            if (attribute.field().key().equals(name) || attribute.aliases().contains(name)) {
                return attribute.field();
            }
        }
        return null;
    }

    String lacks(Kind kind) {
        return name + " have no " + kind.prefix();
    }

    String lacksAttribute(String attribute) {
        return name + " have no attribute \"" + Texts.clip(attribute) + "\"; expected one of " + names()
                + "; what is none is written with its kind: tags.name"
                + (kinds.contains(Kind.METRIC) ? ", metrics.name, params.name" : "");
    }

    String names() {
        return attributes.stream().map(a -> a.field().key()).collect(Collectors.joining(", "));
    }
}
