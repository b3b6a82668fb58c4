package io.jvmlops.api.tracking;

import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import java.util.Collections;
import java.util.Map;

/** A named group of runs. Thread-safe. */
public interface Experiment {
    /** The experiment as it is stored now. */
    ExperimentInfo info();

    /**
     * Applies all of the changes or none.
     *
     * @throws ConflictException if there is another experiment of the new name, or this one is deleted and not to be
     *     restored
     */
    void update(ExperimentChanges changes);

    /** @throws ConflictException if there is another one of that name, be it deleted */
    default void rename(String name) {
        update(ExperimentChanges.rename(name));
    }

    /** Sets a tag; the last value wins. */
    default void setTag(String key, String value) {
        setTags(Collections.singletonMap(key, value));
    }

    /** Sets all of the tags or none. */
    default void setTags(Map<String, String> tags) {
        update(ExperimentChanges.tags(tags));
    }

    /** Harmless if there is no such tag. */
    default void removeTag(String key) {
        update(ExperimentChanges.removeTag(key));
    }

    /** Hides the experiment and its runs, which refuse changes until it is restored. Its name stays taken. */
    default void delete() {
        update(ExperimentChanges.delete());
    }

    /** Undoes {@link #delete}; runs that were deleted on their own stay so. */
    default void restore() {
        update(ExperimentChanges.restore());
    }

    /**
     * Starts a run; it is stored when this returns.
     *
     * @throws InvalidInputException if the name is over the limits of {@link Keys}
     * @throws ConflictException if the experiment is deleted
     */
    Run startRun(String name);

    /**
     * Runs the body within a run: completed when it returns, unless the body has ended it; failed when it throws; closed
     * in any case.
     *
     * @return the run as it ended
     * @throws E what the body throws
     */
    default <E extends Exception> RunInfo run(String name, Body<E> body) throws E {
        try (Run run = startRun(name)) {
            try {
                body.accept(run);
                RunStatus status = run.info().status();
                // Others took it for killed, while it was suspended, say: it lives, and is done.
                if (status == RunStatus.RUNNING || status == RunStatus.KILLED) {
                    run.complete();
                }
            } catch (Throwable e) {
                try {
                    run.fail(e);
                } catch (RuntimeException notMarked) {
                    e.addSuppressed(notMarked);
                }
                throw e;
            }
            return run.info();
        }
    }

    /** What happens within a run. */
    @FunctionalInterface
    interface Body<E extends Exception> {
        void accept(Run run) throws E;
    }
}
