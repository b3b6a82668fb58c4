package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One training run, while it is open. Thread-safe.
 *
 * <p>Metrics are buffered: {@link #logMetric} returns at once, and they are durable after {@link #flush}, {@link
 * #complete}, {@link #fail} or {@link #close}. Everything else is durable when it returns. Every method but {@link #id},
 * {@link #name}, {@link #info} and {@link #close} throws {@link ClosedException} once the run has ended.
 */
public interface Run extends AutoCloseable {
    /** 32 lower-case hexadecimal digits. */
    String id();

    /** The name that this process last gave it. */
    String name();

    /** The run as it is stored now. */
    RunInfo info();

    /**
     * Starts a run of the same experiment that is part of this one, see {@link RunTags#PARENT}. It ends on its own: it is
     * for the caller to close it before this one, or after.
     */
    Run startChild(String name);

    /**
     * Applies all of the changes or none. Unlike {@link #logMetric}, their metrics are durable when this returns.
     *
     * @throws ConflictException if a param was logged with another value, or the run is deleted
     * @throws IllegalArgumentException if they hold a transition: a run ends by {@link #complete} or {@link #fail}
     */
    void update(RunChanges changes);

    default void rename(String name) {
        update(RunChanges.builder().name(name).build());
    }

    /** Says in Markdown what people should know of the run; replaces what was said before. */
    default void setNote(String note) {
        setTag(RunTags.NOTE, note);
    }

    /**
     * Logs a param under the text of its value; of an array, that is {@code [64, 32]}.
     *
     * @throws ConflictException if it was logged with another value
     * @throws InvalidInputException if key or value are over the limits of {@link Keys}
     */
    default void logParam(String key, Object value) {
        logParams(Collections.singletonMap(key, value));
    }

    /** Logs all of the params or none. */
    void logParams(Map<String, ?> params);

    /** Sets a tag; the last value wins. */
    default void setTag(String key, String value) {
        setTags(Collections.singletonMap(key, value));
    }

    /** Sets all of the tags or none. */
    default void setTags(Map<String, String> tags) {
        RunChanges.Builder changes = RunChanges.builder();
        tags.forEach(changes::tag);
        update(changes.build());
    }

    /** Harmless if there is no such tag. */
    default void removeTag(String key) {
        update(RunChanges.builder().removeTag(key).build());
    }

    /** Logs a metric at step 0. */
    default void logMetric(String key, double value) {
        logMetric(key, value, 0);
    }

    /**
     * Logs a point of a metric, stamped now. Returns at once; waits only while the buffer is full.
     *
     * @throws InvalidInputException if the key is over the limits of {@link Keys}
     * @throws io.jvmlops.api.error.OverloadedException if the buffer stayed full for as long as the tracking waits
     * @throws StorageException if the tracking fails fast, and earlier points could not be stored so far
     */
    void logMetric(String key, double value, long step);

    /**
     * Logs a point of a metric as {@link #logMetric(String, double, long)} does, stamped with that time.
     *
     * @throws InvalidInputException also if the time is out of the range of a {@code long} of milliseconds
     */
    void logMetric(String key, double value, long step, Instant at);

    /**
     * Logs points of several metrics that belong together, with one stamp: all of them become durable at once, or none.
     * Otherwise as {@link #logMetric(String, double, long)}.
     */
    void logMetrics(Map<String, ? extends Number> values, long step);

    /** Records which data the run reads. */
    default void logInput(DatasetVersion dataset) {
        logInput(dataset, null);
    }

    /**
     * Records which data the run reads, and what for.
     *
     * @param context {@code training}, say; or null
     */
    void logInput(DatasetVersion dataset, @Nullable String context);

    /** Records that the run reads a stored dataset version. */
    default void logInput(StoredDataset dataset) {
        logInput(dataset.reference(), null);
    }

    /**
     * Records that the run reads a stored dataset version, and what for.
     *
     * @param context {@code training}, say; or null
     */
    default void logInput(StoredDataset dataset, @Nullable String context) {
        logInput(dataset.reference(), context);
    }

    /**
     * Stores a file, or all files below a folder, under a path within the run; all of them or none. Links within the
     * folder are followed. What was logged under a path before is replaced. Paths are texts: those that differ by case
     * only, or by the form of their letters in Unicode, are different.
     *
     * @throws NotFoundException if there is no such file
     * @throws InvalidInputException if the path leaves the run, see {@link FileEntry#checkPath}, or a link leaves the
     *     folder
     * @throws StorageException if it cannot be read or stored; or, retryable, if garbage was collected meanwhile that it
     *     may have been part of
     */
    void logArtifact(String path, Path fileOrFolder);

    /**
     * Stores everything up to the end of a stream, otherwise as {@link #logArtifact(String, Path)}. Leaves closing it to the
     * caller.
     */
    void logArtifact(String path, InputStream content);

    /** Stores text in UTF-8 under a path within the run, otherwise as {@link #logArtifact(String, Path)}. */
    void logText(String path, String text);

    /**
     * Stores a value as JSON under a path within the run, otherwise as {@link #logArtifact(String, Path)}.
     *
     * @param value a {@link Map} with keys of type {@link String}, a {@link java.util.Collection}, an array, a text, a
     *     finite number of the platform's own types, a boolean, or null; what maps, collections and arrays hold likewise
     * @throws InvalidInputException if it is or holds anything else; the message says where
     */
    void logJson(String path, @Nullable Object value);

    /** The files logged so far, by their path within the run. */
    Manifest artifacts();

    /**
     * Opens a logged artifact; the caller closes the stream, which compares what is read with what was logged: if it
     * differs, the read that would give the last byte throws an {@link io.jvmlops.api.error.IntegrityException}.
     *
     * @throws NotFoundException if the run has none of that path, or its bytes are gone
     */
    InputStream openArtifact(String path);

    /** Logs a model of which there is nothing to say, see {@link #logModel(String, ModelExporter, String, Map)}. */
    default ModelVersion logModel(String name, ModelExporter exporter) {
        return logModel(name, exporter, "", Map.of());
    }

    /**
     * Writes a logged file, or all files below a folder, to a place that does not exist yet: it appears when everything is
     * there and verified, and not at all if anything fails.
     *
     * @param path of a file, which becomes {@code target} itself; or of a folder, whose files become those of folder {@code
     *     target}; or {@code ""} for all files of the run
     * @throws NotFoundException if the run has none of that path, or bytes are gone
     * @throws io.jvmlops.api.error.IntegrityException if bytes are not what was logged
     * @throws InvalidInputException if the file system cannot hold the files side by side
     * @throws StorageException if there is something at the target, or it cannot be written
     */
    void downloadArtifacts(String path, Path target);

    /**
     * Exports a model, stores its files as artifacts of this run under {@code models/<name>}, and registers them as the
     * next version of the named model. Registering comes last: if anything fails, nothing is registered.
     *
     * <p>The version has its signature, input example and provenance from the exporter's descriptor, and its origin from the
     * run as it is now: commit, JVM and operating system from its tags, and the datasets it has read, but for those whose
     * context says {@code evaluation}, {@code validation} or {@code test} (or begins so). The descriptor's versions of
     * libraries become part of the environment.
     *
     * @param description of the version; empty for none
     * @param tags of the version
     * @throws InvalidInputException if description or tags are over the limits of {@link Keys}, if the name is not one, see {@link io.jvmlops.api.model.ModelRef#checkName}, or the
     *     exporter wrote no {@code MLmodel} file, or a link that leaves its folder
     * @throws io.jvmlops.api.error.IntegrityException if a file is not what the exporter's descriptor says
     */
    ModelVersion logModel(String name, ModelExporter exporter, String description, Map<String, String> tags);

    /**
     * Returns when every metric logged so far is durable.
     *
     * @throws StorageException if some could not be stored; they stay buffered, and the next flush tries again
     * @throws TimedOutException if the store did not answer for as long as the tracking waits; they stay buffered
     */
    void flush();

    /**
     * Flushes and marks the run finished. Logs nothing more, but still has to be closed.
     *
     * @throws StorageException if metrics or the end could not be stored; the run stays open
     * @throws TimedOutException as by {@link #flush}; the run stays open
     */
    void complete();

    /** Flushes and marks the run failed, with the cause's class and message as the reason. */
    void fail(Throwable cause);

    /**
     * Flushes, and marks the run failed if it was neither completed nor failed. Closing twice is harmless.
     *
     * @throws StorageException if metrics or the end could not be stored; the run stays open and can be closed again
     * @throws TimedOutException as by {@link #flush}; the run stays open and can be closed again
     */
    @Override
    void close();
}
