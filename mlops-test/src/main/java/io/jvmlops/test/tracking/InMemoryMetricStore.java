package io.jvmlops.test.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Keeps metrics in memory, for tests: everything is gone with the object. */
public final class InMemoryMetricStore implements MetricStore {
    private final TrackingStore runs;
    private final Map<String, Map<String, List<MetricPoint>>> series = new HashMap<>();
    private boolean closed;

    /** @param runs knows which runs there are; not closed by this */
    public InMemoryMetricStore(TrackingStore runs) {
        this.runs = runs;
    }

    @Override
    public synchronized void append(List<MetricBatch> batches) {
        requireOpen();
        for (MetricBatch batch : batches) {
            if (runs.findRun(batch.runId()).isEmpty()) {
                throw new NotFoundException("metrics of run " + batch.runId() + ": there is no such run");
            }
        }
        for (MetricBatch batch : batches) {
            Map<String, List<MetricPoint>> ofRun = series.computeIfAbsent(batch.runId(), id -> new TreeMap<>());
            for (MetricPoint point : batch.points()) {
                ofRun.computeIfAbsent(point.key(), key -> new ArrayList<>()).add(point);
            }
        }
    }

    @Override
    public synchronized Stream<MetricPoint> history(String runId, String key) {
        requireOpen();
        return series.getOrDefault(runId, Map.of()).getOrDefault(key, List.of()).stream()
                .sorted(MetricPoint.BY_STEP)
                .toList()
                .stream();
    }

    @Override
    public synchronized Map<String, MetricPoint> latest(String runId) {
        requireOpen();
        Map<String, MetricPoint> latest = new TreeMap<>();
        series.getOrDefault(runId, Map.of())
                .forEach((key, points) -> latest.put(key, Collections.max(points, MetricPoint.BY_STEP)));
        return Collections.unmodifiableMap(latest);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this metric store in memory has been closed");
        }
    }
}
