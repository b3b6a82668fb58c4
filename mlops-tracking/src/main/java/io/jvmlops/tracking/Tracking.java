package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.internal.OwnerOnly;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Experiments, runs and registered models of one place: by default a SQLite file and a folder of artifacts, or whatever
 * stores a host brings.
 *
 * <pre>{@code
 * try (Tracking tracking = Tracking.open(Path.of("mlops"));
 *         Run run = tracking.experiment("iris").startRun("logistic-regression")) {
 *     run.logMetric("loss", 0.5, 1);
 *     run.complete();
 * }
 * }</pre>
 *
 * <p>Thread-safe. Has one daemon thread, {@code mlops-metric-writer}, which stores metrics, and for as long as there
 * is a failure to tell a second one, {@code mlops-tracking-failures}, which tells it.
 */
public final class Tracking implements AutoCloseable {
    /** How many points of a run wait to be written, unless the builder says otherwise; as many again may be in writing. */
    public static final int DEFAULT_METRIC_BUFFER = 16_384;

    /** How long logging a metric waits while the buffer is full, unless the builder says otherwise. */
    public static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(10);

    private final TrackingStore store;
    private final MetricStore metrics;
    private final ArtifactStore artifacts;
    private final ModelRegistry registry;
    private final InstantSource clock;
    private final int metricBuffer;
    private final Duration maxWait;
    private final String location;
    private final Deque<AutoCloseable> owned;
    private final FailureReporter reporter;
    private final MetricWriter writer;
    private final Set<TrackedRun> open = ConcurrentHashMap.newKeySet();

    /** Runs start under the read lock, so that closing, which takes the write lock, sees all that have started. */
    private final ReentrantReadWriteLock starting = new ReentrantReadWriteLock();

    private volatile boolean closed;

    private Tracking(
            Builder builder,
            TrackingStore store,
            MetricStore metrics,
            ArtifactStore artifacts,
            ModelRegistry registry,
            Deque<AutoCloseable> owned) {
        this.store = store;
        this.metrics = metrics;
        this.artifacts = artifacts;
        this.registry = registry;
        this.owned = owned;
        this.clock = builder.clock;
        this.metricBuffer = builder.metricBuffer;
        this.maxWait = builder.maxWait;
        Path folder = builder.folder;
        this.location = folder == null
                ? store + ", " + metrics + ", " + artifacts + ", " + registry
                : folder.toAbsolutePath().normalize().toString();
        this.reporter = new FailureReporter(builder.failureListener);
        this.writer = new MetricWriter(metrics, reporter);
    }

    /**
     * Opens what a folder holds, or begins there: database {@code mlops.db} and folder {@code artifacts}. What is created
     * is readable by its owner only. Other processes may have it open too.
     *
     * @throws StorageException if it cannot be created, read or written; see {@link SqliteStores#open}
     */
    public static Tracking open(Path folder) {
        return builder().folder(folder).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * The experiment of that name, created if there is none.
     *
     * @throws InvalidInputException if the name is over the limits of {@link io.jvmlops.api.tracking.Keys}
     */
    public Experiment experiment(String name) {
        requireOpen();
        return new TrackedExperiment(this, store.experiment(name));
    }

    public ModelRegistry registry() {
        return registry;
    }

    public TrackingStore store() {
        return store;
    }

    public MetricStore metrics() {
        return metrics;
    }

    public ArtifactStore artifacts() {
        return artifacts;
    }

    /** Where things are, for people: the folder, or what the host's stores say of themselves. */
    public String location() {
        return location;
    }

    TrackedRun startRun(ExperimentInfo experiment, String name) {
        starting.readLock().lock();
        try {
            requireOpen();
            NewRun info = new NewRun(
                    UUID.randomUUID().toString().replace("-", ""),
                    experiment.id(),
                    name,
                    Instant.ofEpochMilli(clock.millis()));
            store.createRun(info);
            MetricBuffer buffer = new MetricBuffer(info.id(), writer, metricBuffer, maxWait);
            TrackedRun run = new TrackedRun(this, clock, info, buffer);
            writer.add(buffer);
            open.add(run);
            return run;
        } finally {
            starting.readLock().unlock();
        }
    }

    void forget(TrackedRun run, MetricBuffer buffer) {
        open.remove(run);
        writer.remove(buffer);
    }

    /**
     * Ends the runs that are open as failed, after storing their metrics, and closes what it opened itself; stores that
     * the host brought stay open. Closing twice is harmless.
     *
     * @throws StorageException if metrics could not be stored; they are lost now, the message says how many
     */
    @Override
    public void close() {
        starting.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            starting.writeLock().unlock();
        }
        RuntimeException problem = null;
        for (TrackedRun run : open) {
            try {
                run.close("the tracking was closed before the run");
            } catch (RuntimeException e) {
                problem = add(problem, e);
            }
        }
        writer.close();
        long lost = 0;
        for (TrackedRun run : open) {
            lost += run.abandon();
        }
        reporter.close();
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                problem = add(problem, e);
            }
        }
        if (problem != null || lost > 0) {
            throw new StorageException(
                    "closing the tracking of " + location + ": "
                            + (lost > 0
                                    ? lost + " metric points could not be stored and are lost"
                                    : "not all was closed")
                            + (problem == null ? "" : " (" + problem.getMessage() + ")"),
                    problem);
        }
    }

    private static RuntimeException add(@Nullable RuntimeException first, Exception next) {
        if (first != null) {
            first.addSuppressed(next);
            return first;
        }
        return next instanceof RuntimeException unchecked ? unchecked : new StorageException(next.toString(), next);
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the tracking of " + location + " has been closed");
        }
    }

    @Override
    public String toString() {
        return "tracking in " + location;
    }

    /**
     * What a tracking is made of. A folder gives defaults to whatever is not set; without one, all four stores must be
     * set. Not thread-safe.
     */
    public static final class Builder {
        private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

        private @Nullable Path folder;
        private @Nullable TrackingStore store;
        private @Nullable MetricStore metrics;
        private @Nullable ArtifactStore artifacts;
        private @Nullable ModelRegistry registry;
        private InstantSource clock = InstantSource.system();
        private Supplier<String> actor = () -> System.getProperty("user.name", "unknown");
        private int metricBuffer = DEFAULT_METRIC_BUFFER;
        private Duration maxWait = DEFAULT_MAX_WAIT;
        private Consumer<WriteFailure> failureListener = failure -> {};

        private Builder() {}

        /** Where the defaults keep their files; see {@link Tracking#open}. */
        public Builder folder(Path folder) {
            this.folder = Objects.requireNonNull(folder);
            return this;
        }

        /** Where experiments and runs go. Comes with {@link #metrics}. The host closes it. */
        public Builder store(TrackingStore store) {
            this.store = Objects.requireNonNull(store);
            return this;
        }

        /** Where metrics go. Must know the runs of {@link #store}. The host closes it. */
        public Builder metrics(MetricStore metrics) {
            this.metrics = Objects.requireNonNull(metrics);
            return this;
        }

        /** Where the bytes of artifacts and models go. The host closes it. */
        public Builder artifacts(ArtifactStore artifacts) {
            this.artifacts = Objects.requireNonNull(artifacts);
            return this;
        }

        /** Where models are registered. Comes with the {@link #artifacts} that it reads from. The host closes it. */
        public Builder registry(ModelRegistry registry) {
            this.registry = Objects.requireNonNull(registry);
            return this;
        }

        /** Stamps runs, metrics, versions and moves. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /**
         * Says who registers versions and moves aliases in the default registry; asked on the caller's thread each time.
         * The user of the operating system if not set.
         */
        public Builder actor(Supplier<String> actor) {
            this.actor = Objects.requireNonNull(actor);
            return this;
        }

        /** How many points of each run may wait to be written, 1 or more; 28 bytes each, twice. */
        public Builder metricBuffer(int points) {
            if (points < 1) {
                throw new IllegalArgumentException("a buffer of " + points + " points: expected 1 or more");
            }
            this.metricBuffer = points;
            return this;
        }

        /** How long logging a metric waits while its run's buffer is full, before it fails as overloaded. */
        public Builder maxWait(Duration maxWait) {
            if (maxWait.isNegative()) {
                throw new IllegalArgumentException("a wait of " + maxWait + ": expected 0 or more");
            }
            // What is longer than 292 years is forever; the buffer counts in nanoseconds.
            this.maxWait = maxWait.compareTo(FOREVER) > 0 ? FOREVER : maxWait;
            return this;
        }

        /**
         * Is told of every failed attempt to store metrics, at once, on a thread of its own. If it throws, that is
         * logged; if it blocks, it misses failures and holds up nothing.
         */
        public Builder onWriteFailure(Consumer<WriteFailure> listener) {
            this.failureListener = Objects.requireNonNull(listener);
            return this;
        }

        /**
         * Opens what the defaults need.
         *
         * @throws IllegalStateException if something is missing, or given without what belongs to it
         * @throws StorageException if a default cannot be opened
         */
        public Tracking build() {
            if ((store == null) != (metrics == null)) {
                throw new IllegalStateException(
                        "a tracking with " + (store == null ? "metrics but no store" : "a store but no metrics")
                                + ": the two know the same runs, give both or none");
            }
            if (registry != null && artifacts == null) {
                throw new IllegalStateException(
                        "a tracking with a registry but no artifacts: give the artifact store that the registry reads from");
            }
            if (folder == null && (store == null || artifacts == null || registry == null)) {
                throw new IllegalStateException(
                        "a tracking without a folder needs store, metrics, artifacts and registry: set the folder or all four");
            }
            Deque<AutoCloseable> owned = new ArrayDeque<>();
            boolean built = false;
            try {
                Tracking tracking = build(owned);
                built = true;
                return tracking;
            } finally {
                if (!built) {
                    closeAll(owned);
                }
            }
        }

        private Tracking build(Deque<AutoCloseable> owned) {
            ArtifactStore files = artifacts;
            if (files == null) {
                files = LocalArtifactStore.open(requireFolder().resolve("artifacts"));
                owned.push(files);
            }
            TrackingStore runs = store;
            MetricStore points = metrics;
            ModelRegistry models = registry;
            if (runs == null || points == null || models == null) {
                SqliteStores sqlite = sqlite(requireFolder());
                owned.push(sqlite);
                if (runs == null || points == null) {
                    runs = sqlite.runs();
                    points = sqlite.metrics();
                }
                if (models == null) {
                    models = sqlite.registry(files);
                    owned.push(models);
                }
            }
            return new Tracking(this, runs, points, files, models, owned);
        }

        private SqliteStores sqlite(Path folder) {
            try {
                OwnerOnly.createFolders(folder.toAbsolutePath().normalize());
            } catch (IOException e) {
                throw new StorageException(
                        "tracking folder " + folder + " cannot be created: " + e
                                + ". Expected a folder, or a place where "
                                + System.getProperty("user.name", "this user") + " may create one",
                        e);
            }
            return SqliteStores.builder(folder.resolve("mlops.db"))
                    .clock(clock)
                    .actor(actor)
                    .open();
        }

        private Path requireFolder() {
            return Objects.requireNonNull(folder);
        }

        private static void closeAll(Deque<AutoCloseable> owned) {
            for (AutoCloseable each : owned) {
                try {
                    each.close();
                } catch (Exception e) {
                    // Nothing was written to it, and why building failed is being thrown.
                }
            }
        }
    }
}
