package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.StepBlocks;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the points of one block; see {@link MetricBucket} for the meaning of the parts. Nodes of disjoint
 * points are merged in any order with the same result, so points that arrive late need no rebuilding.
 *
 * @param min null if all points are NaN
 * @param max null if all points are NaN
 */
public record Node(
        long count,
        long nans,
        Mark first,
        Mark last,
        @Nullable Mark min,
        @Nullable Mark max) {
    /** The points {@code from} (inclusive) to {@code to} (exclusive), one at least, which are in order. */
    static Node of(PointColumns points, int from, int to) {
        long nans = 0;
        int min = -1;
        int max = -1;
        long minCode = 0;
        long maxCode = 0;
        for (int i = from; i < to; i++) {
            long code = ValueOrder.encode(points.bits[i]);
            if (ValueOrder.isNaN(code)) {
                nans++;
                continue;
            }
            // Points are in order, so of equal values the first stays.
            if (min < 0 || code < minCode) {
                min = i;
                minCode = code;
            }
            if (max < 0 || code > maxCode) {
                max = i;
                maxCode = code;
            }
        }
        return new Node(
                to - from,
                nans,
                points.markAt(from),
                points.markAt(to - 1),
                min < 0 ? null : points.markAt(min),
                max < 0 ? null : points.markAt(max));
    }

    /** The node of the points of both. */
    public Node merge(Node other) {
        return new Node(
                count + other.count,
                nans + other.nans,
                first.compareTo(other.first) <= 0 ? first : other.first,
                last.compareTo(other.last) >= 0 ? last : other.last,
                preferred(min, other.min, 1),
                preferred(max, other.max, -1));
    }

    private static @Nullable Mark preferred(@Nullable Mark a, @Nullable Mark b, int sign) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        int byValue = sign * Long.compare(a.code(), b.code());
        return byValue < 0 || (byValue == 0 && a.compareTo(b) <= 0) ? a : b;
    }

    /** The node as what a store answers. */
    public MetricBucket toBucket(String key, int level, long block) {
        return new MetricBucket(
                StepBlocks.firstStep(level, block),
                StepBlocks.lastStep(level, block),
                count,
                nans,
                first.toPoint(key),
                last.toPoint(key),
                min == null ? null : min.toPoint(key),
                max == null ? null : max.toPoint(key));
    }
}
