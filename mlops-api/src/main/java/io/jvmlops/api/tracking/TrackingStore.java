package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.search.Page;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps experiments and runs. Every call that writes is atomic, and durable when it returns: what was acknowledged
 * survives the death of the process. Instants are kept to the millisecond, or finer.
 *
 * <p>What is deleted is hidden, not gone: it is found by its id, refuses changes, and can be restored. The runs of a
 * deleted experiment are deleted as long as it is.
 *
 * <p>Implementations are safe for use by several threads and pass {@code TrackingStoreContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface TrackingStore extends AutoCloseable {
    /**
     * Creates an experiment. Ids are the store's; texts of digits in ours.
     *
     * @throws InvalidInputException if name or tags are over the limits of {@link Keys}
     * @throws ConflictException if there is one of that name, be it deleted
     */
    ExperimentInfo createExperiment(String name, Map<String, String> tags);

    Optional<ExperimentInfo> findExperiment(String id);

    /** The experiment of that name, be it deleted. */
    Optional<ExperimentInfo> findExperimentByName(String name);

    /**
     * Applies all of the changes or none.
     *
     * @return the experiment as it is then
     * @throws NotFoundException if there is no such experiment
     * @throws ConflictException if there is another one of the new name, or it is deleted and not to be restored
     */
    ExperimentInfo updateExperiment(String id, ExperimentChanges changes);

    /** All experiments that are not deleted, oldest first. */
    List<ExperimentInfo> experiments();

    /**
     * The experiment of that name, created if there is none. Two callers at once get the same one.
     *
     * @throws InvalidInputException if the name is over the limits of {@link Keys}
     * @throws ConflictException if it was deleted
     */
    default ExperimentInfo experiment(String name) {
        Keys.check("name of an experiment", name);
        Optional<ExperimentInfo> found = findExperimentByName(name);
        if (found.isEmpty()) {
            try {
                return createExperiment(name, Map.of());
            } catch (ConflictException somebodyWasQuicker) {
                found = findExperimentByName(name);
                if (found.isEmpty()) {
                    throw somebodyWasQuicker;
                }
            }
        }
        ExperimentInfo experiment = found.get();
        if (experiment.isDeleted()) {
            throw new ConflictException("experiment '" + name + "' (id " + experiment.id()
                    + ") is deleted; restore it, or choose another name");
        }
        return experiment;
    }

    /**
     * Adds a run that is {@link RunStatus#RUNNING}.
     *
     * @throws NotFoundException if there is no such experiment
     * @throws ConflictException if there is a run of that id, or the experiment is deleted
     */
    void createRun(NewRun run);

    /**
     * Applies all of the changes or none. A run that has ended takes params, tags and the like as before.
     *
     * @throws NotFoundException if there is no such run
     * @throws ConflictException if a param has another value already; or the run is to end and has ended otherwise; or it
     *     is deleted, and the changes are anything but to restore or delete it
     * @throws StorageException if the changes add artifacts, and garbage was collected after {@link
     *     RunChanges#storedSince}; see {@link io.jvmlops.api.artifact.ArtifactReferences}
     */
    void updateRun(String runId, RunChanges changes);

    Optional<RunInfo> findRun(String runId);

    /**
     * The runs that match, in the order that was asked for.
     *
     * @throws InvalidInputException if the query's cursor is not of this query; its limit may differ
     */
    Page<RunInfo> search(RunQuery query);

    /**
     * The experiments that match, in the order that was asked for.
     *
     * @throws InvalidInputException if the query's cursor is not of this query; its limit may differ
     */
    Page<ExperimentInfo> searchExperiments(ExperimentQuery query);

    /**
     * Says that the processes of these runs live. Whoever says so once has to say so again before the lease runs out; runs
     * that nobody speaks for have no lease, and never run out. A run that was taken for killed runs again. Ids of runs
     * that are not there, deleted, or ended otherwise, are ignored.
     *
     * @param lease counted by the store's clock, the same for all processes; 1 ms or more
     */
    void heartbeat(Collection<String> runIds, Duration lease);

    /**
     * Marks every running run as {@link RunStatus#KILLED} whose lease has run out, ended when it was last heard of, with
     * a reason that says so.
     *
     * @return their ids
     */
    List<String> markKilled();

    /**
     * Removes a deleted run for good, with all that was logged to it, metrics too. It is gone for everybody at once; what
     * takes long may be done in pieces after that, and if the process dies over it, by the next purge. The bytes of its
     * artifacts go with the next garbage collection, unless something else refers to them.
     *
     * @throws NotFoundException if there is no such run
     * @throws ConflictException if neither it nor its experiment is deleted
     */
    void purgeRun(String runId);

    /**
     * Removes a deleted experiment for good. Its name is free then; its id is never used again.
     *
     * @throws NotFoundException if there is no such experiment
     * @throws ConflictException if it is not deleted, or has runs, be they deleted
     */
    void purgeExperiment(String id);

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
