package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what a model is asked and answers, and says how that differs from its reference. Thread-safe; never throws out of
 * {@link #onPrediction}.
 *
 * <p>Holds counts, not rows: some kilobytes, whatever passes. Profiling a value costs a search among at most 40 edges or
 * one look-up of a string, and allocates nothing. All predictions since the last {@link #reset} are one window.
 *
 * <p>The inputs of failed predictions count, their outputs do not. Outputs may be any of the model's; inputs must be all of
 * them. An event of other types, shapes or numbers of rows is left out as a whole and counted in {@link #eventsIgnored}.
 *
 * <p>Logs one line for every column that begins (WARN) or ceases (INFO) to drift from one report to the next, without
 * values of the data.
 */
public final class Monitor implements PredictionListener {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    private final String name;
    private final ReferenceProfile reference;
    private final DriftPolicy policy;
    private final InstantSource clock;

    private final WindowProfiler window;
    private final LongAdder rowsSeen = new LongAdder();
    private final LongAdder eventsIgnored = new LongAdder();

    // Guarded by itself; apart from the window, so that no prediction waits for a log.
    private final Set<String> drifting = new HashSet<>();

    private Monitor(Builder builder) {
        name = builder.name;
        reference = builder.reference;
        policy = builder.policy;
        clock = builder.clock;
        window = reference.profiler();
    }

    public static Builder builder(ReferenceProfile reference) {
        return new Builder(reference);
    }

    /** What reports, logs and meters call the model. */
    public String name() {
        return name;
    }

    public ReferenceProfile reference() {
        return reference;
    }

    @Override
    public void onPrediction(PredictionEvent event) {
        try {
            if (window.add(event.inputs(), event.outputs(), 0)) {
                rowsSeen.add(
                        event.inputs().size() == 0 ? 0 : event.inputs().at(0).rows());
            } else {
                eventsIgnored.increment();
            }
        } catch (RuntimeException e) {
            eventsIgnored.increment();
            LOG.debug(
                    "monitor '{}' cannot profile an event: {}",
                    name,
                    e.getClass().getSimpleName());
        }
    }

    /** Compares the window so far with the reference. */
    public DriftReport report() {
        DriftReport report = policy.compare(name, clock.instant(), reference, window());
        synchronized (drifting) {
            for (ColumnDrift column : report.columns()) {
                log(column);
            }
        }
        return report;
    }

    private void log(ColumnDrift column) {
        // Inputs and outputs may share names.
        String key = column.kind() + " " + column.column();
        String kind = column.kind() == Kind.INPUT ? "input" : "output";
        if (column.verdict() == Verdict.DRIFT && drifting.add(key)) {
            Finding leading = column.leading().orElseThrow();
            LOG.warn(
                    "model '{}': {} column '{}' drifts: {} {}, {} test with corrected p {}, {} values now and {} in the reference",
                    name,
                    kind,
                    column.column(),
                    leading.effect(),
                    String.format(Locale.ROOT, "%.3f", leading.effectSize()),
                    leading.test(),
                    String.format(Locale.ROOT, "%.1e", leading.correctedP()),
                    column.currentCount(),
                    column.referenceCount());
        } else if (column.verdict() == Verdict.STABLE && drifting.remove(key)) {
            LOG.info("model '{}': {} column '{}' is back where the reference has it", name, kind, column.column());
        }
    }

    /**
     * What was counted in the window so far, over the reference's edges and levels: to be stored, merged with those of other
     * processes, or compared later by {@link DriftPolicy#compare}.
     */
    public WindowProfile window() {
        return window.profile();
    }

    /** Ends the window and starts an empty one; no prediction is in both or in none. Returns the one that ended. */
    public WindowProfile reset() {
        return window.drain();
    }

    /** Rows profiled since the monitor was made, over all windows. */
    public long rowsSeen() {
        return rowsSeen.sum();
    }

    /** Events that did not fit the reference's signature, since the monitor was made. */
    public long eventsIgnored() {
        return eventsIgnored.sum();
    }

    /** Options of a monitor. Not thread-safe. */
    public static final class Builder {
        private final ReferenceProfile reference;
        private String name = "model";
        private DriftPolicy policy = DriftPolicy.ofDefaults();
        private InstantSource clock = InstantSource.system();

        private Builder(ReferenceProfile reference) {
            this.reference = Objects.requireNonNull(reference);
        }

        /** What reports, logs and meters call the model: {@code model} unless told. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name);
            return this;
        }

        /** When a difference is drift: {@link DriftPolicy#ofDefaults} unless told. */
        public Builder policy(DriftPolicy policy) {
            this.policy = Objects.requireNonNull(policy);
            return this;
        }

        /** What reports are dated by: the system's clock unless told. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        public Monitor build() {
            return new Monitor(this);
        }
    }
}
