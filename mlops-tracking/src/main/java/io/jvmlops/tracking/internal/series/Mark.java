package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.MetricPoint;

/**
 * A point of a series as three integers whose order is that of the series: {@link MetricPoint#BY_STEP}, and where that
 * sees no difference (two NaN) by their bits.
 *
 * @param at milliseconds since the epoch
 * @param code the value as of {@link ValueOrder}
 */
public record Mark(long step, long at, long code) implements Comparable<Mark> {
    public double value() {
        return ValueOrder.value(code);
    }

    /** The point, as a point of that metric. */
    public MetricPoint toPoint(String key) {
        return new MetricPoint(key, step, at, value());
    }

    @Override
    public int compareTo(Mark other) {
        return compare(step, at, code, other.step, other.at, other.code);
    }

    static int compare(long aStep, long aAt, long aCode, long bStep, long bAt, long bCode) {
        if (aStep != bStep) {
            return aStep < bStep ? -1 : 1;
        }
        if (aAt != bAt) {
            return aAt < bAt ? -1 : 1;
        }
        return Long.compare(aCode, bCode);
    }
}
