package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run that is what it wraps: what a wrapper extends to change only what it is about. */
public abstract class ForwardingRun implements Run {
    private final Run run;

    /** @param run ends with this one */
    protected ForwardingRun(Run run) {
        this.run = Objects.requireNonNull(run);
    }

    /** What is wrapped. */
    protected final Run wrapped() {
        return run;
    }

    @Override
    public String id() {
        return run.id();
    }

    @Override
    public String name() {
        return run.name();
    }

    @Override
    public RunInfo info() {
        return run.info();
    }

    @Override
    public Run startChild(String name) {
        return run.startChild(name);
    }

    @Override
    public void update(RunChanges changes) {
        run.update(changes);
    }

    @Override
    public void logParams(Map<String, ?> params) {
        run.logParams(params);
    }

    @Override
    public void logMetric(String key, double value, long step) {
        run.logMetric(key, value, step);
    }

    @Override
    public void logMetric(String key, double value, long step, Instant at) {
        run.logMetric(key, value, step, at);
    }

    @Override
    public void logMetrics(Map<String, ? extends Number> values, long step) {
        run.logMetrics(values, step);
    }

    @Override
    public void logInput(DatasetVersion dataset, @Nullable String context) {
        run.logInput(dataset, context);
    }

    @Override
    public void logArtifact(String path, Path fileOrFolder) {
        run.logArtifact(path, fileOrFolder);
    }

    @Override
    public void logArtifact(String path, InputStream content) {
        run.logArtifact(path, content);
    }

    @Override
    public void logText(String path, String text) {
        run.logText(path, text);
    }

    @Override
    public void logJson(String path, @Nullable Object value) {
        run.logJson(path, value);
    }

    @Override
    public Manifest artifacts() {
        return run.artifacts();
    }

    @Override
    public InputStream openArtifact(String path) {
        return run.openArtifact(path);
    }

    @Override
    public void downloadArtifacts(String path, Path target) {
        run.downloadArtifacts(path, target);
    }

    @Override
    public ModelVersion logModel(String name, ModelExporter exporter, String description, Map<String, String> tags) {
        return run.logModel(name, exporter, description, tags);
    }

    @Override
    public void flush() {
        run.flush();
    }

    @Override
    public void complete() {
        run.complete();
    }

    @Override
    public void fail(Throwable cause) {
        run.fail(cause);
    }

    @Override
    public void close() {
        run.close();
    }

    @Override
    public String toString() {
        return run.toString();
    }
}
