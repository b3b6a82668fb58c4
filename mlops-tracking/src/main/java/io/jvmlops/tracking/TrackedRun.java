package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.tracking.internal.Parallel;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run that this process has open. */
final class TrackedRun implements Run {
    private static final Logger LOG = LoggerFactory.getLogger(TrackedRun.class);

    /** How long storing may take without renewing what was stored first. */
    private static final Duration RENEW_AFTER = Duration.ofMinutes(1);

    private static final Instant FIRST_TIME = Instant.ofEpochMilli(Long.MIN_VALUE);
    private static final Instant LAST_TIME = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Tracking tracking;
    private final InstantSource clock;
    private final String id;
    private final String experimentId;
    private final MetricBuffer metrics;
    private volatile String name;
    private final ReentrantLock ending = new ReentrantLock();
    private volatile boolean ended;

    TrackedRun(
            Tracking tracking, InstantSource clock, String id, String experimentId, String name, MetricBuffer metrics) {
        this.tracking = tracking;
        this.clock = clock;
        this.id = id;
        this.experimentId = experimentId;
        this.name = name;
        this.metrics = metrics;
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
        return tracking.store()
                .findRun(id)
                .orElseThrow(() -> new NotFoundException("run " + id + " is no longer in the tracking store"));
    }

    @Override
    public Run startChild(String name) {
        requireOpen();
        return tracking.startRun(experimentId, name, Map.of(RunTags.PARENT, id));
    }

    @Override
    public void update(RunChanges changes) {
        requireOpen();
        if (changes.transition() != null) {
            throw new IllegalArgumentException("run " + id + ": " + changes.transition()
                    + " among its changes; end an open run by complete() or fail(), delete it through the tracking");
        }
        tracking.store().updateRun(id, changes);
        String newName = changes.name();
        if (newName != null) {
            name = newName;
        }
    }

    @Override
    public void logParams(Map<String, ?> params) {
        RunChanges.Builder changes = RunChanges.builder();
        params.forEach((key, value) ->
                changes.param(key, text(Objects.requireNonNull(value, () -> "value of param '" + key + "' is null"))));
        apply(changes);
    }

    /** What an array holds: its own text is another one each time. */
    private static String text(Object value) {
        if (!value.getClass().isArray()) {
            return value.toString();
        }
        String wrapped = Arrays.deepToString(new Object[] {value});
        return wrapped.substring(1, wrapped.length() - 1);
    }

    @Override
    public void logInput(DatasetVersion dataset, @Nullable String context) {
        apply(RunChanges.builder().input(new DatasetInput(dataset, context)));
    }

    private void apply(RunChanges.Builder changes) {
        update(changes.build());
    }

    @Override
    public void logMetric(String key, double value, long step) {
        metrics.add(key, step, clock.millis(), value);
    }

    @Override
    public void logMetric(String key, double value, long step, Instant at) {
        if (at.isBefore(FIRST_TIME) || at.isAfter(LAST_TIME)) {
            throw new InvalidInputException(
                    "metric '" + key + "': time " + at + "; expected " + FIRST_TIME + " to " + LAST_TIME);
        }
        metrics.add(key, step, at.toEpochMilli(), value);
    }

    @Override
    public void logMetrics(Map<String, ? extends Number> values, long step) {
        metrics.add(values, step, clock.millis());
    }

    @Override
    public void flush() {
        requireOpen();
        metrics.flush(tracking.flushDeadline());
    }

    @Override
    public void logText(String path, String text) {
        logBytes(path, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void logJson(String path, @Nullable Object value) {
        requireOpen();
        FileEntry.checkPath(path);
        logBytes(path, JsonText.of(artifact(path), value));
    }

    private void logBytes(String path, byte[] content) {
        logArtifact(path, new ByteArrayInputStream(content));
    }

    @Override
    public void logArtifact(String path, InputStream content) {
        requireOpen();
        FileEntry.checkPath(path);
        Instant since = tracking.artifacts().now();
        ArtifactStore.Stored stored = tracking.artifacts().put(content);
        log(since, List.of(new FileEntry(path, stored.size(), stored.digest())));
    }

    @Override
    public void logArtifact(String path, Path fileOrFolder) {
        requireOpen();
        FileEntry.checkPath(path);
        String what = artifact(path);
        if (!Files.exists(fileOrFolder)) {
            throw new NotFoundException(what + ": there is no file or folder " + fileOrFolder);
        }
        Map<String, Path> files = new LinkedHashMap<>();
        if (Files.isDirectory(fileOrFolder)) {
            Folders.files(what, fileOrFolder).forEach((relative, file) -> files.put(path + "/" + relative, file));
        } else if (Files.isRegularFile(fileOrFolder)) {
            files.put(path, fileOrFolder);
        } else {
            throw new InvalidInputException(what + ": " + fileOrFolder + " is neither a file nor a folder");
        }
        Instant since = tracking.artifacts().now();
        log(since, store(what, files));
    }

    private String artifact(String path) {
        return "artifact '" + path + "' of run " + id;
    }

    /** Checks all paths first, then stores the bytes of the files, some at a time. */
    private List<FileEntry> store(String what, Map<String, Path> files) {
        files.keySet().forEach(FileEntry::checkPath);
        return Parallel.map(List.copyOf(files.entrySet()), entry -> {
            Path file = entry.getValue();
            try (InputStream in = openFile(file)) {
                ArtifactStore.Stored stored = tracking.artifacts().put(in);
                return new FileEntry(entry.getKey(), stored.size(), stored.digest());
            } catch (IOException e) {
                throw new StorageException(what + ": file " + file + " cannot be read: " + e, e);
            }
        });
    }

    /**
     * Logs files whose bytes are stored.
     *
     * @param since when storing them began
     */
    private void log(Instant since, List<FileEntry> files) {
        RunChanges.Builder changes = RunChanges.builder().storedSince(renewed(since, files));
        files.forEach(changes::artifact);
        apply(changes);
    }

    /**
     * Since when they have been stored: if that took long, they are renewed, as garbage may have been collected meanwhile that
     * they were not part of.
     */
    private Instant renewed(Instant since, List<FileEntry> files) {
        ArtifactStore artifacts = tracking.artifacts();
        Instant now = artifacts.now();
        if (!now.isAfter(since.plus(RENEW_AFTER))) {
            return since;
        }
        for (FileEntry file : files) {
            if (!artifacts.renew(file.digest())) {
                throw new StorageException(
                        artifact(file.path()) + " was collected as garbage before it was logged: storing all of it"
                                + " took from " + since + " to " + now
                                + ". Nothing was logged; log it again, and collect with a longer grace period",
                        null,
                        true);
            }
        }
        return now;
    }

    private static InputStream openFile(Path file) throws IOException {
        // Where there is a choice, not a channel: an interrupt of the calling thread would close it halfway.
        return file.getFileSystem().equals(FileSystems.getDefault())
                ? new FileInputStream(file.toFile())
                : Files.newInputStream(file);
    }

    @Override
    public Manifest artifacts() {
        return stored().list();
    }

    @Override
    public InputStream openArtifact(String path) {
        return stored().open(path);
    }

    @Override
    public void downloadArtifacts(String path, Path target) {
        stored().download(path, target);
    }

    private RunArtifacts stored() {
        requireOpen();
        return new RunArtifacts(tracking.store(), tracking.artifacts(), id);
    }

    @Override
    public ModelVersion logModel(String name, ModelExporter exporter, String description, Map<String, String> tags) {
        requireOpen();
        // Checks what the caller gave before anything is exported.
        NewModelVersion.builder(name, new Manifest(List.of()))
                .description(description)
                .tags(tags)
                .build();
        String prefix = "models/" + name + "/";
        FileEntry.checkPath(prefix + ModelDescriptor.FILE);
        String what = "model '" + name + "' of run " + id;
        Path folder;
        try {
            folder = ExportFolder.create();
        } catch (IOException e) {
            throw new StorageException(what + ": no temporary folder to export to: " + e, e);
        }
        try {
            ModelDescriptor descriptor = Objects.requireNonNull(
                    exporter.export(folder, id), () -> what + ": the exporter returned null, expected a descriptor");
            Instant since = tracking.artifacts().now();
            List<FileEntry> files = store(what, Folders.files(what, folder));
            check(what, files, descriptor);
            log(
                    since,
                    files.stream()
                            .map(file -> new FileEntry(prefix + file.path(), file.size(), file.digest()))
                            .toList());
            // Last, so that whatever fails before leaves nothing registered.
            return tracking.registry()
                    .register(NewModelVersion.builder(name, new Manifest(files))
                            .origin(Origins.of(info(), descriptor))
                            .signature(descriptor.signature())
                            .inputExample(descriptor.inputExample())
                            .description(description)
                            .tags(tags)
                            .build());
        } finally {
            try {
                Folders.delete(folder);
            } catch (IOException e) {
                LOG.warn("Temporary folder {} could not be deleted: {}", folder, e.toString());
            }
        }
    }

    private static void check(String what, List<FileEntry> files, ModelDescriptor descriptor) {
        Map<String, Digest> stored = new LinkedHashMap<>();
        files.forEach(file -> stored.put(file.path(), file.digest()));
        if (!stored.containsKey(ModelDescriptor.FILE)) {
            throw new InvalidInputException(what + ": the exporter wrote no file '" + ModelDescriptor.FILE
                    + "', without which no loader opens it; it wrote " + stored.keySet());
        }
        descriptor.digests().forEach((path, digest) -> {
            if (!digest.equals(stored.get(path))) {
                throw new IntegrityException(what + ": the exporter says that file '" + path + "' is " + digest
                        + ", found " + (stored.containsKey(path) ? stored.get(path) : "no such file")
                        + ". Nothing was registered; export again");
            }
        });
    }

    @Override
    public void complete() {
        end(RunStatus.FINISHED, null, tracking.flushDeadline());
    }

    @Override
    public void fail(Throwable cause) {
        String message = cause.getMessage();
        end(
                RunStatus.FAILED,
                cause.getClass().getName() + (message == null ? "" : ": " + message),
                tracking.flushDeadline());
    }

    private void end(RunStatus status, @Nullable String reason, long deadline) {
        ending.lock();
        try {
            requireOpen();
            // First no more points, then all points durable, then the end: a run that has ended has all its metrics.
            metrics.seal(true);
            boolean done = false;
            try {
                metrics.flush(deadline);
                tracking.store()
                        .updateRun(
                                id,
                                RunChanges.builder()
                                        .end(status, Instant.ofEpochMilli(clock.millis()), reason)
                                        .build());
                done = true;
            } finally {
                if (!done) {
                    metrics.seal(false);
                }
            }
            forget();
        } finally {
            ending.unlock();
        }
    }

    @Override
    public void close() {
        close("closed without complete()", tracking.flushDeadline());
    }

    void close(String reason, long deadline) {
        ending.lock();
        try {
            if (ended) {
                return;
            }
            end(RunStatus.FAILED, reason, deadline);
        } catch (ConflictException e) {
            LOG.warn("Run {} was ended by somebody else before it was closed: {}", id, e.getMessage());
            metrics.seal(true);
            forget();
        } finally {
            ending.unlock();
        }
    }

    /** Gives up what could not be stored; returns how many points that were. */
    long abandon() {
        ending.lock();
        try {
            metrics.seal(true);
            forget();
            return metrics.pending();
        } finally {
            ending.unlock();
        }
    }

    private void forget() {
        ended = true;
        tracking.forget(this, metrics);
    }

    private void requireOpen() {
        if (ended) {
            throw new ClosedException("run " + id + " has ended; start another run");
        }
    }

    @Override
    public String toString() {
        return "run " + id + " '" + name + "'" + (ended ? " (ended)" : "");
    }
}
