package io.jvmlops.test.tracking;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps experiments and runs in memory, for tests: everything is gone with the object. As simple as can be, so that it can
 * be what other stores are compared with.
 */
public final class InMemoryTrackingStore implements TrackingStore, ArtifactReferences {
    private final InstantSource clock;
    private final InMemoryMetricStore metrics = new InMemoryMetricStore(this);
    private final Map<String, ExperimentInfo> experiments = new LinkedHashMap<>();
    private final Map<String, StoredRun> runs = new LinkedHashMap<>();
    private long lastExperiment;
    private Instant collectedBefore = Instant.EPOCH;
    private boolean closed;

    public InMemoryTrackingStore() {
        this(InstantSource.system());
    }

    /** @param clock stamps experiments and deletions, and counts leases */
    public InMemoryTrackingStore(InstantSource clock) {
        this.clock = clock;
    }

    /** The metrics of these runs; the same object every time. */
    public InMemoryMetricStore metrics() {
        return metrics;
    }

    private static final class StoredRun {
        final NewRun start;
        String name;
        RunStatus status = RunStatus.RUNNING;

        @Nullable
        Instant endedAt;

        @Nullable
        String endReason;

        @Nullable
        Instant deletedAt;

        @Nullable
        Instant beatAt;

        @Nullable
        Instant leaseUntil;

        final Map<String, String> params = new TreeMap<>();
        final Map<String, String> tags = new TreeMap<>();
        final Set<DatasetInput> inputs = new LinkedHashSet<>();
        final Map<String, FileEntry> artifacts = new TreeMap<>();

        StoredRun(NewRun start) {
            this.start = start;
            this.name = start.name();
            tags.putAll(start.tags());
        }

        void become(RunStatus status, @Nullable Instant endedAt, @Nullable String reason) {
            this.status = status;
            this.endedAt = endedAt;
            this.endReason = reason;
        }

        void lease(@Nullable Instant now, @Nullable Instant until) {
            beatAt = now;
            leaseUntil = until;
        }
    }

    @Override
    public synchronized ExperimentInfo createExperiment(String name, Map<String, String> tags) {
        requireOpen();
        Keys.check("name of an experiment", name);
        Keys.checkTags(tags);
        if (findExperimentByName(name).isPresent()) {
            throw new ConflictException("there is an experiment '" + name + "' already");
        }
        String id = String.valueOf(++lastExperiment);
        Instant now = now();
        ExperimentInfo experiment = new ExperimentInfo(id, name, new TreeMap<>(tags), now, now, null);
        experiments.put(id, experiment);
        return experiment;
    }

    private static Instant until(Instant now, Duration lease) {
        Duration most = Duration.between(now, Instant.MAX);
        return now.plus(lease.compareTo(most) < 0 ? lease : most);
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    @Override
    public synchronized Optional<ExperimentInfo> findExperiment(String id) {
        requireOpen();
        return Optional.ofNullable(experiments.get(id));
    }

    @Override
    public synchronized Optional<ExperimentInfo> findExperimentByName(String name) {
        requireOpen();
        return experiments.values().stream().filter(e -> e.name().equals(name)).findFirst();
    }

    @Override
    public synchronized List<ExperimentInfo> experiments() {
        requireOpen();
        return experiments.values().stream().filter(e -> !e.isDeleted()).toList();
    }

    @Override
    public synchronized ExperimentInfo updateExperiment(String id, ExperimentChanges changes) {
        requireOpen();
        ExperimentInfo present = experiments.get(id);
        if (present == null) {
            throw new NotFoundException("there is no experiment of id '" + id + "'");
        }
        if (present.isDeleted() && changes.lifecycle() == null) {
            throw new ConflictException("experiment '" + present.name() + "' (id " + id
                    + ") is deleted and cannot be changed; restore it first");
        }
        String name = changes.name() == null ? present.name() : changes.name();
        if (experiments.values().stream().anyMatch(e -> e.name().equals(name) && !e.id().equals(id))) {
            throw new ConflictException("experiment " + id + " cannot be named '" + name + "': another one is");
        }
        Map<String, String> tags = new TreeMap<>(present.tags());
        tags.keySet().removeAll(changes.removedTags());
        tags.putAll(changes.tags());
        Instant now = now();
        Instant deletedAt = present.deletedAt();
        if (changes.lifecycle() == ExperimentChanges.Lifecycle.RESTORE) {
            deletedAt = null;
        } else if (changes.lifecycle() == ExperimentChanges.Lifecycle.DELETE && deletedAt == null) {
            deletedAt = now;
        }
        ExperimentInfo changed = new ExperimentInfo(id, name, tags, present.createdAt(), now, deletedAt);
        experiments.put(id, changed);
        return changed;
    }

    @Override
    public synchronized void createRun(NewRun run) {
        requireOpen();
        ExperimentInfo experiment = experiments.get(run.experimentId());
        if (experiment == null) {
            throw new NotFoundException(
                    "run " + run.id() + ": there is no experiment of id '" + run.experimentId() + "'");
        }
        if (experiment.isDeleted()) {
            throw new ConflictException("run " + run.id() + ": experiment '" + experiment.name() + "' is deleted");
        }
        StoredRun stored = new StoredRun(run);
        if (runs.putIfAbsent(run.id(), stored) != null) {
            throw new ConflictException("there is a run of id " + run.id() + " already");
        }
        Duration lease = run.lease();
        if (lease != null) {
            Instant now = now();
            stored.lease(now, until(now, lease));
        }
    }

    @Override
    public synchronized void updateRun(String runId, RunChanges changes) {
        RunChanges.Transition transition = changes.transition();
        boolean lifecycle = transition instanceof RunChanges.Delete || transition instanceof RunChanges.Restore;
        StoredRun run = lifecycle ? require(runId) : requireActive(runId);
        changes.params().forEach((key, value) -> {
            String present = run.params.get(key);
            if (present != null && !present.equals(value)) {
                throw new ConflictException("param '" + key + "' of run " + runId + " is '" + Keys.clipped(present)
                        + "' already and params are written once; found '" + Keys.clipped(value) + "'");
            }
        });
        requireNew(runId, changes);
        if (transition instanceof RunChanges.End end) {
            end(runId, run, end);
        } else if (transition instanceof RunChanges.Resume && run.status != RunStatus.RUNNING) {
            run.become(RunStatus.RUNNING, null, null);
            run.lease(null, null);
        } else if (transition instanceof RunChanges.Delete && run.deletedAt == null) {
            run.deletedAt = now();
        } else if (transition instanceof RunChanges.Restore) {
            run.deletedAt = null;
        }
        if (changes.name() != null) {
            run.name = changes.name();
        }
        run.params.putAll(changes.params());
        run.tags.keySet().removeAll(changes.removedTags());
        run.tags.putAll(changes.tags());
        run.inputs.addAll(changes.inputs());
        changes.artifacts().forEach(file -> run.artifacts.put(file.path(), file));
        metrics.add(runId, changes.metrics());
    }

    private void requireNew(String runId, RunChanges changes) {
        Instant since = changes.storedSince();
        if (!changes.artifacts().isEmpty()
                && (since == null ? collectedBefore.isAfter(Instant.EPOCH) : since.isBefore(collectedBefore))) {
            throw new StorageException(
                    "run " + runId + ": its artifacts were stored or renewed at " + since
                            + ", and garbage was collected meanwhile, up to what was stored at " + collectedBefore
                            + "; store or renew them, and try again",
                    null,
                    since != null);
        }
    }

    private static void end(String runId, StoredRun run, RunChanges.End end) {
        if (run.status == end.status()) {
            return;
        }
        if (run.status != RunStatus.RUNNING && run.status != RunStatus.KILLED) {
            throw new ConflictException(
                    "run " + runId + " cannot end as " + end.status() + ": it has ended as " + run.status);
        }
        run.become(end.status(), Instant.ofEpochMilli(end.at().toEpochMilli()), end.reason());
        run.lease(null, null);
    }

    @Override
    public synchronized Optional<RunInfo> findRun(String runId) {
        requireOpen();
        return Optional.ofNullable(runs.get(runId)).map(this::info);
    }

    private RunInfo info(StoredRun run) {
        Instant deletedAt = run.deletedAt;
        if (deletedAt == null) {
            deletedAt = experimentOf(run).deletedAt();
        }
        return new RunInfo(
                run.start.id(),
                run.start.experimentId(),
                run.name,
                run.status,
                Instant.ofEpochMilli(run.start.startedAt().toEpochMilli()),
                run.endedAt,
                run.endReason,
                deletedAt,
                run.params,
                run.tags,
                List.copyOf(run.inputs),
                metrics.latestOf(run.start.id()));
    }

    private ExperimentInfo experimentOf(StoredRun run) {
        ExperimentInfo experiment = experiments.get(run.start.experimentId());
        if (experiment == null) {
            throw new IllegalStateException("run " + run.start.id() + " is of no experiment");
        }
        return experiment;
    }

    @Override
    public synchronized Page<RunInfo> search(RunQuery query) {
        requireOpen();
        List<String> ids = query.experimentIds();
        List<RunInfo> seen = runs.values().stream()
                .map(this::info)
                .filter(run -> sees(query.view(), run.isDeleted()) && (ids == null || ids.contains(run.experimentId())))
                .toList();
        return query.search().page(seen, RunInfo::lookup, query.cursor(), query.limit());
    }

    @Override
    public synchronized Page<ExperimentInfo> searchExperiments(ExperimentQuery query) {
        requireOpen();
        List<ExperimentInfo> seen = experiments.values().stream()
                .filter(experiment -> sees(query.view(), experiment.isDeleted()))
                .toList();
        return query.search().page(seen, ExperimentInfo::lookup, query.cursor(), query.limit());
    }

    private static boolean sees(View view, boolean deleted) {
        return view == View.ALL || deleted == (view == View.DELETED);
    }

    @Override
    public synchronized void heartbeat(Collection<String> runIds, Duration lease) {
        requireOpen();
        if (lease.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("a lease of " + lease + ": expected 1 ms or more");
        }
        for (String runId : runIds) {
            StoredRun run = runs.get(runId);
            if (run != null
                    && !info(run).isDeleted()
                    && (run.status == RunStatus.RUNNING || run.status == RunStatus.KILLED)) {
                run.become(RunStatus.RUNNING, null, null);
                Instant now = now();
                run.lease(now, until(now, lease));
            }
        }
    }

    @Override
    public synchronized List<String> markKilled() {
        requireOpen();
        List<String> killed = new ArrayList<>();
        runs.forEach((id, run) -> {
            Instant until = run.leaseUntil;
            if (run.status == RunStatus.RUNNING && until != null && until.isBefore(now())) {
                run.become(RunStatus.KILLED, run.beatAt, "no sign of life from its process until its lease ran out");
                run.lease(null, null);
                killed.add(id);
            }
        });
        return killed;
    }

    @Override
    public synchronized void purgeRun(String runId) {
        if (!info(require(runId)).isDeleted()) {
            throw new ConflictException("run " + runId + " is not deleted, and not purged; delete it first");
        }
        runs.remove(runId);
        metrics.purge(runId);
    }

    @Override
    public synchronized void purgeExperiment(String id) {
        requireOpen();
        ExperimentInfo present = experiments.get(id);
        if (present == null) {
            throw new NotFoundException("there is no experiment of id '" + id + "'");
        }
        if (!present.isDeleted()) {
            throw new ConflictException("experiment " + id + " is not deleted, and not purged; delete it first");
        }
        if (runs.values().stream().anyMatch(run -> run.start.experimentId().equals(id))) {
            throw new ConflictException("experiment " + id + " has runs, and is not purged; purge these first");
        }
        experiments.remove(id);
    }

    @Override
    public synchronized void beginCollection(Instant limit) {
        requireOpen();
        collectedBefore = limit.isAfter(collectedBefore) ? limit : collectedBefore;
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        List<FileEntry> files = new ArrayList<>();
        synchronized (this) {
            requireOpen();
            runs.values().forEach(run -> files.addAll(run.artifacts.values()));
        }
        files.forEach(file -> to.accept(new Reference(file.digest(), false)));
    }

    @Override
    public synchronized Manifest artifacts(String runId) {
        return new Manifest(List.copyOf(require(runId).artifacts.values()));
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private StoredRun require(String runId) {
        requireOpen();
        StoredRun run = runs.get(runId);
        if (run == null) {
            throw new NotFoundException("there is no run of id " + runId);
        }
        return run;
    }

    /** Under the lock: the run, if it takes changes. */
    StoredRun requireActive(String runId) {
        StoredRun run = require(runId);
        if (run.deletedAt != null || experimentOf(run).isDeleted()) {
            throw new ConflictException(
                    "run " + runId + ", or its experiment, is deleted and takes no changes; restore it first");
        }
        return run;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this tracking store in memory has been closed");
        }
    }
}
