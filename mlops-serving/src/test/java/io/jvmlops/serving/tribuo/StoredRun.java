package io.jvmlops.serving.tribuo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An open run over stores, for tests of what logs to runs. Everything is written at once, metrics too, so that flushing
 * has nothing to do. Thread-safe.
 */
final class StoredRun implements Run {
    private final TrackingStore store;
    private final ArtifactStore artifacts;
    private final ModelRegistry registry;
    private final InstantSource clock;
    private final String experimentId;
    private final String id;
    private volatile String name;
    private volatile boolean ended;

    private StoredRun(
            TrackingStore store,
            ArtifactStore artifacts,
            ModelRegistry registry,
            InstantSource clock,
            String experimentId,
            String name,
            Map<String, String> tags) {
        this.store = store;
        this.artifacts = artifacts;
        this.registry = registry;
        this.clock = clock;
        this.experimentId = experimentId;
        this.id = UUID.randomUUID().toString().replace("-", "");
        this.name = name;
        store.createRun(new NewRun(id, experimentId, name, clock.instant(), tags));
    }

    /** A run in stores of its own. */
    public static StoredRun start(String name) {
        ArtifactStore artifacts = new InMemoryArtifactStore();
        return start(
                new InMemoryTrackingStore(),
                artifacts,
                new InMemoryModelRegistry(artifacts),
                InstantSource.system(),
                name);
    }

    /** A run of the experiment {@code test}. The stores are for the caller to close. */
    public static StoredRun start(
            TrackingStore store, ArtifactStore artifacts, ModelRegistry registry, InstantSource clock, String name) {
        return new StoredRun(
                store, artifacts, registry, clock, store.experiment("test").id(), name, Map.of());
    }

    /** Where the run and its children are. */
    public TrackingStore store() {
        return store;
    }

    /** Where its models are registered. */
    public ModelRegistry registry() {
        return registry;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RunInfo info() {
        return store.findRun(id).orElseThrow(() -> new NotFoundException("run " + id + " is not in the store"));
    }

    @Override
    public Run startChild(String name) {
        requireOpen();
        return new StoredRun(store, artifacts, registry, clock, experimentId, name, Map.of(RunTags.PARENT, id));
    }

    @Override
    public void update(RunChanges changes) {
        requireOpen();
        if (changes.transition() != null) {
            throw new IllegalArgumentException("run " + id + ": " + changes.transition() + " among its changes");
        }
        store.updateRun(id, changes);
        String newName = changes.name();
        if (newName != null) {
            name = newName;
        }
    }

    @Override
    public void logParams(Map<String, ?> params) {
        RunChanges.Builder changes = RunChanges.builder();
        params.forEach((key, value) -> changes.param(key, value.toString()));
        update(changes.build());
    }

    @Override
    public void logMetric(String key, double value, long step) {
        logMetric(key, value, step, clock.instant());
    }

    @Override
    public void logMetric(String key, double value, long step, Instant at) {
        update(RunChanges.builder()
                .metric(new MetricPoint(key, step, at.toEpochMilli(), value))
                .build());
    }

    @Override
    public void logMetrics(Map<String, ? extends Number> values, long step) {
        long now = clock.millis();
        RunChanges.Builder changes = RunChanges.builder();
        values.forEach((key, value) -> changes.metric(new MetricPoint(key, step, now, value.doubleValue())));
        update(changes.build());
    }

    @Override
    public void logInput(DatasetVersion dataset, @Nullable String context) {
        update(RunChanges.builder().input(new DatasetInput(dataset, context)).build());
    }

    @Override
    public void logArtifact(String path, Path fileOrFolder) {
        requireOpen();
        FileEntry.checkPath(path);
        RunChanges.Builder changes = RunChanges.builder();
        files(fileOrFolder).forEach(file -> {
            String relative = fileOrFolder.relativize(file).toString().replace('\\', '/');
            changes.artifact(put(relative.isEmpty() ? path : path + "/" + relative, file));
        });
        update(changes.build());
    }

    private static List<Path> files(Path fileOrFolder) {
        try (Stream<Path> all = Files.walk(fileOrFolder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new NotFoundException("there is no file or folder " + fileOrFolder + " (" + e + ")");
        }
    }

    private FileEntry put(String path, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            ArtifactStore.Stored stored = artifacts.put(in);
            return new FileEntry(path, stored.size(), stored.digest());
        } catch (IOException e) {
            throw new StorageException("file " + file + " cannot be read", e);
        }
    }

    @Override
    public void logText(String path, String text) {
        requireOpen();
        FileEntry.checkPath(path);
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        update(RunChanges.builder()
                .artifact(new FileEntry(path, stored.size(), stored.digest()))
                .build());
    }

    @Override
    public void logArtifact(String path, InputStream content) {
        requireOpen();
        FileEntry.checkPath(path);
        ArtifactStore.Stored stored = artifacts.put(content);
        update(RunChanges.builder()
                .artifact(new FileEntry(path, stored.size(), stored.digest()))
                .build());
    }

    @Override
    public void logJson(String path, @Nullable Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            write(json, value);
        } catch (IOException e) {
            throw new StorageException("a text has no I/O", e);
        }
        logText(path, text.toString());
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName((String) entry.getKey());
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Collection<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                write(json, element);
            }
            json.writeEndArray();
        } else {
            json.writePOJO(value);
        }
    }

    @Override
    public Manifest artifacts() {
        requireOpen();
        return store.artifacts(id);
    }

    @Override
    public void downloadArtifacts(String path, Path target) {
        try {
            for (FileEntry file : artifacts().files()) {
                if (file.path().equals(path) || path.isEmpty() || file.path().startsWith(path + "/")) {
                    String relative = file.path().equals(path)
                            ? ""
                            : file.path().substring(path.isEmpty() ? 0 : path.length() + 1);
                    Path to = target.resolve(relative);
                    Files.createDirectories(to.toAbsolutePath().getParent());
                    try (InputStream in = artifacts.open(file.digest())) {
                        Files.copy(in, to);
                    }
                }
            }
        } catch (IOException e) {
            throw new StorageException("artifacts '" + path + "' of run " + id + " cannot be written to " + target, e);
        }
    }

    @Override
    public InputStream openArtifact(String path) {
        requireOpen();
        FileEntry file = store.artifacts(id)
                .find(path)
                .orElseThrow(() -> new NotFoundException("run " + id + " has no artifact '" + path + "'"));
        return artifacts.open(file.digest());
    }

    @Override
    public ModelVersion logModel(String name, ModelExporter exporter, String description, Map<String, String> tags) {
        requireOpen();
        Path folder = null;
        try {
            folder = Files.createTempDirectory("stored-run");
            ModelDescriptor descriptor = exporter.export(folder, id);
            Path root = folder;
            List<FileEntry> entries = new ArrayList<>();
            RunChanges.Builder changes = RunChanges.builder();
            for (Path file : files(root)) {
                FileEntry entry = put(root.relativize(file).toString().replace('\\', '/'), file);
                entries.add(entry);
                changes.artifact(new FileEntry("models/" + name + "/" + entry.path(), entry.size(), entry.digest()));
            }
            update(changes.build());
            return registry.register(NewModelVersion.builder(name, new Manifest(entries))
                    .origin(origin(descriptor))
                    .signature(descriptor.signature())
                    .inputExample(descriptor.inputExample())
                    .description(description)
                    .tags(tags)
                    .build());
        } catch (IOException e) {
            throw new StorageException("model '" + name + "' has no temporary folder to be exported to", e);
        } finally {
            delete(folder);
        }
    }

    private ModelOrigin origin(ModelDescriptor descriptor) {
        List<DatasetVersion> datasets = info().inputs().stream()
                .filter(input -> input.context() == null || !input.context().startsWith("evaluation"))
                .map(DatasetInput::dataset)
                .distinct()
                .toList();
        return new ModelOrigin(id, datasets, null, Map.of(), descriptor.provenance());
    }

    private static void delete(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new StorageException("temporary folder " + folder + " cannot be deleted", e);
        }
    }

    @Override
    public void flush() {
        requireOpen();
    }

    @Override
    public void complete() {
        end(RunStatus.FINISHED, null);
    }

    @Override
    public void fail(Throwable cause) {
        end(RunStatus.FAILED, cause.toString());
    }

    private synchronized void end(RunStatus status, @Nullable String reason) {
        requireOpen();
        store.updateRun(
                id, RunChanges.builder().end(status, clock.instant(), reason).build());
        ended = true;
    }

    @Override
    public synchronized void close() {
        if (!ended) {
            end(RunStatus.FAILED, "closed without complete()");
        }
    }

    private void requireOpen() {
        if (ended) {
            throw new ClosedException("run " + id + " has ended");
        }
    }

    @Override
    public String toString() {
        return "run " + id + " '" + name + "'";
    }
}
