package io.jvmlops.test.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.StepBlocks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The metrics of an {@link InMemoryTrackingStore}, which makes it. Says in the simplest way what a store does. */
public final class InMemoryMetricStore implements MetricStore {
    private final InMemoryTrackingStore runs;
    private final Map<String, Map<String, List<MetricPoint>>> series = new HashMap<>();
    private final Map<String, Map<String, MetricPoint>> latest = new HashMap<>();
    private final Map<String, Map<String, Long>> sequences = new HashMap<>();
    private boolean closed;

    InMemoryMetricStore(InMemoryTrackingStore runs) {
        this.runs = runs;
    }

    @Override
    public void append(List<MetricBatch> batches) {
        synchronized (runs) {
            requireOpen();
            batches.forEach(batch -> runs.requireActive(batch.runId()));
            batches.stream().filter(this::isNew).forEach(batch -> add(batch.runId(), batch.points()));
        }
    }

    private boolean isNew(MetricBatch batch) {
        MetricBatch.Origin origin = batch.origin();
        if (origin == null) {
            return true;
        }
        Map<String, Long> ofRun = sequences.computeIfAbsent(batch.runId(), id -> new HashMap<>());
        Long last = ofRun.get(origin.writer());
        if (last != null && last >= origin.sequence()) {
            return false;
        }
        ofRun.put(origin.writer(), origin.sequence());
        return true;
    }

    /** Under the lock of the runs. */
    void add(String runId, List<MetricPoint> points) {
        Map<String, List<MetricPoint>> ofRun = series.computeIfAbsent(runId, id -> new TreeMap<>());
        for (MetricPoint point : points) {
            ofRun.computeIfAbsent(point.key(), key -> new ArrayList<>()).add(point);
            latest.computeIfAbsent(runId, id -> new TreeMap<>())
                    .merge(point.key(), point, (a, b) -> MetricPoint.BY_STEP.compare(a, b) >= 0 ? a : b);
        }
    }

    @Override
    public Stream<MetricPoint> history(String runId, String key) {
        synchronized (runs) {
            requireOpen();
            return sorted(runId, key).stream();
        }
    }

    private List<MetricPoint> sorted(String runId, String key) {
        return series.getOrDefault(runId, Map.of()).getOrDefault(key, List.of()).stream()
                .sorted(MetricPoint.BY_STEP)
                .toList();
    }

    @Override
    public Map<String, List<MetricBucket>> buckets(BucketQuery query) {
        synchronized (runs) {
            requireOpen();
            Map<String, List<MetricPoint>> points = new LinkedHashMap<>();
            for (String runId : query.runIds()) {
                List<MetricPoint> ofRun = sorted(runId, query.key());
                if (!ofRun.isEmpty()) {
                    points.put(runId, ofRun);
                }
            }
            Map<String, List<MetricBucket>> buckets = new LinkedHashMap<>();
            long lo = Long.MAX_VALUE;
            long hi = Long.MIN_VALUE;
            for (List<MetricPoint> ofRun : points.values()) {
                lo = Math.min(lo, ofRun.get(0).step());
                hi = Math.max(hi, ofRun.get(ofRun.size() - 1).step());
            }
            lo = query.fromStep() == null ? lo : Math.max(lo, query.fromStep());
            hi = query.toStep() == null ? hi : Math.min(hi, query.toStep());
            for (Map.Entry<String, List<MetricPoint>> entry : points.entrySet()) {
                buckets.put(entry.getKey(), lo > hi ? List.of() : bucketsOf(entry.getValue(), lo, hi, query));
            }
            return buckets;
        }
    }

    private static List<MetricBucket> bucketsOf(List<MetricPoint> points, long lo, long hi, BucketQuery query) {
        int level = StepBlocks.level(lo, hi, query.maxBuckets());
        return StepBlocks.bucket(level, points).stream()
                .filter(bucket -> bucket.lastStep() >= lo && bucket.firstStep() <= hi)
                .toList();
    }

    @Override
    public long expire(Instant before) {
        synchronized (runs) {
            requireOpen();
            long expired = 0;
            for (Map<String, List<MetricPoint>> ofRun : series.values()) {
                for (List<MetricPoint> points : ofRun.values()) {
                    int had = points.size();
                    points.removeIf(point ->
                            Instant.ofEpochMilli(point.timestampMillis()).isBefore(before));
                    expired += had - points.size();
                }
            }
            return expired;
        }
    }

    @Override
    public Map<String, MetricPoint> latest(String runId) {
        synchronized (runs) {
            requireOpen();
            return latestOf(runId);
        }
    }

    /** Under the lock of the runs. */
    Map<String, MetricPoint> latestOf(String runId) {
        return Collections.unmodifiableMap(new TreeMap<>(latest.getOrDefault(runId, Map.of())));
    }

    /** Under the lock of the runs. */
    void purge(String runId) {
        series.remove(runId);
        latest.remove(runId);
        sequences.remove(runId);
    }

    @Override
    public void close() {
        synchronized (runs) {
            closed = true;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this metric store in memory has been closed");
        }
    }
}
