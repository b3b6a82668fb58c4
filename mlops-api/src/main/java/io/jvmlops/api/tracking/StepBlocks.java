package io.jvmlops.api.tracking;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule by which every store makes few buckets of many points: at level {@code k} the steps are cut into the aligned
 * blocks {@code [i * 2^k, (i + 1) * 2^k)}, and a bucket is a block that is not empty. Blocks depend on nothing but the
 * step, so buckets of several runs lie above each other, and those of one level are unions of those below.
 *
 * <p>Levels go from 0, a block for every step, to {@value #MAX_LEVEL}, one block for all. At level 63 there are two:
 * the negative steps and the others.
 */
public final class StepBlocks {
    /** The level at which one block holds every step. */
    public static final int MAX_LEVEL = 64;

    private StepBlocks() {}

    /**
     * The smallest level at which the steps from {@code lo} to {@code hi}, both inclusive, touch at most {@code n}
     * blocks.
     *
     * @throws IllegalArgumentException if {@code lo} is greater than {@code hi} or {@code n} is less than one
     */
    public static int level(long lo, long hi, int n) {
        if (n < 1) {
            throw new IllegalArgumentException("at most " + n + " buckets; expected at least 1");
        }
        int level = 0;
        // As an unsigned number: the whole range of steps has one block more than a long can count.
        while (Long.compareUnsigned(blocksBetween(level, lo, hi), n - 1L) > 0) {
            level++;
        }
        return level;
    }

    /**
     * How many blocks lie after the block of {@code lo} up to the block of {@code hi}: one less than the two and those
     * between them, as an unsigned number.
     *
     * @throws IllegalArgumentException if {@code lo} is greater than {@code hi}
     */
    public static long blocksBetween(int level, long lo, long hi) {
        if (lo > hi) {
            throw new IllegalArgumentException("steps from " + lo + " to " + hi + "; expected ascending ones");
        }
        return block(level, hi) - block(level, lo);
    }

    /**
     * The number of the block that a step is in.
     *
     * @throws IllegalArgumentException if there is no such level
     */
    public static long block(int level, long step) {
        return checked(level) == MAX_LEVEL ? 0 : step >> level;
    }

    /** The least step of a block. */
    public static long firstStep(int level, long block) {
        return checked(level) == MAX_LEVEL ? Long.MIN_VALUE : block << level;
    }

    /** The greatest step of a block, inclusive. */
    public static long lastStep(int level, long block) {
        return checked(level) == MAX_LEVEL ? Long.MAX_VALUE : (block << level) | ((1L << level) - 1);
    }

    /**
     * The buckets of points, ascending: what a store must answer, said in the simplest way, for stores that have all
     * points in memory.
     *
     * @param points of one metric of one run, in the order of {@link MetricPoint#BY_STEP}
     * @throws IllegalArgumentException if the points are not in order, or there is no such level
     */
    public static List<MetricBucket> bucket(int level, Iterable<MetricPoint> points) {
        List<MetricBucket> buckets = new ArrayList<>();
        List<MetricPoint> block = new ArrayList<>();
        MetricPoint before = null;
        for (MetricPoint point : points) {
            if (before != null) {
                if (MetricPoint.BY_STEP.compare(before, point) > 0) {
                    throw new IllegalArgumentException(
                            "points of " + point.key() + " out of order after step " + before.step());
                }
                if (block(level, before.step()) != block(level, point.step())) {
                    buckets.add(bucketOf(level, block));
                    block.clear();
                }
            }
            block.add(point);
            before = point;
        }
        if (!block.isEmpty()) {
            buckets.add(bucketOf(level, block));
        }
        return buckets;
    }

    private static MetricBucket bucketOf(int level, List<MetricPoint> points) {
        MetricPoint first = points.get(0);
        MetricPoint last = points.get(points.size() - 1);
        long nans = 0;
        @Nullable MetricPoint min = null;
        @Nullable MetricPoint max = null;
        for (MetricPoint point : points) {
            if (Double.isNaN(point.value())) {
                nans++;
                continue;
            }
            if (min == null || Double.compare(point.value(), min.value()) < 0) {
                min = point;
            }
            if (max == null || Double.compare(point.value(), max.value()) > 0) {
                max = point;
            }
        }
        long block = block(level, first.step());
        return new MetricBucket(
                firstStep(level, block), lastStep(level, block), points.size(), nans, first, last, min, max);
    }

    private static int checked(int level) {
        if (level < 0 || level > MAX_LEVEL) {
            throw new IllegalArgumentException("level " + level + "; expected 0 to " + MAX_LEVEL);
        }
        return level;
    }
}
