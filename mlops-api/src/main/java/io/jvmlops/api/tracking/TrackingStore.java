package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.util.List;
import java.util.Optional;

/**
 * Keeps experiments and runs. Every call that writes is atomic, and durable when it returns: what was acknowledged
 * survives the death of the process. Instants are kept to the millisecond, or finer.
 *
 * <p>Implementations are safe for use by several threads and pass {@code TrackingStoreContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface TrackingStore extends AutoCloseable {
    /**
     * The experiment of that name, created if there is none. Two callers at once get the same one.
     *
     * @throws InvalidInputException if the name is over the limits of {@link Keys}
     */
    ExperimentInfo experiment(String name);

    /** All experiments, oldest first. */
    List<ExperimentInfo> experiments();

    /**
     * Adds a run.
     *
     * @throws NotFoundException if there is no such experiment
     * @throws ConflictException if there is a run of that id
     */
    void createRun(RunInfo run);

    /**
     * Applies all of the changes or none. A run that ends twice in the same way keeps its first end; what else comes
     * after the end is added.
     *
     * @throws NotFoundException if there is no such run
     * @throws ConflictException if a param has another value already, or the run is to end and has ended otherwise
     */
    void apply(String runId, RunChanges changes);

    Optional<RunInfo> findRun(String runId);

    /** The runs that match, newest first; runs that started at one instant in no particular order. */
    List<RunInfo> search(RunQuery query);

    /**
     * The files logged to a run.
     *
     * @throws NotFoundException if there is no such run
     */
    Manifest artifacts(String runId);

    /** Releases what the store holds. Closing twice is harmless. */
    @Override
    void close();
}
