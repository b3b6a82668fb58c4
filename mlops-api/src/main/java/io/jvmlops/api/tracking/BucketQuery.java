package io.jvmlops.api.tracking;

import io.jvmlops.api.metadata.Keys;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the points of one metric as few buckets, of several runs at once.
 *
 * <p>All runs get blocks of one size: {@code lo} is the least step any of the runs has, or {@code fromStep} if that is
 * greater; {@code hi} is the greatest step, or {@code toStep} if that is less; the level is
 * {@link StepBlocks#level}{@code (lo, hi, maxBuckets)}. The answer is the blocks of that level that {@code lo} to
 * {@code hi} touch and that are not empty. They are whole: at both edges they may hold points beyond the steps asked
 * for, so that a bucket says the same in every answer it is part of.
 *
 * @param runIds whose series, at most {@value #MAX_RUNS}; one that comes twice counts once
 * @param key which metric, within the limits of {@link Keys}
 * @param maxBuckets how many buckets each run has at most, 1 to {@value #MAX_BUCKETS}
 * @param fromStep from this step on; null for the first there is
 * @param toStep to this step, inclusive; null for the last there is
 */
public record BucketQuery(
        List<String> runIds,
        String key,
        int maxBuckets,
        @Nullable Long fromStep,
        @Nullable Long toStep) {
    /** The most buckets of a run. */
    public static final int MAX_BUCKETS = 100_000;
    /** The most runs of a query. */
    public static final int MAX_RUNS = 1_000;

    /** @throws IllegalArgumentException if there are too many runs or buckets, or the steps descend */
    public BucketQuery {
        runIds = List.copyOf(new LinkedHashSet<>(runIds));
        Keys.check("key of a metric", key);
        if (runIds.size() > MAX_RUNS) {
            throw new IllegalArgumentException(
                    "buckets of " + runIds.size() + " runs: expected at most " + MAX_RUNS + "; ask several times");
        }
        if (maxBuckets < 1 || maxBuckets > MAX_BUCKETS) {
            throw new IllegalArgumentException("at most " + maxBuckets + " buckets: expected 1 to " + MAX_BUCKETS);
        }
        if (fromStep != null && toStep != null && fromStep > toStep) {
            throw new IllegalArgumentException(
                    "steps from " + fromStep + " to " + toStep + ": expected ascending ones");
        }
    }

    /** All steps of one run. */
    public static BucketQuery of(String runId, String key, int maxBuckets) {
        return new BucketQuery(List.of(Objects.requireNonNull(runId)), key, maxBuckets, null, null);
    }

    /** The same, between two steps, both inclusive. */
    public BucketQuery between(long from, long to) {
        return new BucketQuery(runIds, key, maxBuckets, from, to);
    }
}
