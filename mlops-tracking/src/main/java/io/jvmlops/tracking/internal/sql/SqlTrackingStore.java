package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Experiments and runs in a database. */
public final class SqlTrackingStore implements TrackingStore, ArtifactReferences, GarbageLimit.InDatabase {
    /** No lease is longer. */
    private static final Duration FOR_EVER = Duration.ofDays(365_000);

    private static final String KILLED =
            "no sign of life from its process until its lease ran out: the process was killed, or cut"
                    + " off from the database";

    private final SqlDatabase database;
    private final SqlDialect dialect;
    private final InstantSource clock;
    private volatile boolean closed;

    /** @param clock stamps experiments and deletions; leases go by the database's clock */
    public SqlTrackingStore(SqlDatabase database, InstantSource clock) {
        this.database = database;
        this.dialect = database.dialect();
        this.clock = clock;
    }

    @Override
    public ExperimentInfo createExperiment(String name, Map<String, String> tags) {
        requireOpen();
        Keys.check("name of an experiment", name);
        Keys.checkTags(tags);
        return database.write("create experiment '" + name + "'", session -> {
            long now = clock.millis();
            Long id = session.findLong(
                    "INSERT INTO experiment (id, name, created_at, updated_at) VALUES ("
                            + dialect.newIdentity("experiment") + ", ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                    name,
                    now,
                    now);
            if (id == null) {
                throw new ConflictException("there is an experiment '" + name + "' already");
            }
            Tags.OF_EXPERIMENT.set(session, id, tags);
            return ExperimentRows.find(session, "WHERE id = ?", id).orElseThrow();
        });
    }

    @Override
    public Optional<ExperimentInfo> findExperiment(String id) {
        requireOpen();
        Long number = number(id);
        return number == null
                ? Optional.empty()
                : database.read("find experiment " + id, s -> ExperimentRows.find(s, "WHERE id = ?", number));
    }

    @Override
    public Optional<ExperimentInfo> findExperimentByName(String name) {
        requireOpen();
        return StoredText.isPossible(name)
                ? database.read("find experiment '" + name + "'", s -> ExperimentRows.find(s, "WHERE name = ?", name))
                : Optional.empty();
    }

    @Override
    public List<ExperimentInfo> experiments() {
        requireOpen();
        return database.read(
                "list the experiments",
                session -> ExperimentRows.select(session, "WHERE deleted_at IS NULL ORDER BY id"));
    }

    @Override
    public ExperimentInfo updateExperiment(String id, ExperimentChanges changes) {
        requireOpen();
        return database.write("experiment " + id, session -> {
            Long number = number(id);
            ExperimentInfo present = (number == null
                            ? Optional.<ExperimentInfo>empty()
                            : ExperimentRows.find(session, "WHERE id = ?" + dialect.forUpdate(), number))
                    .orElseThrow(() -> new NotFoundException("there is no experiment of id '" + id + "'"));
            long experiment = Objects.requireNonNull(number);
            if (present.isDeleted() && changes.lifecycle() == null) {
                throw new ConflictException("experiment '" + present.name() + "' (id " + id
                        + ") is deleted and cannot be changed; restore it first");
            }
            String name = changes.name();
            if (name != null) {
                Long other = session.findLong("SELECT id FROM experiment WHERE name = ? AND id <> ?", name, experiment);
                if (other != null) {
                    throw new ConflictException("experiment " + id + " cannot be named '" + name + "': experiment "
                            + other + " is named so");
                }
                session.update("UPDATE experiment SET name = ? WHERE id = ?", name, experiment);
            }
            Tags.OF_EXPERIMENT.remove(session, experiment, changes.removedTags());
            Tags.OF_EXPERIMENT.set(session, experiment, changes.tags());
            long now = clock.millis();
            if (changes.lifecycle() == ExperimentChanges.Lifecycle.DELETE) {
                session.update(
                        "UPDATE experiment SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", now, experiment);
            } else if (changes.lifecycle() == ExperimentChanges.Lifecycle.RESTORE) {
                session.update("UPDATE experiment SET deleted_at = NULL WHERE id = ?", experiment);
            }
            session.update("UPDATE experiment SET updated_at = ? WHERE id = ?", now, experiment);
            return ExperimentRows.find(session, "WHERE id = ?", experiment).orElseThrow();
        });
    }

    @Override
    public void createRun(NewRun run) {
        requireOpen();
        database.write("create run " + run.id(), session -> {
            long experiment = requireExperiment(session, run);
            Long row = session.findLong(
                    "INSERT INTO run (uid, experiment, name, status, started_at) VALUES (?, ?, ?, ?, ?)"
                            + " ON CONFLICT DO NOTHING RETURNING id",
                    run.id(),
                    experiment,
                    run.name(),
                    RunStatus.RUNNING.name(),
                    run.startedAt().toEpochMilli());
            if (row == null) {
                throw new ConflictException("there is a run of id " + run.id() + " already");
            }
            Tags.OF_RUN.set(session, row, run.tags());
            Duration lease = run.lease();
            if (lease != null) {
                session.update(
                        "UPDATE run SET beat_at = " + dialect.now() + ", lease_until = " + dialect.now()
                                + " + ? WHERE id = ?",
                        millis(lease),
                        row);
            }
            return row;
        });
    }

    /** The row of a new run's experiment, which takes runs. */
    private static long requireExperiment(Session session, NewRun run) throws SQLException {
        Long experiment = number(run.experimentId());
        if (experiment != null) {
            try (ResultSet row = session.query("SELECT name, deleted_at FROM experiment WHERE id = ?", experiment)) {
                if (row.next()) {
                    if (row.getObject(2) != null) {
                        throw new ConflictException("run " + run.id() + ": experiment '" + row.getString(1)
                                + "' is deleted; restore it, or choose another one");
                    }
                    return experiment;
                }
            }
        }
        throw new NotFoundException("run " + run.id() + ": there is no experiment of id '" + run.experimentId() + "'");
    }

    @Override
    public void updateRun(String runId, RunChanges changes) {
        requireOpen();
        database.write("run " + runId, session -> {
            RunChanges.Transition transition = changes.transition();
            SqlMetricStore.createKeys(session, changes.metrics());
            boolean lifecycle = transition instanceof RunChanges.Restore || transition instanceof RunChanges.Delete;
            long run = lifecycle ? require(session, dialect, runId) : requireActive(session, dialect, runId);
            RunWriter writer = new RunWriter(session, dialect);
            writer.add(run, runId, changes);
            if (transition instanceof RunChanges.End end) {
                writer.end(run, runId, end);
            } else if (transition instanceof RunChanges.Resume) {
                session.update(
                        "UPDATE run SET status = 'RUNNING', ended_at = NULL, end_reason = NULL, beat_at = NULL,"
                                + " lease_until = NULL WHERE id = ? AND status <> 'RUNNING'",
                        run);
            } else if (transition instanceof RunChanges.Restore) {
                session.update("UPDATE run SET deleted_at = NULL WHERE id = ?", run);
            } else if (transition instanceof RunChanges.Delete) {
                session.update(
                        "UPDATE run SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", clock.millis(), run);
            }
            return run;
        });
    }

    @Override
    public Optional<RunInfo> findRun(String runId) {
        requireOpen();
        return database.read("find run " + runId, session -> {
            Long run = RunRows.id(session, runId);
            return run == null
                    ? Optional.empty()
                    : RunRows.load(session, List.of(run)).stream().findFirst();
        });
    }

    @Override
    public Page<RunInfo> search(RunQuery query) {
        requireOpen();
        return database.read("search runs", session -> new RunSearch(session, dialect, query).page());
    }

    @Override
    public Page<ExperimentInfo> searchExperiments(ExperimentQuery query) {
        requireOpen();
        return database.read("search experiments", session -> ExperimentSearch.page(session, dialect, query));
    }

    @Override
    public void heartbeat(Collection<String> runIds, Duration lease) {
        requireOpen();
        if (lease.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("a lease of " + lease + ": expected 1 ms or more");
        }
        if (runIds.isEmpty()) {
            return;
        }
        long millis = millis(lease);
        // In one order everywhere, so that two processes that speak for the same runs do not wait for each other.
        List<String> sorted = runIds.stream()
                .filter(StoredText::isPossible)
                .distinct()
                .sorted()
                .toList();
        database.write("heartbeat of " + sorted.size() + " runs", session -> {
            for (String runId : sorted) {
                session.update(
                        "UPDATE run SET status = 'RUNNING', ended_at = NULL, end_reason = NULL, beat_at = "
                                + dialect.now() + ", lease_until = " + dialect.now() + " + ? WHERE uid = ?"
                                + " AND status IN ('RUNNING', 'KILLED') AND deleted_at IS NULL AND NOT EXISTS (SELECT 1"
                                + " FROM experiment e WHERE e.id = run.experiment AND e.deleted_at IS NOT NULL)",
                        millis,
                        runId);
            }
            return sorted.size();
        });
    }

    /** As a number that can be added to any time there is. */
    private static long millis(Duration lease) {
        return lease.compareTo(FOR_EVER) < 0 ? lease.toMillis() : FOR_EVER.toMillis();
    }

    @Override
    public List<String> markKilled() {
        requireOpen();
        String expired = " status = 'RUNNING' AND lease_until IS NOT NULL AND lease_until < " + dialect.now();
        // Looked at first, as there is nothing to mark most of the time, and a write waits for other writers.
        boolean any = database.read(
                "look for killed runs",
                session -> session.findLong("SELECT 1 FROM run WHERE" + expired + " LIMIT 1") != null);
        if (!any) {
            return List.of();
        }
        return database.write("mark killed runs", session -> {
            List<String> killed = new ArrayList<>();
            try (ResultSet rows = session.query(
                    "UPDATE run SET status = 'KILLED', ended_at = beat_at, end_reason = ?, beat_at = NULL,"
                            + " lease_until = NULL WHERE id IN (SELECT id FROM run WHERE" + expired
                            + dialect.forUpdateOfUnlocked() + ") RETURNING uid",
                    KILLED)) {
                while (rows.next()) {
                    killed.add(rows.getString(1));
                }
            }
            return killed;
        });
    }

    @Override
    public void purgeRun(String runId) {
        requireOpen();
        database.write("purge run " + runId, session -> {
            long run = require(session, dialect, runId);
            Long deleted = session.findLong(
                    "SELECT coalesce(r.deleted_at, e.deleted_at) FROM run r JOIN experiment e ON e.id = r.experiment"
                            + " WHERE r.id = ?",
                    run);
            if (deleted == null) {
                throw new ConflictException("run " + runId + " is not deleted, and not purged; delete it first");
            }
            Purge.remove(session, run);
            return run;
        });
        new Purge(database).sweep();
    }

    @Override
    public void purgeExperiment(String id) {
        requireOpen();
        database.write("purge experiment " + id, session -> {
            Long number = number(id);
            ExperimentInfo present = (number == null
                            ? Optional.<ExperimentInfo>empty()
                            : ExperimentRows.find(session, "WHERE id = ?" + dialect.forUpdate(), number))
                    .orElseThrow(() -> new NotFoundException("there is no experiment of id '" + id + "'"));
            long experiment = Objects.requireNonNull(number);
            String what = "experiment '" + present.name() + "' (id " + id + ")";
            if (!present.isDeleted()) {
                throw new ConflictException(what + " is not deleted, and not purged; delete it first");
            }
            long runs = session.requireLong("SELECT count(*) FROM run WHERE experiment = ?", experiment);
            if (runs > 0) {
                throw new ConflictException(what + " has " + runs + " runs, and is not purged; purge these first");
            }
            session.update("DELETE FROM experiment_tag WHERE experiment = ?", experiment);
            session.update("DELETE FROM experiment WHERE id = ?", experiment);
            dialect.retire(session, "experiment", experiment);
            return id;
        });
    }

    @Override
    public SqlDatabase database() {
        return database;
    }

    @Override
    public void beginCollection(Instant limit) {
        requireOpen();
        GarbageLimit.begin(database, GarbageLimit.RUNS, limit);
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        requireOpen();
        GarbageLimit.forEachDigest(database, "artifact", "", false, to);
    }

    @Override
    public Manifest artifacts(String runId) {
        requireOpen();
        return database.read("artifacts of run " + runId, session -> {
            List<FileEntry> files = new ArrayList<>();
            try (ResultSet rows = session.query(
                    "SELECT path, size, digest FROM artifact WHERE run = ?", require(session, runId, ""))) {
                while (rows.next()) {
                    files.add(new FileEntry(rows.getString(1), rows.getLong(2), digest(rows.getBytes(3))));
                }
            }
            return new Manifest(files);
        });
    }

    @Override
    public String toString() {
        return "tracking store of " + database;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the tracking store of " + database + " has been closed");
        }
    }

    /** Names and values, of whatever the query asks for. */
    static Map<String, String> pairs(Session session, String sql, long owner) throws SQLException {
        Map<String, String> pairs = new LinkedHashMap<>();
        try (ResultSet rows = session.query(sql, owner)) {
            while (rows.next()) {
                pairs.put(rows.getString(1), rows.getString(2));
            }
        }
        return pairs;
    }

    /** The row of a run, locked until the transaction ends. */
    static long require(Session session, SqlDialect dialect, String runId) throws SQLException {
        return require(session, runId, dialect.forUpdate());
    }

    private static long require(Session session, String runId, String lock) throws SQLException {
        Long run = RunRows.id(session, runId, lock);
        if (run == null) {
            throw new NotFoundException("there is no run of id " + runId);
        }
        return run;
    }

    /** The row of a run that takes changes, locked until the transaction ends. */
    static long requireActive(Session session, SqlDialect dialect, String runId) throws SQLException {
        long run = require(session, dialect, runId);
        try (ResultSet row = session.query(
                "SELECT r.deleted_at, e.deleted_at, e.name FROM run r JOIN experiment e ON e.id = r.experiment"
                        + " WHERE r.id = ?",
                run)) {
            if (!row.next()) {
                throw new SQLException("the experiment of run " + runId + " is not there");
            }
            if (row.getObject(1) != null) {
                throw new ConflictException("run " + runId + " is deleted and takes no changes; restore it first");
            }
            if (row.getObject(2) != null) {
                throw new ConflictException("run " + runId + " takes no changes: its experiment '" + row.getString(3)
                        + "' is deleted; restore that first");
            }
        }
        return run;
    }

    static byte[] bytes(Digest digest) {
        return HexFormat.of().parseHex(digest.hex());
    }

    static Digest digest(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(bytes));
    }

    /** The row that an id of ours stands for, or null if it is none. */
    static @Nullable Long number(String id) {
        try {
            Long number = Long.valueOf(id);
            return number.toString().equals(id) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
