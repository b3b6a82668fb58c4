package io.jvmlops.api.tracking;

import io.jvmlops.api.error.InvalidInputException;

/** A named group of runs. Thread-safe. */
public interface Experiment {
    ExperimentInfo info();

    /**
     * Starts a run; it is stored when this returns.
     *
     * @throws InvalidInputException if the name is over the limits of {@link Keys}
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
                if (run.info().status() == RunStatus.RUNNING) {
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
