package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.List;

/** How large a filter may become, checked where filters are put together, so that every filter there is keeps to it. */
final class Bounds {
    private Bounds() {}

    static void check(String operator, List<Filter> filters) {
        if (filters.size() < 2) {
            throw new IllegalArgumentException(operator + " of " + filters.size() + " filters; expected 2 or more");
        }
        int depth = 0;
        int clauses = 0;
        for (Filter filter : filters) {
            depth = Math.max(depth, depth(filter));
            clauses += clauses(filter);
            if (clauses > Filter.MAX_CLAUSES) {
                throw new InvalidInputException(
                        "filter of more than " + Filter.MAX_CLAUSES + " clauses; expected at most so many");
            }
        }
        checkDepth(depth + 1);
        checkLength(Printer.join(operator, filters).length());
    }

    static void checkNot(Filter filter) {
        checkDepth(depth(filter) + 1);
        checkLength(Printer.negate(filter).length());
    }

    static void checkLength(long characters) {
        if (characters > Filter.MAX_TEXT) {
            throw new InvalidInputException(
                    "filter of " + characters + " characters when written out; expected at most " + Filter.MAX_TEXT);
        }
    }

    private static void checkDepth(int depth) {
        if (depth > Filter.MAX_DEPTH) {
            throw new InvalidInputException("filter of more than " + Filter.MAX_DEPTH
                    + " levels of AND, OR and NOT inside each other; expected at most so many");
        }
    }

    private static int depth(Filter filter) {
        if (filter instanceof Filter.Not not) {
            return 1 + depth(not.filter());
        }
        int depth = 0;
        for (Filter part : parts(filter)) {
            depth = Math.max(depth, 1 + depth(part));
        }
        return depth;
    }

    private static int clauses(Filter filter) {
        if (filter instanceof Filter.Not not) {
            return clauses(not.filter());
        }
        List<Filter> parts = parts(filter);
        if (parts.isEmpty()) {
            return 1;
        }
        int clauses = 0;
        for (Filter part : parts) {
            clauses += clauses(part);
        }
        return clauses;
    }

    private static List<Filter> parts(Filter filter) {
        return filter instanceof Filter.And and
                ? and.filters()
                : filter instanceof Filter.Or or ? or.filters() : List.of();
    }
}
