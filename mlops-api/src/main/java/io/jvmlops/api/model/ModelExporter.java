package io.jvmlops.api.model;

import io.jvmlops.api.error.ModelLoadException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model as a folder in MLflow's layout: an {@code MLmodel} descriptor beside the model's files. Passed to
 * {@link io.jvmlops.api.tracking.Run#logModel}, or called on its own to hand a folder to another program.
 *
 * <p>Implementations pass {@code ModelExporterContract} of mlops-test.
 */
@FunctionalInterface
public interface ModelExporter {
    /**
     * Writes the folder's files, the descriptor among them.
     *
     * @param folder exists and is empty
     * @param runId the run that the model comes from, or null
     * @return the descriptor as written
     * @throws ModelLoadException if the model has no such form
     * @throws io.jvmlops.api.error.StorageException if the folder cannot be written
     */
    ModelDescriptor export(Path folder, @Nullable String runId);
}
