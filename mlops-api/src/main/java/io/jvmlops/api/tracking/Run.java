package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import java.io.InputStream;
import java.nio.file.Path;
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

    String name();

    /** The run as it is stored now. */
    RunInfo info();

    /**
     * Logs a param under the text of its value.
     *
     * @throws ConflictException if it was logged with another value
     * @throws InvalidInputException if key or value are over the limits of {@link Keys}
     */
    void logParam(String key, Object value);

    /** Logs all of the params or none. */
    void logParams(Map<String, ?> params);

    /** Sets a tag; the last value wins. */
    void setTag(String key, String value);

    /** Logs a metric at step 0. */
    void logMetric(String key, double value);

    /**
     * Logs a point of a metric, stamped now. Returns at once; waits only while the buffer is full.
     *
     * @throws InvalidInputException if the key is over the limits of {@link Keys}
     * @throws io.jvmlops.api.error.OverloadedException if the buffer stayed full for as long as the tracking waits
     */
    void logMetric(String key, double value, long step);

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

    /**
     * Stores a file, or all files below a folder, under a path within the run; all of them or none. Links within the
     * folder are followed.
     *
     * @throws NotFoundException if there is no such file
     * @throws InvalidInputException if the path leaves the run, see {@link FileEntry#checkPath}, or a link leaves the
     *     folder
     */
    void logArtifact(String path, Path fileOrFolder);

    /** Stores text in UTF-8 under a path within the run. */
    void logText(String path, String text);

    /**
     * Opens a logged artifact; the caller closes the stream.
     *
     * @throws NotFoundException if the run has none of that path
     */
    InputStream openArtifact(String path);

    /**
     * Exports a model, stores its files as artifacts of this run under {@code models/<name>}, and registers them as the
     * next version of the named model. Registering comes last: if anything fails, nothing is registered.
     *
     * @throws InvalidInputException if the name is not one, see {@link io.jvmlops.api.model.ModelRef#checkName}, or the
     *     exporter wrote no {@code MLmodel} file, or a link that leaves its folder
     * @throws io.jvmlops.api.error.ModelIntegrityException if a file is not what the exporter's descriptor says
     */
    ModelVersion logModel(String name, ModelExporter exporter);

    /**
     * Returns when every metric logged so far is durable.
     *
     * @throws StorageException if some could not be stored; they stay buffered, and the next flush tries again
     */
    void flush();

    /**
     * Flushes and marks the run finished. Logs nothing more, but still has to be closed.
     *
     * @throws StorageException if metrics or the end could not be stored; the run stays open
     */
    void complete();

    /** Flushes and marks the run failed, with the cause's class and message as the reason. */
    void fail(Throwable cause);

    /**
     * Flushes, and marks the run failed if it was neither completed nor failed. Closing twice is harmless.
     *
     * @throws StorageException if metrics or the end could not be stored; the run stays open and can be closed again
     */
    @Override
    void close();
}
