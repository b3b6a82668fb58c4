package io.jvmlops.monitoring.micrometer;

import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.monitoring.Monitor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A monitor as meters. Thread-safe. The report behind the gauges is made by the scrape that finds the last one too old, so
 * nothing runs where nobody asks; that also logs what began to drift.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name<th>tags<th>meaning
 * <tr><td>{@code mlops.drift.effect}<td>model, column, kind ({@code input}, {@code output})<td>the column's effect size; NaN
 *     while there are too few values
 * <tr><td>{@code mlops.drift.columns}<td>model<td>how many columns drift: what to alarm on
 * <tr><td>{@code mlops.monitor.rows}<td>model<td>counter of rows profiled
 * <tr><td>{@code mlops.monitor.ignored}<td>model<td>counter of events that did not fit the reference
 * </table>
 */
public final class MonitorMeters implements MeterBinder {
    private final Monitor monitor;
    private final Duration interval;
    private final InstantSource clock;
    private @Nullable DriftReport last;
    private Instant madeAt = Instant.MIN;

    /** Makes a report at most once a minute. */
    public MonitorMeters(Monitor monitor) {
        this(monitor, Duration.ofMinutes(1), InstantSource.system());
    }

    /**
     * @param interval how old the report behind the gauges may become
     * @param clock what tells its age
     * @throws IllegalArgumentException if the interval is negative
     */
    public MonitorMeters(Monitor monitor, Duration interval, InstantSource clock) {
        if (interval.isNegative()) {
            throw new IllegalArgumentException("interval " + interval + ": expected 0 or more");
        }
        this.monitor = Objects.requireNonNull(monitor);
        this.interval = interval;
        this.clock = Objects.requireNonNull(clock);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags model = Tags.of("model", monitor.name());
        // The registry holds suppliers, and with them this binder, strongly.
        bindEffects(
                registry,
                model,
                Kind.INPUT,
                monitor.reference().inputs().columns().keySet());
        bindEffects(
                registry,
                model,
                Kind.OUTPUT,
                monitor.reference().outputs().columns().keySet());
        Gauge.builder("mlops.drift.columns", this::drifting)
                .description("Columns that drift")
                .tags(model)
                .register(registry);
        FunctionCounter.builder("mlops.monitor.rows", monitor, Monitor::rowsSeen)
                .description("Rows that were profiled")
                .tags(model)
                .register(registry);
        FunctionCounter.builder("mlops.monitor.ignored", monitor, Monitor::eventsIgnored)
                .description("Predictions that did not fit the reference")
                .tags(model)
                .register(registry);
    }

    private void bindEffects(MeterRegistry registry, Tags model, Kind kind, Set<String> columns) {
        for (String column : columns) {
            Gauge.builder("mlops.drift.effect", () -> effect(kind, column))
                    .description("Effect size against the reference")
                    .tags(model.and("column", column, "kind", kind.toString().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }
    }

    private double effect(Kind kind, String column) {
        return report().columns().stream()
                .filter(c -> c.kind() == kind && c.column().equals(column))
                .mapToDouble(ColumnDrift::effectSize)
                .findFirst()
                .orElse(Double.NaN);
    }

    private double drifting() {
        return report().columns().stream()
                .filter(c -> c.verdict() == Verdict.DRIFT)
                .count();
    }

    private synchronized DriftReport report() {
        Instant now = clock.instant();
        DriftReport report = last;
        // A clock that was set back must not freeze the gauges.
        if (report == null || now.isBefore(madeAt) || !now.isBefore(madeAt.plus(interval))) {
            report = monitor.report();
            last = report;
            madeAt = now;
        }
        return report;
    }
}
