package io.jvmlops.api.tracking;

import java.util.List;

/** Points of one run. */
public record MetricBatch(String runId, List<MetricPoint> points) {
    public MetricBatch {
        points = List.copyOf(points);
    }
}
