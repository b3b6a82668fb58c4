package io.jvmlops.api.tracking;

import org.jspecify.annotations.Nullable;

/**
 * What one block of steps holds, in place of its points. Which blocks there are is the rule of {@link StepBlocks}.
 *
 * @param firstStep the least step of the block, whether a point has it or not
 * @param lastStep the greatest step of the block, inclusive
 * @param count how many points are in the block, at least one
 * @param nans how many of them are NaN
 * @param first the least point in the order of {@link MetricPoint#BY_STEP}
 * @param last the greatest point in that order
 * @param min the point of the least value, NaN left out, by {@link Double#compare}; of several the earliest in that
 *     order; null if all points are NaN
 * @param max the point of the greatest value, likewise
 */
public record MetricBucket(
        long firstStep,
        long lastStep,
        long count,
        long nans,
        MetricPoint first,
        MetricPoint last,
        @Nullable MetricPoint min,
        @Nullable MetricPoint max) {
    /** @throws IllegalArgumentException if the parts contradict each other */
    public MetricBucket {
        if (firstStep > lastStep || first.step() < firstStep || last.step() > lastStep) {
            throw new IllegalArgumentException("a bucket of steps " + firstStep + " to " + lastStep
                    + " with points from step " + first.step() + " to " + last.step());
        }
        if (count < 1 || nans < 0 || nans > count) {
            throw new IllegalArgumentException("a bucket of " + count + " points of which " + nans + " are NaN");
        }
        if ((min == null) != (nans == count) || (max == null) != (nans == count)) {
            throw new IllegalArgumentException("a bucket has a least and a greatest value unless all are NaN; " + nans
                    + " of " + count + " are, min is " + (min == null ? "absent" : "present") + ", max is "
                    + (max == null ? "absent" : "present"));
        }
    }
}
