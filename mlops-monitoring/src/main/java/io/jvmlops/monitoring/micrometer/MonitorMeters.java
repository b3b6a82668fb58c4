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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A monitor as meters. Thread-safe. The report behind the gauges is made by the scrape that finds the last one too old, so
 * nothing runs where nobody asks; that also logs what began to drift.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name<th>tags<th>meaning
 * <tr><td>{@code mlops.drift.effect}<td>model, column, kind ({@code input}, {@code output})<td>effect size of the column's
 *     values; NaN while there are too few; there from the first report on
 * <tr><td>{@code mlops.drift.columns}<td>model<td>how many columns drift: what to alarm on
 * <tr><td>{@code mlops.monitor.rows}<td>model<td>counter of rows profiled
 * <tr><td>{@code mlops.monitor.ignored}<td>model<td>counter of events that did not fit the reference
 * <tr><td>{@code mlops.monitor.unreferenced}<td>model<td>counter of events of versions without reference profile
 * </table>
 */
public final class MonitorMeters implements MeterBinder {
    private final Monitor monitor;
    private final Duration interval;
    private final InstantSource clock;
    private @Nullable DriftReport last;
    private Instant madeAt = Instant.MIN;

    /** Gauges that exist: registry, kind and column. Guarded by this. */
    private final Set<GaugeKey> bound = new HashSet<>();

    private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

    private record GaugeKey(MeterRegistry registry, Kind kind, String column) {}

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
        registries.add(registry);
        // The registry holds suppliers, and with them this binder, strongly.
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
        FunctionCounter.builder("mlops.monitor.unreferenced", monitor, Monitor::eventsWithoutReference)
                .description("Predictions of versions that have no reference profile")
                .tags(model)
                .register(registry);
        bindEffects();
    }

    /** Without a report, which would be one of no rows for as long as it is kept. */
    private synchronized void bindEffects() {
        monitor.reference().ifPresent(reference -> {
            reference.inputs().columns().keySet().forEach(column -> bindEffect(Kind.INPUT, column));
            reference.outputs().columns().keySet().forEach(column -> bindEffect(Kind.OUTPUT, column));
        });
    }

    private void bindEffect(Kind kind, String column) {
        for (MeterRegistry registry : registries) {
            if (bound.add(new GaugeKey(registry, kind, column))) {
                Gauge.builder("mlops.drift.effect", () -> effect(kind, column))
                        .description("Effect size against the reference")
                        .tags("model", monitor.name(), "column", column)
                        .tags("kind", kind.toString().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
        }
    }

    private double effect(Kind kind, String column) {
        DriftReport report = report();
        return report == null
                ? Double.NaN
                : report.columns().stream()
                        .filter(c -> c.kind() == kind && c.column().equals(column))
                        .mapToDouble(ColumnDrift::effectSize)
                        .findFirst()
                        .orElse(Double.NaN);
    }

    private double drifting() {
        DriftReport report = report();
        return report == null
                ? Double.NaN
                : report.columns().stream()
                        .filter(c -> c.verdict() == Verdict.DRIFT)
                        .count();
    }

    /** Null as long as no version with a reference has answered. */
    private synchronized @Nullable DriftReport report() {
        if (monitor.reference().isEmpty()) {
            return null;
        }
        Instant now = clock.instant();
        DriftReport report = last;
        // A clock that was set back must not freeze the gauges.
        if (report == null || now.isBefore(madeAt) || !now.isBefore(madeAt.plus(interval))) {
            report = monitor.report();
            last = report;
            madeAt = now;
            // Versions may have columns that those before did not have.
            report.columns().forEach(column -> bindEffect(column.kind(), column.column()));
        }
        return report;
    }
}
