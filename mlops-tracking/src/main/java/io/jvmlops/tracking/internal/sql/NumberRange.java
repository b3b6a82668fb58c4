package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.search.Filter.Comparison;
import io.jvmlops.tracking.internal.series.ValueOrder;

/**
 * The integers between two, both included, that stand for the numbers of which a comparison is true; none if {@code low}
 * is above {@code high}.
 *
 * @param outside true where the integers outside are meant
 */
record NumberRange(long low, long high, boolean outside) {
    /** The codes of the infinities: what is beyond them is NaN. */
    static final long LEAST = ValueOrder.encode(Double.NEGATIVE_INFINITY);

    static final long GREATEST = ValueOrder.encode(Double.POSITIVE_INFINITY);

    private static final NumberRange NONE = new NumberRange(1, 0, false);

    /** Of codes of {@link ValueOrder}, as IEEE 754 compares what they stand for. */
    static NumberRange ofCodes(Comparison comparison, double value) {
        long low = ValueOrder.encode(value == 0 ? -0.0 : value);
        long high = ValueOrder.encode(value == 0 ? 0.0 : value);
        return switch (comparison) {
            case EQ -> new NumberRange(low, high, false);
            case NE -> new NumberRange(low, high, true);
            // Nothing is less than negative infinity, and its code may be the least of all integers.
            case LT -> low == LEAST ? NONE : new NumberRange(LEAST, low - 1, false);
            case LE -> new NumberRange(LEAST, high, false);
            case GT -> high == GREATEST ? NONE : new NumberRange(high + 1, GREATEST, false);
            case GE -> new NumberRange(low, GREATEST, false);
        };
    }

    /** Of integers, as IEEE 754 compares the doubles next to them. */
    static NumberRange ofIntegers(Comparison comparison, double value) {
        return switch (comparison) {
            case EQ, NE -> between(least(value, false), least(value, true), comparison == Comparison.NE);
            case LT -> between(Bound.MIN, least(value, false), false);
            case LE -> between(Bound.MIN, least(value, true), false);
            case GT -> between(least(value, true), Bound.END, false);
            case GE -> between(least(value, false), Bound.END, false);
        };
    }

    NumberRange inverted() {
        return new NumberRange(low, high, !outside);
    }

    /** An integer, or the one after the greatest. */
    private record Bound(long value, boolean isEnd) {
        static final Bound MIN = new Bound(Long.MIN_VALUE, false);
        static final Bound END = new Bound(0, true);
    }

    private static NumberRange between(Bound from, Bound end, boolean outside) {
        if (from.isEnd || !end.isEnd && end.value <= from.value) {
            return new NumberRange(1, 0, outside);
        }
        return new NumberRange(from.value, end.isEnd ? Long.MAX_VALUE : end.value - 1, outside);
    }

    /** The least integer whose double is not less than the value, or is greater than it. */
    private static Bound least(double value, boolean greater) {
        if (!reaches(Long.MAX_VALUE, value, greater)) {
            return Bound.END;
        }
        long low = Long.MIN_VALUE;
        long high = Long.MAX_VALUE;
        while (low < high) {
            long middle = (low & high) + ((low ^ high) >> 1);
            if (reaches(middle, value, greater)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return new Bound(low, false);
    }

    private static boolean reaches(long integer, double value, boolean greater) {
        return greater ? (double) integer > value : (double) integer >= value;
    }
}
