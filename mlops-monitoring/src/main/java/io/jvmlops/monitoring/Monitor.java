package io.jvmlops.monitoring;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.ProfileStore;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.monitoring.VersionMonitor.WindowSpec;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what a model is asked and answers, and says how that differs from its reference. Thread-safe; never throws out of
 * {@link #onPrediction}.
 *
 * <p><b>Reference.</b> Either one that is given, for whatever version answers, or, from a {@link ProfileStore}, the one that was
 * kept with the very version: it is found by the digest that answered, so that a new version is never compared with the data of
 * an old one. Versions without reference are not watched; {@link #eventsWithoutReference} counts their events, and the store is
 * asked again every minute.
 *
 * <p><b>Windows.</b> Predictions are counted into one window per version, which ends by time, by number of rows, or only by
 * {@link #reset}. A window that ends by itself is reported to the listeners. It is compared with the reference, or with
 * windows before it: see {@link Baseline}. A window of time ends when the next prediction, or {@link #report}, finds that it is
 * over.
 *
 * <p><b>Restart.</b> With a {@link ProfileStore} the windows are kept in it, and a monitor goes on where the last of the same
 * instance stopped. They are stored when a window ends, at least once a minute while predictions come, and by {@link #close};
 * a process that is killed loses that minute. Of the windows of a rolling baseline the latest 32 MiB are stored. A store that does not
 * answer within five seconds is not waited for, and not asked again before it has: predictions are counted all the same.
 *
 * <p><b>Cost.</b> Holds counts, not rows, whatever passes; profiling a value allocates nothing. The serving that calls it does so
 * from a thread of its own, and where predictions come faster than the {@link Builder#cpuBudget} allows to count, it takes a
 * uniform random sample of rows; all numbers of rows in reports are those that were counted.
 *
 * <p>The inputs of failed predictions count, their outputs do not. Outputs may be any of the model's; inputs must be all of
 * them. An event of other types, shapes or numbers of rows is left out as a whole and counted in {@link #eventsIgnored}.
 *
 * <p>Logs one line for every column that begins (WARN) or ceases (INFO) to drift from one report to the next, without
 * values of the data.
 */
public final class Monitor implements PredictionListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    /** Versions that answer at one time, and some more: beyond, the one that has not answered for longest is stored and let go. */
    static final int MAX_VERSIONS = 16;

    private static final Duration SAVE_EVERY = Duration.ofMinutes(1);

    /** How long to wait for a store. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How long to wait for a reference that was not there, or a store that failed. */
    private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

    private final String name;
    private final DriftPolicy policy;
    private final InstantSource clock;
    private final WindowSpec spec;
    private final double cpuBudget;
    private final List<Consumer<DriftReport>> listeners;

    /** Null if the references are in the store. */
    private final @Nullable VersionMonitor single;

    private final @Nullable ProfileStore store;
    private final String stateName;

    // Guarded by itself: the versions met so far, the one that answered last at the end.
    private final Map<Digest, Version> versions = new LinkedHashMap<>(16, 0.75f, true);

    private volatile @Nullable Version current;
    private volatile Instant savedAt;
    private volatile boolean closed;

    /** Held while windows are stored, so that those of a moment ago are not what is stored last. */
    private final Object saving = new Object();

    private final LongAdder rowsSeen = new LongAdder();
    private final LongAdder eventsIgnored = new LongAdder();
    private final LongAdder eventsWithoutReference = new LongAdder();

    /**
     * A version that was met.
     *
     * @param monitor its windows; null if it has no reference that could be read
     * @param askAgainAt when to look for a reference again; null if there is one
     */
    private record Version(
            Digest digest,
            @Nullable VersionMonitor monitor,
            @Nullable Instant askAgainAt) {
        boolean isSettled(Instant now) {
            // A clock that was set back must not put it off.
            return askAgainAt == null || now.isBefore(askAgainAt) && !now.isBefore(askAgainAt.minus(ASK_AGAIN));
        }
    }

    private Monitor(Builder builder) {
        name = builder.name;
        policy = builder.policy;
        clock = builder.clock;
        cpuBudget = builder.cpuBudget;
        listeners = List.copyOf(builder.listeners);
        spec = new WindowSpec(builder.every, builder.rows, builder.baseline);
        store = builder.store == null
                ? null
                : new PatientStore(builder.store, builder.patience, "mlops-monitor-" + name + "-store");
        stateName = ProfileStore.checkName("window-" + builder.instance);
        savedAt = clock.instant();
        single = builder.reference == null
                ? null
                : new VersionMonitor(name, builder.reference, policy, spec, clock.instant());
    }

    /** Compares with one reference, whichever version answers. Its windows end with the process. */
    public static Builder builder(ReferenceProfile reference) {
        return new Builder(Objects.requireNonNull(reference), null);
    }

    /**
     * Compares every version with the reference that the store has of it, under {@link ProfileStore#REFERENCE}, and keeps the
     * windows there.
     */
    public static Builder builder(ProfileStore store) {
        return new Builder(null, Objects.requireNonNull(store));
    }

    /** What reports, logs and meters call the model. */
    public String name() {
        return name;
    }

    @Override
    public OptionalDouble cpuBudget() {
        return OptionalDouble.of(cpuBudget);
    }

    /**
     * Of the version that answered last.
     *
     * @return empty if none with a reference has answered yet
     */
    public Optional<ReferenceProfile> reference() {
        return Optional.ofNullable(watched()).map(VersionMonitor::reference);
    }

    private @Nullable VersionMonitor watched() {
        if (single != null) {
            return single;
        }
        Version version = current;
        return version == null ? null : version.monitor();
    }

    @Override
    public void onPrediction(PredictionEvent event) {
        try {
            Instant now = clock.instant();
            VersionMonitor monitor = of(event.digest(), now);
            if (monitor == null) {
                eventsWithoutReference.increment();
                return;
            }
            tick(monitor, now);
            int rows = monitor.add(event.inputs(), event.outputs(), event.sampling());
            if (rows < 0) {
                eventsIgnored.increment();
            } else {
                rowsSeen.add(rows);
            }
            tick(monitor, now);
            saveIfDue(now);
        } catch (RuntimeException e) {
            eventsIgnored.increment();
            LOG.debug(
                    "monitor '{}' cannot profile an event: {}",
                    name,
                    e.getClass().getSimpleName());
        }
    }

    private void tick(VersionMonitor monitor, Instant now) {
        if (monitor.isDue(now)) {
            monitor.closeIfDue(now).ifPresent(report -> {
                tell(report);
                saveUnlessClosed();
            });
        }
    }

    private void tell(DriftReport report) {
        for (Consumer<DriftReport> listener : listeners) {
            try {
                listener.accept(report);
            } catch (Throwable e) {
                // Errors too: the window that it was told of has ended, and the prediction is still to be counted.
                LOG.warn("monitor '{}': a listener of its reports failed", name, e);
            }
        }
    }

    /** The windows of a version, made when it answers for the first time; null if it has no reference. */
    private @Nullable VersionMonitor of(Digest digest, Instant now) {
        if (single != null) {
            return single;
        }
        Version version = current;
        if (version != null && version.digest().equals(digest) && version.isSettled(now)) {
            return version.monitor();
        }
        synchronized (versions) {
            Version known = versions.get(digest);
            if (known == null || !known.isSettled(now)) {
                VersionMonitor monitor = open(digest, now);
                known = new Version(digest, monitor, monitor == null ? now.plus(ASK_AGAIN) : null);
                versions.put(digest, known);
                shrink();
            }
            current = known;
            return known.monitor();
        }
    }

    private void shrink() {
        while (versions.size() > MAX_VERSIONS) {
            Version eldest = versions.values().iterator().next();
            if (eldest.monitor() != null) {
                save(eldest.digest(), eldest.monitor());
            }
            versions.remove(eldest.digest());
        }
    }

    private @Nullable VersionMonitor open(Digest digest, Instant now) {
        ProfileStore profiles = Objects.requireNonNull(store);
        try {
            Optional<byte[]> bytes = profiles.get(digest, ProfileStore.REFERENCE);
            if (bytes.isEmpty()) {
                LOG.warn(
                        "model '{}': version {} has no reference profile and is not watched; store one under '{}'",
                        name,
                        digest.abbreviated(),
                        ProfileStore.REFERENCE);
                return null;
            }
            VersionMonitor monitor = new VersionMonitor(name, ReferenceProfile.parse(bytes.get()), policy, spec, now);
            restore(profiles, digest, monitor);
            return monitor;
        } catch (RuntimeException e) {
            // Whatever a store throws: it is not asked again with every event.
            LOG.warn("model '{}': version {} is not watched yet", name, digest.abbreviated(), e);
            return null;
        }
    }

    private void restore(ProfileStore profiles, Digest digest, VersionMonitor monitor) {
        try {
            profiles.get(digest, stateName).ifPresent(bytes -> monitor.restore(WindowState.parse(bytes)));
        } catch (InvalidInputException | IllegalArgumentException | ArithmeticException e) {
            LOG.warn(
                    "model '{}': the stored windows of version {} cannot be used; an empty one begins",
                    name,
                    digest.abbreviated(),
                    e);
        }
    }

    private void saveIfDue(Instant now) {
        Instant before = savedAt;
        // A clock that was set back must not stop it.
        if (store != null && (now.isBefore(before) || !now.isBefore(before.plus(SAVE_EVERY)))) {
            saveUnlessClosed();
        }
    }

    private void saveUnlessClosed() {
        if (!closed) {
            save();
        }
    }

    /**
     * Stores the windows, as it is done about once a minute anyway. A store that fails, or does not answer within five seconds, is
     * logged, and asked again a minute later.
     * Does nothing without a store.
     */
    public void save() {
        if (store == null) {
            return;
        }
        savedAt = clock.instant();
        Map<Digest, VersionMonitor> watched = new LinkedHashMap<>();
        synchronized (versions) {
            versions.forEach((digest, version) -> {
                if (version.monitor() != null) {
                    watched.put(digest, version.monitor());
                }
            });
        }
        watched.forEach(this::save);
    }

    private void save(Digest digest, VersionMonitor monitor) {
        try {
            synchronized (saving) {
                Objects.requireNonNull(store)
                        .put(digest, stateName, monitor.state().toBytes());
            }
        } catch (RuntimeException e) {
            LOG.warn("model '{}': the windows of version {} are not stored", name, digest.abbreviated(), e);
        }
    }

    /**
     * Compares the window so far, of the version that answered last, with the baseline. Ends it first if its time is over.
     *
     * @throws NotFoundException if no version with a reference has answered yet
     */
    public DriftReport report() {
        VersionMonitor monitor = requireWatched();
        Instant now = clock.instant();
        tick(monitor, now);
        return monitor.report(now);
    }

    /**
     * The report on the window that ended last by itself, of the version that answered last; empty if none has, or since a
     * restart.
     */
    public Optional<DriftReport> lastReport() {
        VersionMonitor monitor = watched();
        if (monitor == null) {
            return Optional.empty();
        }
        tick(monitor, clock.instant());
        return monitor.last();
    }

    /**
     * What was counted in the window so far, of the version that answered last, over the reference's edges and levels: to be
     * stored, merged with those of other processes, or compared later by {@link DriftPolicy#compare}.
     *
     * @throws NotFoundException if no version with a reference has answered yet
     */
    public WindowProfile window() {
        return requireWatched().window();
    }

    /**
     * Ends the window of the version that answered last, and starts an empty one; no prediction is in both or in none. Returns
     * the one that ended; it is not reported.
     *
     * @throws NotFoundException if no version with a reference has answered yet
     */
    public WindowProfile reset() {
        WindowProfile ended = requireWatched().reset(clock.instant());
        saveUnlessClosed();
        return ended;
    }

    private VersionMonitor requireWatched() {
        VersionMonitor monitor = watched();
        if (monitor == null) {
            throw new NotFoundException("monitor '" + name + "' has nothing to report: no version with a reference"
                    + " profile has answered yet; store references under '" + ProfileStore.REFERENCE + "' by digest");
        }
        return monitor;
    }

    /** Rows profiled since the monitor was made, over all windows. */
    public long rowsSeen() {
        return rowsSeen.sum();
    }

    /** Events that did not fit the reference's signature, since the monitor was made. */
    public long eventsIgnored() {
        return eventsIgnored.sum();
    }

    /** Events of versions that have no reference, since the monitor was made. */
    public long eventsWithoutReference() {
        return eventsWithoutReference.sum();
    }

    /** Stores the windows. Predictions that come later are counted still, and not stored by themselves. */
    @Override
    public void close() {
        closed = true;
        save();
    }

    /** Options of a monitor. Not thread-safe. */
    public static final class Builder {
        private final @Nullable ReferenceProfile reference;
        private final @Nullable ProfileStore store;
        private final List<Consumer<DriftReport>> listeners = new ArrayList<>();
        private String name = "model";
        private String instance = "main";
        private DriftPolicy policy = DriftPolicy.ofDefaults();
        private InstantSource clock = InstantSource.system();
        private @Nullable Duration every;
        private long rows;
        private Baseline baseline = Baseline.fixed();
        private double cpuBudget = 0.05;
        private Duration patience = PATIENCE;

        private Builder(@Nullable ReferenceProfile reference, @Nullable ProfileStore store) {
            this.reference = reference;
            this.store = store;
        }

        /** What reports, logs and meters call the model: {@code model} unless told. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name);
            return this;
        }

        /**
         * Under which name this process keeps its windows: {@code main} unless told. Processes that share a store need names of
         * their own.
         *
         * @throws InvalidInputException if it is not 1 to 57 of letters, digits, {@code _}, {@code -} and {@code .}
         */
        public Builder instance(String instance) {
            ProfileStore.checkName("window-" + instance);
            this.instance = instance;
            return this;
        }

        /** When a difference is drift: {@link DriftPolicy#ofDefaults} unless told. */
        public Builder policy(DriftPolicy policy) {
            this.policy = Objects.requireNonNull(policy);
            return this;
        }

        /** What reports are dated by, and windows of time end by: the system's clock unless told. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /**
         * Ends windows after this time; they begin at multiples of it since 1970, so that those of an hour begin on the hour.
         *
         * @throws IllegalArgumentException if it is shorter than a second
         */
        public Builder windowOf(Duration time) {
            if (time.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("windows of " + time + ": expected a second or more");
            }
            every = time;
            return this;
        }

        /**
         * Ends windows after so many counted rows, or somewhat more where rows come in batches.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder windowOf(long rows) {
            if (rows < 1) {
                throw new IllegalArgumentException("windows of " + rows + " rows: expected 1 or more");
            }
            this.rows = rows;
            return this;
        }

        /** What windows are compared with: {@link Baseline#fixed} unless told. Others need windows that end by themselves. */
        public Builder against(Baseline baseline) {
            this.baseline = Objects.requireNonNull(baseline);
            return this;
        }

        /** Told of every window that ends by itself, on the thread that found it over; one that throws is logged. */
        public Builder onReport(Consumer<DriftReport> listener) {
            listeners.add(Objects.requireNonNull(listener));
            return this;
        }

        /**
         * The share of one processor that counting may take: 0.05 unless told. Beyond, rows are sampled.
         *
         * @throws IllegalArgumentException if it is not above 0 and at most 1
         */
        public Builder cpuBudget(double share) {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "a budget of " + share + " of a processor: expected above 0 and at most 1");
            }
            cpuBudget = share;
            return this;
        }

        /** How long to wait for the store, for tests. */
        Builder patience(Duration patience) {
            this.patience = patience;
            return this;
        }

        /** @throws IllegalStateException if windows are to be compared with others before them, but never end */
        public Monitor build() {
            if (baseline.windows() > 0 && every == null && rows == 0) {
                throw new IllegalStateException("a baseline of " + baseline.windows()
                        + " windows needs windows that end: call windowOf with a time or a number of rows");
            }
            return new Monitor(this);
        }
    }
}
