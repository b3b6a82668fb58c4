package io.jvmlops.tracking;

import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.Run;
import java.util.Map;

/** An experiment whose runs this process starts. */
final class TrackedExperiment implements Experiment {
    private final Tracking tracking;
    private final String id;

    TrackedExperiment(Tracking tracking, ExperimentInfo info) {
        this.tracking = tracking;
        this.id = info.id();
    }

    @Override
    public ExperimentInfo info() {
        return tracking.store()
                .findExperiment(id)
                .orElseThrow(() -> new NotFoundException("experiment " + id + " is no longer in the tracking store"));
    }

    @Override
    public void update(ExperimentChanges changes) {
        tracking.store().updateExperiment(id, changes);
    }

    @Override
    public Run startRun(String name) {
        return tracking.startRun(id, name, Map.of());
    }

    @Override
    public String toString() {
        return "experiment " + id + " of " + tracking;
    }
}
