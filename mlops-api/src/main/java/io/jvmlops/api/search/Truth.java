package io.jvmlops.api.search;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** SQL's three values, in the order in which AND is the least of them and OR the greatest. */
enum Truth {
    FALSE,
    UNKNOWN,
    TRUE;

    static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Truth of(Filter filter, Lookup lookup) {
        if (filter instanceof Filter.And and) {
            Truth least = TRUE;
            for (Filter part : and.filters()) {
                Truth truth = of(part, lookup);
                if (truth == FALSE) {
                    return FALSE;
                }
                least = truth == UNKNOWN ? UNKNOWN : least;
            }
            return least;
        }
        if (filter instanceof Filter.Or or) {
            Truth greatest = FALSE;
            for (Filter part : or.filters()) {
                Truth truth = of(part, lookup);
                if (truth == TRUE) {
                    return TRUE;
                }
                greatest = truth == UNKNOWN ? UNKNOWN : greatest;
            }
            return greatest;
        }
        if (filter instanceof Filter.Not not) {
            Truth truth = of(not.filter(), lookup);
            return truth == UNKNOWN ? UNKNOWN : of(truth == FALSE);
        }
        if (filter instanceof Filter.Compare compare) {
            OptionalDouble value = lookup.number(compare.field());
            return value.isEmpty() ? UNKNOWN : of(compare.comparison().test(value.getAsDouble(), compare.value()));
        }
        if (filter instanceof Filter.OneOf oneOf) {
            return any(lookup, oneOf.field(), value -> oneOf.values().contains(value) != oneOf.negated());
        }
        if (filter instanceof Filter.Like like) {
            return any(
                    lookup,
                    like.field(),
                    value -> Texts.like(value, like.pattern(), like.ignoreCase()) != like.negated());
        }
        if (filter instanceof Filter.IsNull isNull) {
            return of(
                    isNull.field() instanceof NumberField number
                            ? lookup.number(number).isEmpty()
                            : lookup.texts((TextField) isNull.field()).isEmpty());
        }
        return TRUE;
    }

    private static Truth any(Lookup lookup, TextField field, Predicate<String> test) {
        List<String> values = lookup.texts(field);
        return values.isEmpty() ? UNKNOWN : of(values.stream().anyMatch(test));
    }
}
