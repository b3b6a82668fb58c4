package io.jvmlops.test.tracking;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.DatasetVersion;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.Keys;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps experiments and runs in memory, for tests: everything is gone with the object. */
public final class InMemoryTrackingStore implements TrackingStore {
    private final InstantSource clock;
    private final Map<String, ExperimentInfo> experiments = new LinkedHashMap<>();
    private final Map<String, RunInfo> runs = new LinkedHashMap<>();
    private final Map<String, Map<String, FileEntry>> artifacts = new LinkedHashMap<>();
    private boolean closed;

    public InMemoryTrackingStore() {
        this(InstantSource.system());
    }

    /** @param clock stamps new experiments */
    public InMemoryTrackingStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized ExperimentInfo experiment(String name) {
        requireOpen();
        Keys.check("name of an experiment", name);
        return experiments.computeIfAbsent(
                name, n -> new ExperimentInfo(String.valueOf(experiments.size() + 1), n, clock.instant()));
    }

    @Override
    public synchronized List<ExperimentInfo> experiments() {
        requireOpen();
        return List.copyOf(experiments.values());
    }

    @Override
    public synchronized void createRun(RunInfo run) {
        requireOpen();
        if (experiments.values().stream().noneMatch(e -> e.id().equals(run.experimentId()))) {
            throw new NotFoundException(
                    "run " + run.id() + ": there is no experiment of id '" + run.experimentId() + "'");
        }
        if (runs.putIfAbsent(run.id(), run) != null) {
            throw new ConflictException("there is a run of id " + run.id() + " already");
        }
        artifacts.put(run.id(), new TreeMap<>());
    }

    @Override
    public synchronized void apply(String runId, RunChanges changes) {
        RunInfo run = require(runId);
        changes.params().forEach((key, value) -> {
            String present = run.params().get(key);
            if (present != null && !present.equals(value)) {
                throw new ConflictException("param '" + key + "' of run " + runId + " is '" + present
                        + "' already and params are written once; found '" + value + "'");
            }
        });
        RunChanges.End end = changes.end();
        if (end != null && run.status() != RunStatus.RUNNING && run.status() != end.status()) {
            throw new ConflictException(
                    "run " + runId + " cannot end as " + end.status() + ": it has ended as " + run.status());
        }
        RunChanges.End first = run.status() == RunStatus.RUNNING ? end : null;
        Set<DatasetVersion> inputs = new LinkedHashSet<>(run.inputs());
        inputs.addAll(changes.inputs());
        runs.put(
                runId,
                new RunInfo(
                        runId,
                        run.experimentId(),
                        run.name(),
                        first != null ? first.status() : run.status(),
                        run.startedAt(),
                        first != null ? first.at() : run.endedAt(),
                        first != null ? first.reason() : run.endReason(),
                        merged(run.params(), changes.params()),
                        merged(run.tags(), changes.tags()),
                        List.copyOf(inputs)));
        Map<String, FileEntry> files = artifacts.getOrDefault(runId, Map.of());
        changes.artifacts().forEach(file -> files.put(file.path(), file));
    }

    private static Map<String, String> merged(Map<String, String> present, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(present);
        all.putAll(more);
        return all;
    }

    @Override
    public synchronized Optional<RunInfo> findRun(String runId) {
        requireOpen();
        return Optional.ofNullable(runs.get(runId));
    }

    @Override
    public synchronized List<RunInfo> search(RunQuery query) {
        requireOpen();
        List<RunInfo> found = new ArrayList<>();
        for (RunInfo run : runs.values()) {
            if ((query.experimentId() == null || run.experimentId().equals(query.experimentId()))
                    && (query.status() == null || run.status() == query.status())) {
                found.add(run);
            }
        }
        found.sort(Comparator.comparing(RunInfo::startedAt).reversed());
        return List.copyOf(found.subList(0, Math.min(query.limit(), found.size())));
    }

    @Override
    public synchronized Manifest artifacts(String runId) {
        require(runId);
        return new Manifest(List.copyOf(artifacts.getOrDefault(runId, Map.of()).values()));
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private RunInfo require(String runId) {
        requireOpen();
        RunInfo run = runs.get(runId);
        if (run == null) {
            throw new NotFoundException("there is no run of id " + runId);
        }
        return run;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this tracking store in memory has been closed");
        }
    }
}
