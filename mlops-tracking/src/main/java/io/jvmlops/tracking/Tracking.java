package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.dataset.Datasets;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.internal.OwnerOnly;
import io.jvmlops.tracking.lineage.LineageExplorer;
import io.jvmlops.tracking.postgres.PostgresStores;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
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
 * <p>Runs say that they live: one whose process was killed is marked {@link RunStatus#KILLED} by the other trackings of
 * the place, or the next one, when its {@linkplain Builder#lease lease} has run out. What started a run is recorded as its
 * tags, see {@link RunTags} and {@link Builder#recordSource}.
 *
 * <p>Thread-safe. Has two daemon threads: {@code mlops-metric-writer} stores metrics, {@code mlops-heartbeat} says that
 * open runs live; for as long as there is a failure to tell a third one, {@code mlops-tracking-failures}, tells it. Once
 * per process, {@code mlops-source} finds out what the process is, and ends.
 */
public final class Tracking implements AutoCloseable {
    /** How many points of a run wait to be written, unless the builder says otherwise; as many again may be in writing. */
    public static final int DEFAULT_METRIC_BUFFER = 16_384;

    /** How long logging a metric waits while the buffer is full, unless the builder says otherwise. */
    public static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(10);

    /** How long a flush waits for a store that does not answer, unless the builder says otherwise. */
    public static final Duration DEFAULT_MAX_FLUSH = Duration.ofMinutes(5);

    /** After how long without a sign of life a run is taken for killed, unless the builder says otherwise. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(60);

    /** The names of what is in a tracking's folder. */
    static final String DATABASE = "mlops.db";

    static final String ARTIFACTS = "artifacts";

    private static final String CACHE = "cache";

    /** How long closing waits at least for a thread of its own. */
    private static final Duration MIN_PATIENCE = Duration.ofSeconds(1);

    private final TrackingStore store;
    private final MetricStore metrics;
    private final ArtifactStore artifacts;
    private final ModelRegistry registry;
    private final @Nullable Datasets datasets;
    private final InstantSource clock;
    private final int metricBuffer;
    private final Duration maxWait;
    private final Duration maxFlush;
    private final boolean failFast;
    private final @Nullable Source source;
    private final boolean recordArguments;
    private final String location;
    private final Deque<AutoCloseable> owned;
    private final FailureReporter reporter;
    private final MetricWriter writer;
    private final Heartbeat heartbeat;
    private final Map<String, TrackedRun> open = new ConcurrentHashMap<>();

    /** Runs start under the read lock, so that closing, which takes the write lock, sees all that have started. */
    private final ReentrantReadWriteLock starting = new ReentrantReadWriteLock();

    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean closed;

    /** Closing has not waited for the last runs to start, which are too late. */
    private volatile boolean startsAbandoned;

    private Tracking(
            Builder builder,
            TrackingStore store,
            MetricStore metrics,
            ArtifactStore artifacts,
            ModelRegistry registry,
            @Nullable Datasets datasets,
            String location,
            Deque<AutoCloseable> owned) {
        this.store = store;
        this.metrics = metrics;
        this.artifacts = artifacts;
        this.registry = registry;
        this.datasets = datasets;
        this.owned = owned;
        this.clock = builder.clock;
        this.metricBuffer = builder.metricBuffer;
        this.maxWait = builder.maxWait;
        this.maxFlush = builder.maxFlush;
        this.failFast = builder.failFast;
        this.source = builder.recordSource ? Source.ofThisProcess() : null;
        this.recordArguments = builder.recordArguments;
        this.location = location;
        this.reporter = new FailureReporter(builder.failureListener);
        this.writer = new MetricWriter(metrics, reporter);
        this.heartbeat = new Heartbeat(store, builder.lease, () -> List.copyOf(open.keySet()));
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
     * @throws InvalidInputException if the name is over the limits of {@link io.jvmlops.api.metadata.Keys}
     * @throws ConflictException if it was deleted; {@link #findExperiment} finds it, to restore it
     */
    public Experiment experiment(String name) {
        requireOpen();
        return new TrackedExperiment(this, store.experiment(name));
    }

    /** The experiment of that name, be it deleted. */
    public Optional<Experiment> findExperiment(String name) {
        requireOpen();
        return store.findExperimentByName(name).map(info -> new TrackedExperiment(this, info));
    }

    /** A run as it is stored now, be it open, ended or deleted. */
    public Optional<RunInfo> findRun(String runId) {
        requireOpen();
        return store.findRun(runId);
    }

    /**
     * Takes up a run again, one that has ended or whose process is gone: it is running, and more can be logged to it. What
     * was recorded of the program that started it stays. Whether another process has it open is not asked: two may log to
     * one run, and the first to end it ends it.
     *
     * @throws NotFoundException if there is no such run
     * @throws ConflictException if it is deleted, or open in this tracking
     */
    public Run resumeRun(String runId) {
        starting.readLock().lock();
        try {
            requireOpen();
            requireNotOpen(runId);
            store.updateRun(runId, RunChanges.builder().resume().build());
            RunInfo info = store.findRun(runId)
                    .orElseThrow(() -> new NotFoundException("run " + runId + " is no longer in the tracking store"));
            TrackedRun run = opened(runId, info.experimentId(), info.name());
            heartbeat.begin(runId);
            return run;
        } finally {
            starting.readLock().unlock();
        }
    }

    private void requireNotOpen(String runId) {
        if (open.containsKey(runId)) {
            throw isOpen(runId);
        }
    }

    private static ConflictException isOpen(String runId) {
        return new ConflictException("run " + runId + " is open in this tracking; end it first");
    }

    /**
     * Hides a run, which refuses changes until it is restored. Harmless for one that is deleted.
     *
     * @throws NotFoundException if there is no such run
     * @throws ConflictException if it is open in this tracking
     */
    public void deleteRun(String runId) {
        requireOpen();
        requireNotOpen(runId);
        store.updateRun(runId, RunChanges.builder().delete().build());
    }

    /**
     * Undoes {@link #deleteRun}. If its experiment is deleted, it stays hidden until that is restored too.
     *
     * @throws NotFoundException if there is no such run
     */
    public void restoreRun(String runId) {
        requireOpen();
        store.updateRun(runId, RunChanges.builder().restore().build());
    }

    public ModelRegistry registry() {
        return registry;
    }

    /**
     * Which data there is, to add to, compare, verify and restore.
     *
     * @throws IllegalStateException if the host brought all other stores and none of datasets
     */
    public Datasets datasets() {
        if (datasets == null) {
            throw new IllegalStateException("the tracking of " + location
                    + " has no store of datasets: give the builder one, as it has all other stores from its host");
        }
        return datasets;
    }

    public TrackingStore store() {
        return store;
    }

    /** Finds out where a dataset version, run, artifact, model version or move of an alias came from, and what came from it. */
    public LineageExplorer lineage() {
        requireOpen();
        return LineageExplorer.of(store, registry, datasets == null ? null : datasets.store());
    }

    public MetricStore metrics() {
        return metrics;
    }

    public ArtifactStore artifacts() {
        return artifacts;
    }

    /** What was logged to a run, be it open, ended, deleted, or another process's; throws when it is asked if there is no such run. */
    public RunArtifacts artifacts(String runId) {
        requireOpen();
        return new RunArtifacts(store, artifacts, runId);
    }

    /**
     * A collection of the artifacts that nothing refers to, which does nothing until it is told to.
     *
     * @throws IllegalStateException if one of the stores, brought by the host, does not say which artifacts it refers to;
     *     see {@link io.jvmlops.api.artifact.ArtifactReferences}
     */
    public GarbageCollection garbage() {
        requireOpen();
        List<Object> stores = new ArrayList<>(List.of(store, registry));
        if (datasets != null) {
            stores.add(datasets.store());
        }
        return GarbageCollection.of(store, artifacts, stores, clock);
    }

    /**
     * Reads and hashes again everything that is referred to, each content once, and says what is not what it was: the
     * artifacts of runs, be they deleted, as {@code runs/<id>/<path>}; the files of models, as {@code
     * models/<name>/<version>/<path>}; and those of datasets, as {@code datasets/<name>/<version>/<path>}. Takes about as
     * long as reading everything.
     */
    public Verification verify() {
        requireOpen();
        ArtifactVerifier verifier = new ArtifactVerifier(artifacts);
        verifier.addRuns(store);
        verifier.addModels(registry);
        if (datasets != null) {
            verifier.addDatasets(datasets);
        }
        return verifier.finish(toString());
    }

    /**
     * Copies the folder while everybody goes on: the database as of one moment, with all that was acknowledged before this
     * call, and the artifacts, unless the host keeps those elsewhere. The copy is durable when this returns, and is opened
     * by {@link #open}. Takes about as long as reading everything.
     *
     * @param target must not exist; appears when it is complete, and not at all if anything fails
     * @throws StorageException if it is there already or cannot be written
     * @throws IllegalStateException if experiments and runs are not in a SQLite file of this tracking's own: back up the
     *     host's database by its own means
     */
    public void backup(Path target) {
        requireOpen();
        for (AutoCloseable each : owned) {
            if (each instanceof SqliteStores sqlite && sqlite.runs() == store) {
                Backup.write(sqlite, artifacts, target);
                return;
            }
        }
        throw new IllegalStateException(
                "the runs of " + location
                        + " are not in a SQLite file of this tracking; back them up with the database's own tools (pg_dump, say)");
    }

    /** Where things are, for people: the folder, database, or what the host's stores say of themselves. */
    public String location() {
        return location;
    }

    Run startRun(String experimentId, String name, Map<String, String> tags) {
        Map<String, String> allTags = new LinkedHashMap<>();
        if (source != null) {
            allTags.putAll(source.tags(recordArguments));
        }
        allTags.putAll(tags);
        starting.readLock().lock();
        try {
            requireOpen();
            String id = UUID.randomUUID().toString().replace("-", "");
            store.createRun(new NewRun(
                    id, experimentId, name, Instant.ofEpochMilli(clock.millis()), allTags, heartbeat.lease()));
            return opened(id, experimentId, name);
        } finally {
            starting.readLock().unlock();
        }
    }

    private TrackedRun opened(String id, String experimentId, String name) {
        MetricBuffer buffer = new MetricBuffer(id, writer, metricBuffer, maxWait, failFast);
        TrackedRun run = new TrackedRun(this, clock, id, experimentId, name, buffer);
        if (open.putIfAbsent(id, run) != null) {
            throw isOpen(id);
        }
        writer.add(buffer);
        if (startsAbandoned) {
            run.abandon();
            requireOpen();
        }
        return run;
    }

    void forget(TrackedRun run, MetricBuffer buffer) {
        open.remove(run.id(), run);
        writer.remove(buffer);
    }

    /** When a flush that begins now gives up, by {@link System#nanoTime}. */
    long flushDeadline() {
        return System.nanoTime() + maxFlush.toNanos();
    }

    /**
     * Ends the runs that are open as failed, after storing their metrics, and closes what it opened itself; stores that
     * the host brought stay open. Closing twice is harmless. Waits for a store that does not answer as long as one flush
     * does, for all runs together; then even its own stores stay open, as they are in use.
     *
     * @throws StorageException if metrics could not be stored; they are lost now, the message says how many
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        closed = true;
        long deadline = flushDeadline();
        boolean allStarted = awaitStarts(deadline);
        RuntimeException problem = null;
        for (TrackedRun run : open.values()) {
            try {
                run.close("the tracking was closed before the run", deadline);
            } catch (RuntimeException e) {
                problem = add(problem, e);
            }
        }
        boolean writerEnded = writer.close(patience(deadline));
        boolean ended = heartbeat.close(patience(deadline)) && writerEnded && allStarted;
        long lost = 0;
        for (TrackedRun run : open.values()) {
            lost += run.abandon();
        }
        reporter.close();
        if (!ended) {
            problem = add(problem, new TimedOutException("a store has not answered, and is not closed"));
        }
        while (ended && !owned.isEmpty()) {
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

    /** Returns whether no run is being started any more; those that still are find that the tracking is closed. */
    private boolean awaitStarts(long deadline) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    boolean none =
                            starting.writeLock().tryLock(patience(deadline).toNanos(), TimeUnit.NANOSECONDS);
                    if (none) {
                        starting.writeLock().unlock();
                    }
                    startsAbandoned = !none;
                    return none;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Duration patience(long deadline) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        return left.compareTo(MIN_PATIENCE) < 0 ? MIN_PATIENCE : left;
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
     * What a tracking is made of. A folder gives defaults to whatever is not set; without one, all four of store, metrics, artifacts and registry must be
     * set. Not thread-safe.
     */
    public static final class Builder {
        private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);
        private static final Duration MIN_LEASE = Duration.ofMillis(100);

        private @Nullable Path folder;
        private @Nullable TrackingStore store;
        private @Nullable MetricStore metrics;
        private @Nullable ArtifactStore artifacts;
        private @Nullable ModelRegistry registry;
        private @Nullable DatasetStore datasets;
        private @Nullable Path cache;
        private InstantSource clock = InstantSource.system();
        private Supplier<String> actor = () -> System.getProperty("user.name", "unknown");
        private int metricBuffer = DEFAULT_METRIC_BUFFER;
        private Duration maxWait = DEFAULT_MAX_WAIT;
        private Duration maxFlush = DEFAULT_MAX_FLUSH;
        private Duration lease = DEFAULT_LEASE;
        private boolean failFast;
        private boolean recordSource = true;
        private boolean recordArguments;
        private @Nullable DataSource postgres;
        private Consumer<WriteFailure> failureListener = failure -> {};

        private Builder() {}

        /** Where the defaults keep their files; see {@link Tracking#open}. */
        public Builder folder(Path folder) {
            this.folder = Objects.requireNonNull(folder);
            return this;
        }

        /**
         * Where the defaults of {@link #store}, {@link #metrics}, {@link #registry} and {@link #datasets} keep their tables instead: in a
         * PostgreSQL database, in schema {@value PostgresStores#DEFAULT_SCHEMA}; see {@link PostgresStores}. Artifacts stay
         * in the folder, which all processes of the team have to share, or in {@link #artifacts}. The host closes the data
         * source.
         */
        public Builder postgres(DataSource source) {
            this.postgres = Objects.requireNonNull(source);
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

        /**
         * Where dataset versions are kept. Comes with the {@link #artifacts} that it reads from. The host closes it. If not
         * set, they are beside the runs or the models, unless the host brings both and no {@link #postgres}; then there
         * are none.
         */
        public Builder datasets(DatasetStore datasets) {
            this.datasets = Objects.requireNonNull(datasets);
            return this;
        }

        /**
         * Where it is remembered which content the files of datasets had when they were read, see {@link
         * Datasets#withCache}; folder {@code cache} in the folder if not set. Without either, files are read each time.
         */
        public Builder cache(Path folder) {
            this.cache = Objects.requireNonNull(folder);
            return this;
        }

        /** Stamps runs, metrics, versions and moves. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /**
         * Says who registers versions, moves aliases and adds datasets in the default stores; asked on the caller's thread each time.
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
            this.maxWait = countable(maxWait);
            return this;
        }

        /** What is longer than 292 years is forever; we count in nanoseconds. */
        private static Duration countable(Duration wait) {
            return wait.compareTo(FOREVER) > 0 ? FOREVER : wait;
        }

        /**
         * How long flushing, completing, failing and closing wait while the store of metrics neither stores nor fails,
         * before they fail as timed out.
         */
        public Builder maxFlush(Duration maxFlush) {
            if (maxFlush.isNegative()) {
                throw new IllegalArgumentException("a wait of " + maxFlush + ": expected 0 or more");
            }
            this.maxFlush = countable(maxFlush);
            return this;
        }

        /**
         * After how long without a sign of life others take a run for killed. This tracking gives four per lease. A process
         * that was merely suspended takes its runs up again when it goes on.
         *
         * @param lease 100 ms or more
         */
        public Builder lease(Duration lease) {
            if (lease.compareTo(MIN_LEASE) < 0) {
                throw new IllegalArgumentException("a lease of " + lease + ": expected " + MIN_LEASE + " or more");
            }
            this.lease = countable(lease);
            return this;
        }

        /**
         * Whether logging a metric throws while earlier metrics of the run could not be stored so far. If not set, a
         * training hears of it when it flushes or ends, or when the buffer is full.
         */
        public Builder failFast(boolean failFast) {
            this.failFast = failFast;
            return this;
        }

        /**
         * Whether to record as tags of each run what has started it, see {@link RunTags}: user, main class, commit, JVM and
         * its options, operating system. On if not set. Finding that out delays the first run by at most a second.
         */
        public Builder recordSource(boolean recordSource) {
            this.recordSource = recordSource;
            return this;
        }

        /** Whether to record the program's arguments too, which may hold secrets. Off if not set. */
        public Builder recordArguments(boolean recordArguments) {
            this.recordArguments = recordArguments;
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
            if (datasets != null && artifacts == null) {
                throw new IllegalStateException(
                        "a tracking with datasets but no artifacts: give the artifact store that the datasets are in");
            }
            boolean tables = store == null || registry == null;
            if (folder == null && (artifacts == null || tables && postgres == null)) {
                throw new IllegalStateException("a tracking without a folder needs artifacts, and either a database or"
                        + " store, metrics and registry: set the folder or all of these");
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
                files = LocalArtifactStore.open(requireFolder().resolve(ARTIFACTS));
                owned.push(files);
            }
            TrackingStore runs = store;
            MetricStore points = metrics;
            ModelRegistry models = registry;
            DatasetStore data = datasets;
            String tables = null;
            if (runs == null || points == null || models == null || (data == null && postgres != null)) {
                DataSource source = postgres;
                Stores stores = source == null ? tables(requireFolder()) : tables(source);
                owned.push(stores.closed());
                tables = stores.closed().toString();
                if (runs == null || points == null) {
                    runs = stores.runs();
                    points = stores.metrics();
                }
                if (models == null) {
                    models = stores.registry().apply(files);
                    owned.push(models);
                }
                if (data == null) {
                    data = stores.datasets().apply(files);
                    owned.push(data);
                }
            }
            String location;
            if (postgres != null && tables != null) {
                location = tables + ", " + files;
            } else if (folder != null) {
                location = folder.toAbsolutePath().normalize().toString();
            } else {
                location = runs + ", " + points + ", " + files + ", " + models;
            }
            Datasets face = data == null ? null : Datasets.of(data, files);
            Path remembered = cache == null && folder != null ? folder.resolve(CACHE) : cache;
            return new Tracking(
                    this,
                    runs,
                    points,
                    files,
                    models,
                    face == null || remembered == null ? face : face.withCache(remembered),
                    location,
                    owned);
        }

        private record Stores(
                AutoCloseable closed,
                TrackingStore runs,
                MetricStore metrics,
                Function<ArtifactStore, ModelRegistry> registry,
                Function<ArtifactStore, DatasetStore> datasets) {}

        private Stores tables(DataSource source) {
            PostgresStores stores =
                    PostgresStores.builder(source).clock(clock).actor(actor).open();
            return new Stores(stores, stores.runs(), stores.metrics(), stores::registry, stores::datasets);
        }

        private Stores tables(Path folder) {
            try {
                OwnerOnly.createFolders(folder.toAbsolutePath().normalize());
            } catch (IOException e) {
                throw new StorageException(
                        "tracking folder " + folder + " cannot be created: " + e
                                + ". Expected a folder, or a place where "
                                + System.getProperty("user.name", "this user") + " may create one",
                        e);
            }
            SqliteStores stores = SqliteStores.builder(folder.resolve(DATABASE))
                    .clock(clock)
                    .actor(actor)
                    .open();
            return new Stores(stores, stores.runs(), stores.metrics(), stores::registry, stores::datasets);
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
