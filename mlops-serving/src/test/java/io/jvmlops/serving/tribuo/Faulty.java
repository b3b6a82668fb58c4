package io.jvmlops.serving.tribuo;

import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.ForwardingRun;
import io.jvmlops.api.tracking.Run;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run whose store is away for a while. */
final class Faulty extends ForwardingRun {
    volatile boolean away;

    Faulty(Run run) {
        super(run);
    }

    private void requireStore() {
        if (away) {
            throw new StorageException("the store is away", null, true);
        }
    }

    @Override
    public Run startChild(String name) {
        requireStore();
        return super.startChild(name);
    }

    @Override
    public void logParams(Map<String, ?> params) {
        requireStore();
        super.logParams(params);
    }

    @Override
    public void logMetric(String key, double value, long step) {
        requireStore();
        super.logMetric(key, value, step);
    }

    @Override
    public void logMetrics(Map<String, ? extends Number> values, long step) {
        requireStore();
        super.logMetrics(values, step);
    }

    @Override
    public void logInput(DatasetVersion dataset, @Nullable String context) {
        requireStore();
        super.logInput(dataset, context);
    }

    @Override
    public ModelVersion logModel(String name, ModelExporter exporter, String description, Map<String, String> tags) {
        requireStore();
        return super.logModel(name, exporter, description, tags);
    }
}
