package io.jvmlops.api.tracking;

import io.jvmlops.api.metadata.Keys;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Points of one run, column by column, in the order they were logged. A store reads the columns; {@link #points} is the
 * same as objects, made as they are asked for.
 *
 * <p>The columns belong to whoever made the batch and may be used again when {@link MetricStore#append} has returned, so
 * a store copies what it keeps. Reading from several threads is safe as long as nobody writes to the columns.
 */
public final class MetricBatch {
    private final String runId;
    private final List<String> keys;
    private final int[] keyAt;
    private final long[] steps;
    private final long[] timestamps;
    private final double[] values;
    private final int size;
    private final @Nullable Origin origin;

    /**
     * Which batch of which writer it is, so that one whose first attempt was stored without the writer hearing of it is
     * not stored again.
     *
     * @param writer 1 to {@value Keys#MAX_KEY} characters, of one writer of the run and of no other, ever
     * @param sequence greater with every batch of that writer
     */
    public record Origin(String writer, long sequence) {
        public Origin {
            Keys.check("writer of a batch", writer);
        }
    }

    private MetricBatch(
            String runId,
            List<String> keys,
            int[] keyAt,
            long[] steps,
            long[] timestamps,
            double[] values,
            int size,
            @Nullable Origin origin) {
        this.runId = runId;
        this.keys = keys;
        this.keyAt = keyAt;
        this.steps = steps;
        this.timestamps = timestamps;
        this.values = values;
        this.size = size;
        this.origin = origin;
    }

    /** A batch of the points, copied. */
    public static MetricBatch of(String runId, List<MetricPoint> points) {
        int size = points.size();
        Map<String, Integer> keys = new LinkedHashMap<>();
        int[] keyAt = new int[size];
        long[] steps = new long[size];
        long[] timestamps = new long[size];
        double[] values = new double[size];
        int i = 0;
        for (MetricPoint point : points) {
            Integer known = keys.putIfAbsent(point.key(), keys.size());
            keyAt[i] = known == null ? keys.size() - 1 : known;
            steps[i] = point.step();
            timestamps[i] = point.timestampMillis();
            values[i] = point.value();
            i++;
        }
        return new MetricBatch(runId, List.copyOf(keys.keySet()), keyAt, steps, timestamps, values, size, null);
    }

    /**
     * A batch over columns that the caller leaves alone until the batch is stored.
     *
     * @param keys the distinct keys, each within the limits of {@link Keys}
     * @param keyAt for each point the position of its key in {@code keys}
     * @param size how many points; the arrays may be longer
     * @throws IllegalArgumentException if an array is shorter than {@code size}
     */
    public static MetricBatch transfer(
            String runId,
            List<String> keys,
            int[] keyAt,
            long[] steps,
            long[] timestampsMillis,
            double[] values,
            int size) {
        int shortest = Math.min(Math.min(keyAt.length, steps.length), Math.min(timestampsMillis.length, values.length));
        if (size < 0 || size > shortest) {
            throw new IllegalArgumentException(
                    "a batch of " + size + " points over columns of which the shortest has " + shortest);
        }
        return new MetricBatch(runId, keys, keyAt, steps, timestampsMillis, values, size, null);
    }

    /** The same points, over the same columns, with an origin. */
    public MetricBatch from(Origin origin) {
        return new MetricBatch(runId, keys, keyAt, steps, timestamps, values, size, origin);
    }

    public String runId() {
        return runId;
    }

    /** Null if nobody asks whether it was stored before. */
    public @Nullable Origin origin() {
        return origin;
    }

    public int size() {
        return size;
    }

    /** The distinct keys. */
    public List<String> keys() {
        return keys;
    }

    /** The position in {@link #keys} of a point's key. */
    public int keyIndexAt(int point) {
        return keyAt[checked(point)];
    }

    public long stepAt(int point) {
        return steps[checked(point)];
    }

    public long timestampMillisAt(int point) {
        return timestamps[checked(point)];
    }

    public double valueAt(int point) {
        return values[checked(point)];
    }

    public MetricPoint pointAt(int point) {
        return new MetricPoint(keys.get(keyIndexAt(point)), steps[point], timestamps[point], values[point]);
    }

    /** A view of the points as objects; valid as long as the batch is. Copy it to keep it. */
    public List<MetricPoint> points() {
        return new Points();
    }

    private int checked(int point) {
        if (point < 0 || point >= size) {
            throw new IndexOutOfBoundsException("point " + point + " of " + size);
        }
        return point;
    }

    /** How many points of which run, never their values. */
    @Override
    public String toString() {
        return size + " points of run " + runId + " " + new ArrayList<>(keys);
    }

    private final class Points extends AbstractList<MetricPoint> implements RandomAccess {
        @Override
        public MetricPoint get(int index) {
            return pointAt(index);
        }

        @Override
        public int size() {
            return size;
        }
    }
}
