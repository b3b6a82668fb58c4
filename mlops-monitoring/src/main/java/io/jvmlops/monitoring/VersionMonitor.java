package io.jvmlops.monitoring;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.monitoring.WindowState.Closed;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The windows of one version of a model, and what was said of them. Thread-safe. */
final class VersionMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    private final String model;
    private final ReferenceProfile reference;
    private final DriftPolicy policy;
    private final WindowSpec spec;
    private final WindowProfiler open;
    private final AtomicLong openRows = new AtomicLong();

    /** Written under the lock of this. */
    private volatile Instant openedAt;

    // Guarded by this.
    private final RollingWindows closed;
    private @Nullable DriftReport last;
    private final Set<String> drifting = new HashSet<>();

    /** When windows close, and what they are compared with. */
    record WindowSpec(@Nullable Duration every, long rows, Baseline baseline) {}

    VersionMonitor(String model, ReferenceProfile reference, DriftPolicy policy, WindowSpec spec, Instant now) {
        this.model = model;
        this.reference = reference;
        this.policy = policy;
        this.spec = spec;
        open = reference.profiler();
        closed = new RollingWindows(spec.baseline().windows());
        openedAt = aligned(now);
    }

    ReferenceProfile reference() {
        return reference;
    }

    /** Windows of an hour begin on the hour, so that those of several processes are the same. */
    private Instant aligned(Instant now) {
        if (spec.every() == null) {
            return now;
        }
        long length = spec.every().toMillis();
        return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), length) * length);
    }

    /** The rows that were counted, or -1 if the call does not fit the reference. */
    int add(Tensors inputs, @Nullable Tensors outputs, int sampling) {
        int rows = open.add(inputs, outputs, sampling);
        if (rows > 0) {
            openRows.addAndGet(rows);
        }
        return rows;
    }

    boolean isDue(Instant now) {
        return spec.rows() > 0 && openRows.get() >= spec.rows() || isOver(now) || isAhead(now);
    }

    private boolean isOver(Instant now) {
        return spec.every() != null && !now.isBefore(closesAt());
    }

    /** Whether the clock was set back by so much that the window would last longer than twice its time. */
    private boolean isAhead(Instant now) {
        return spec.every() != null && now.isBefore(openedAt.minus(spec.every()));
    }

    private Instant closesAt() {
        return spec.every() == null ? Instant.MAX : openedAt.plus(spec.every());
    }

    /** Closes the window if it is due; the report on it then. */
    synchronized Optional<DriftReport> closeIfDue(Instant now) {
        if (isAhead(now)) {
            openedAt = aligned(now);
        }
        if (!isDue(now)) {
            return Optional.empty();
        }
        Instant end = isOver(now) ? closesAt() : now;
        if (openRows.get() <= 0) {
            // Nobody asked: there is nothing to judge, nor to compare others with.
            openedAt = aligned(now);
            return Optional.empty();
        }
        return Optional.of(close(end, now));
    }

    private DriftReport close(Instant end, Instant now) {
        WindowProfile ended = drain();
        DriftReport report = compare(now, ended);
        closed.add(new Closed(openedAt, end, ended));
        openedAt = aligned(now);
        last = report;
        say(report);
        return report;
    }

    /** Ends the window whatever its age. */
    synchronized WindowProfile reset(Instant now) {
        WindowProfile ended = drain();
        openedAt = aligned(now);
        return ended;
    }

    private WindowProfile drain() {
        WindowProfile ended = open.drain();
        // Not set to 0: rows that were just added to the new window are counted in a moment, or were already.
        openRows.addAndGet(-ended.rows());
        return ended;
    }

    WindowProfile window() {
        return open.profile();
    }

    /** On the window so far. */
    synchronized DriftReport report(Instant now) {
        DriftReport report = compare(now, window());
        say(report);
        return report;
    }

    /** On the window that closed last. */
    synchronized Optional<DriftReport> last() {
        return Optional.ofNullable(last);
    }

    private DriftReport compare(Instant now, WindowProfile window) {
        WindowProfile baseline = closed.together();
        return baseline == null
                ? policy.compare(model, now, reference, window)
                : policy.compare(model, now, baseline, window);
    }

    private void say(DriftReport report) {
        for (ColumnDrift column : report.columns()) {
            say(column);
        }
    }

    private void say(ColumnDrift column) {
        // Inputs and outputs may share names.
        String key = column.kind() + " " + column.column();
        String kind = column.kind() == Kind.INPUT ? "input" : "output";
        if (column.verdict() == Verdict.DRIFT && drifting.add(key)) {
            Finding leading = column.leading().orElseThrow();
            LOG.warn(
                    "model '{}': {} column '{}' drifts: {} by {}, {} {}, corrected p {}, {} values now and {} in the reference",
                    model,
                    kind,
                    column.column(),
                    leading.check().toString().toLowerCase(Locale.ROOT).replace('_', ' '),
                    leading.test(),
                    leading.effect(),
                    String.format(Locale.ROOT, "%.3f", leading.effectSize()),
                    String.format(Locale.ROOT, "%.1e", leading.correctedP()),
                    column.currentCount(),
                    column.referenceCount());
        } else if (column.verdict() == Verdict.STABLE && drifting.remove(key)) {
            LOG.info("model '{}': {} column '{}' is back where the reference has it", model, kind, column.column());
        }
    }

    /** All that a restart would lose. */
    synchronized WindowState state() {
        return new WindowState(openedAt, window(), closed.list());
    }

    /**
     * Goes on where another left off.
     *
     * @throws IllegalArgumentException if that was over another reference
     */
    synchronized void restore(WindowState state) {
        // Merging checks that all are over this reference, before anything is changed.
        WindowProfile check = open.profile().merge(state.open());
        for (Closed each : state.closed()) {
            check = check.merge(each.profile());
        }
        open.add(state.open());
        openRows.addAndGet(state.open().rows());
        openedAt = state.openedAt();
        state.closed().forEach(closed::add);
    }
}
