package io.jvmlops.tracking;

import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.Run;

/** An experiment whose runs this process starts. */
final class TrackedExperiment implements Experiment {
    private final Tracking tracking;
    private final ExperimentInfo info;

    TrackedExperiment(Tracking tracking, ExperimentInfo info) {
        this.tracking = tracking;
        this.info = info;
    }

    @Override
    public ExperimentInfo info() {
        return info;
    }

    @Override
    public Run startRun(String name) {
        return tracking.startRun(info, name);
    }

    @Override
    public String toString() {
        return "experiment '" + info.name() + "' of " + tracking;
    }
}
