package io.jvmlops.api.tracking;

import io.jvmlops.api.metadata.Keys;
import java.util.Comparator;

/**
 * One value of a metric.
 *
 * @param key which metric, within the limits of {@link Keys}
 * @param step any {@code long}; several points may share one
 * @param timestampMillis milliseconds since the epoch
 * @param value any {@code double}, NaN and infinities included
 */
public record MetricPoint(String key, long step, long timestampMillis, double value) {
    /** By step, then timestamp, then value: the greatest is a metric's latest. */
    public static final Comparator<MetricPoint> BY_STEP = Comparator.comparingLong(MetricPoint::step)
            .thenComparingLong(MetricPoint::timestampMillis)
            .thenComparingDouble(MetricPoint::value);

    public MetricPoint {
        Keys.check("key of a metric", key);
    }
}
