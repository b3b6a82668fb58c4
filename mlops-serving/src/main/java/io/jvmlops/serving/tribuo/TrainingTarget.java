package io.jvmlops.serving.tribuo;

import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The run that a training is logged to. A child is started when it is first needed. Thread-safe. */
final class TrainingTarget {
    private final Run parent;
    private final String name;
    private final @Nullable FoldMetrics folds;
    private final Map<String, Integer> steps = new HashMap<>();
    private @Nullable Run run;
    private @Nullable ModelVersion version;
    private boolean done;
    private boolean ended;

    private TrainingTarget(Run parent, String name, @Nullable Run run, @Nullable FoldMetrics folds) {
        this.parent = parent;
        this.name = name;
        this.run = run;
        this.folds = folds;
    }

    /** The run itself. */
    static TrainingTarget of(Run run) {
        return new TrainingTarget(run, run.name(), run, null);
    }

    /** @param folds of the cross-validation that it belongs to, or null */
    static TrainingTarget child(Run parent, String name, @Nullable FoldMetrics folds) {
        return new TrainingTarget(parent, name, null, folds);
    }

    synchronized Run run() {
        Run started = run;
        if (started == null) {
            started = parent.startChild(name);
            run = started;
        }
        return started;
    }

    synchronized Optional<Run> startedRun() {
        return Optional.ofNullable(run);
    }

    @Nullable
    FoldMetrics folds() {
        return folds;
    }

    /** 0 for the first of that prefix, then counting up. */
    synchronized int nextStep(String prefix) {
        return steps.merge(prefix, 1, Integer::sum) - 1;
    }

    synchronized void setVersion(ModelVersion version) {
        this.version = version;
    }

    synchronized @Nullable ModelVersion version() {
        return version;
    }

    /** Its model is trained. */
    synchronized void setDone() {
        done = true;
    }

    synchronized boolean isDone() {
        return done;
    }

    synchronized boolean isEnded() {
        return ended;
    }

    synchronized void complete() {
        if (!ended) {
            run().complete();
            close();
        }
    }

    synchronized void fail(Throwable cause) {
        if (!ended) {
            run().fail(cause);
            close();
        }
    }

    synchronized void close() {
        if (run != null) {
            run.close();
        }
        ended = true;
    }

    @Override
    public String toString() {
        return "run '" + name + "'";
    }
}
