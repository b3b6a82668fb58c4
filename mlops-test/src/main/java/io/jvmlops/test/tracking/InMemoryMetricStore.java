package io.jvmlops.test.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The metrics of an {@link InMemoryTrackingStore}, which makes it. */
public final class InMemoryMetricStore implements MetricStore {
    private final InMemoryTrackingStore runs;
    private final Map<String, Map<String, List<MetricPoint>>> series = new HashMap<>();
    private boolean closed;

    InMemoryMetricStore(InMemoryTrackingStore runs) {
        this.runs = runs;
    }

    @Override
    public void append(List<MetricBatch> batches) {
        synchronized (runs) {
            requireOpen();
            batches.forEach(batch -> runs.requireActive(batch.runId()));
            batches.forEach(batch -> add(batch.runId(), batch.points()));
        }
    }

    /** Under the lock of the runs. */
    void add(String runId, List<MetricPoint> points) {
        Map<String, List<MetricPoint>> ofRun = series.computeIfAbsent(runId, id -> new TreeMap<>());
        for (MetricPoint point : points) {
            ofRun.computeIfAbsent(point.key(), key -> new ArrayList<>()).add(point);
        }
    }

    @Override
    public Stream<MetricPoint> history(String runId, String key) {
        synchronized (runs) {
            requireOpen();
            return series.getOrDefault(runId, Map.of()).getOrDefault(key, List.of()).stream()
                    .sorted(MetricPoint.BY_STEP)
                    .toList()
                    .stream();
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
        Map<String, MetricPoint> latest = new TreeMap<>();
        series.getOrDefault(runId, Map.of())
                .forEach((key, points) -> latest.put(key, Collections.max(points, MetricPoint.BY_STEP)));
        return Collections.unmodifiableMap(latest);
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
