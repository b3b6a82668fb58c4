package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.Digest;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Experiments and runs in a SQLite file. */
final class SqliteTrackingStore implements TrackingStore {
    private static final String RUN_COLUMNS =
            "SELECT id, uid, experiment, name, status, started_at, ended_at, end_reason FROM run ";

    private final Database database;
    private final InstantSource clock;
    private volatile boolean closed;

    SqliteTrackingStore(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public ExperimentInfo experiment(String name) {
        requireOpen();
        Keys.check("name of an experiment", name);
        Optional<ExperimentInfo> present =
                database.read("experiment '" + name + "'", session -> findExperiment(session, name));
        return present.orElseGet(() -> database.write("experiment '" + name + "'", session -> {
            // Somebody else may have been quicker.
            session.update(
                    "INSERT INTO experiment (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    name,
                    clock.millis());
            return findExperiment(session, name).orElseThrow(() -> new SQLException("an inserted row is not there"));
        }));
    }

    private static Optional<ExperimentInfo> findExperiment(Session session, String name) throws SQLException {
        try (ResultSet rows = session.query("SELECT id, name, created_at FROM experiment WHERE name = ?", name)) {
            return rows.next() ? Optional.of(experiment(rows)) : Optional.empty();
        }
    }

    private static ExperimentInfo experiment(ResultSet row) throws SQLException {
        return new ExperimentInfo(row.getString(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3)));
    }

    @Override
    public List<ExperimentInfo> experiments() {
        requireOpen();
        return database.read("list the experiments", session -> {
            List<ExperimentInfo> experiments = new ArrayList<>();
            try (ResultSet rows = session.query("SELECT id, name, created_at FROM experiment ORDER BY id")) {
                while (rows.next()) {
                    experiments.add(experiment(rows));
                }
            }
            return experiments;
        });
    }

    @Override
    public void createRun(RunInfo run) {
        requireOpen();
        database.write("create run " + run.id(), session -> {
            Long experiment = number(run.experimentId());
            if (experiment == null || session.findLong("SELECT id FROM experiment WHERE id = ?", experiment) == null) {
                throw new NotFoundException(
                        "run " + run.id() + ": there is no experiment of id '" + run.experimentId() + "'");
            }
            Instant endedAt = run.endedAt();
            int added = session.update(
                    "INSERT INTO run (uid, experiment, name, status, started_at, ended_at, end_reason)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    run.id(),
                    experiment,
                    run.name(),
                    run.status().name(),
                    run.startedAt().toEpochMilli(),
                    endedAt == null ? null : endedAt.toEpochMilli(),
                    run.endReason());
            if (added == 0) {
                throw new ConflictException("there is a run of id " + run.id() + " already");
            }
            add(
                    session,
                    session.lastId(),
                    run.id(),
                    new RunChanges(run.params(), run.tags(), List.of(), run.inputs(), null));
            return added;
        });
    }

    @Override
    public void apply(String runId, RunChanges changes) {
        requireOpen();
        database.write("run " + runId, session -> {
            long run = require(session, runId);
            add(session, run, runId, changes);
            RunChanges.End end = changes.end();
            if (end != null) {
                end(session, run, runId, end);
            }
            return run;
        });
    }

    private static void add(Session session, long run, String runId, RunChanges changes) throws SQLException {
        for (Map.Entry<String, String> param : changes.params().entrySet()) {
            int added = session.update(
                    "INSERT INTO param (run, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    run,
                    param.getKey(),
                    param.getValue());
            if (added == 0) {
                String present =
                        session.findText("SELECT value FROM param WHERE run = ? AND name = ?", run, param.getKey());
                if (!param.getValue().equals(present)) {
                    throw new ConflictException("param '" + param.getKey() + "' of run " + runId + " is '" + present
                            + "' already and params are written once; found '" + param.getValue() + "'");
                }
            }
        }
        for (Map.Entry<String, String> tag : changes.tags().entrySet()) {
            session.update(
                    "INSERT INTO tag (run, name, value) VALUES (?, ?, ?)"
                            + " ON CONFLICT DO UPDATE SET value = excluded.value",
                    run,
                    tag.getKey(),
                    tag.getValue());
        }
        for (DatasetVersion input : changes.inputs()) {
            byte[] digest = bytes(input.digest());
            Long present = session.findLong(
                    "SELECT position FROM input WHERE run = ? AND name = ? AND digest = ? AND source = ?",
                    run,
                    input.name(),
                    digest,
                    input.source());
            if (present == null) {
                session.update(
                        "INSERT INTO input (run, position, name, digest, source) VALUES"
                                + " (?1, (SELECT ifnull(max(position), 0) + 1 FROM input WHERE run = ?1), ?2, ?3, ?4)",
                        run,
                        input.name(),
                        digest,
                        input.source());
            }
        }
        for (FileEntry file : changes.artifacts()) {
            session.update(
                    "INSERT INTO artifact (run, path, size, digest) VALUES (?, ?, ?, ?)"
                            + " ON CONFLICT DO UPDATE SET size = excluded.size, digest = excluded.digest",
                    run,
                    file.path(),
                    file.size(),
                    bytes(file.digest()));
        }
    }

    private static void end(Session session, long run, String runId, RunChanges.End end) throws SQLException {
        int ended = session.update(
                "UPDATE run SET status = ?, ended_at = ?, end_reason = ? WHERE id = ? AND status = 'RUNNING'",
                end.status().name(),
                end.at().toEpochMilli(),
                end.reason(),
                run);
        if (ended == 0) {
            String present = session.findText("SELECT status FROM run WHERE id = ?", run);
            if (!end.status().name().equals(present)) {
                throw new ConflictException(
                        "run " + runId + " cannot end as " + end.status() + ": it has ended as " + present);
            }
        }
    }

    @Override
    public Optional<RunInfo> findRun(String runId) {
        requireOpen();
        return database.read("find run " + runId, session -> {
            List<Row> rows = rows(session, RUN_COLUMNS + "WHERE uid = ?", runId);
            return rows.isEmpty() ? Optional.empty() : Optional.of(whole(session, rows.get(0)));
        });
    }

    @Override
    public List<RunInfo> search(RunQuery query) {
        requireOpen();
        String where = "WHERE true ";
        List<Object> arguments = new ArrayList<>();
        String id = query.experimentId();
        if (id != null) {
            Long experiment = number(id);
            if (experiment == null) {
                return List.of();
            }
            where += "AND experiment = ? ";
            arguments.add(experiment);
        }
        RunStatus status = query.status();
        if (status != null) {
            where += "AND status = ? ";
            arguments.add(status.name());
        }
        arguments.add(query.limit());
        String sql = RUN_COLUMNS + where + "ORDER BY started_at DESC, id DESC LIMIT ?";
        return database.read("search runs", session -> {
            List<Row> rows = rows(session, sql, arguments.toArray());
            List<RunInfo> runs = new ArrayList<>();
            for (Row row : rows) {
                runs.add(whole(session, row));
            }
            return runs;
        });
    }

    @Override
    public Manifest artifacts(String runId) {
        requireOpen();
        return database.read("artifacts of run " + runId, session -> {
            List<FileEntry> files = new ArrayList<>();
            try (ResultSet rows =
                    session.query("SELECT path, size, digest FROM artifact WHERE run = ?", require(session, runId))) {
                while (rows.next()) {
                    files.add(new FileEntry(rows.getString(1), rows.getLong(2), digest(rows.getBytes(3))));
                }
            }
            return new Manifest(files);
        });
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the tracking store of " + database.file() + " has been closed");
        }
    }

    /** The row of a run, of which whatever else it has is yet to be read. */
    private record Row(long row, RunInfo run) {}

    private static List<Row> rows(Session session, String sql, Object... arguments) throws SQLException {
        List<Row> found = new ArrayList<>();
        try (ResultSet rows = session.query(sql, arguments)) {
            while (rows.next()) {
                long endedAt = rows.getLong(7);
                Instant ended = rows.wasNull() ? null : Instant.ofEpochMilli(endedAt);
                found.add(new Row(
                        rows.getLong(1),
                        new RunInfo(
                                rows.getString(2),
                                rows.getString(3),
                                rows.getString(4),
                                RunStatus.valueOf(rows.getString(5)),
                                Instant.ofEpochMilli(rows.getLong(6)),
                                ended,
                                rows.getString(8),
                                Map.of(),
                                Map.of(),
                                List.of())));
            }
        }
        return found;
    }

    private static RunInfo whole(Session session, Row row) throws SQLException {
        RunInfo run = row.run();
        List<DatasetVersion> inputs = new ArrayList<>();
        try (ResultSet rows =
                session.query("SELECT name, digest, source FROM input WHERE run = ? ORDER BY position", row.row())) {
            while (rows.next()) {
                inputs.add(new DatasetVersion(rows.getString(1), digest(rows.getBytes(2)), rows.getString(3)));
            }
        }
        return new RunInfo(
                run.id(),
                run.experimentId(),
                run.name(),
                run.status(),
                run.startedAt(),
                run.endedAt(),
                run.endReason(),
                pairs(session, "SELECT name, value FROM param WHERE run = ?", row.row()),
                pairs(session, "SELECT name, value FROM tag WHERE run = ?", row.row()),
                inputs);
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

    static long require(Session session, String runId) throws SQLException {
        Long run = session.findLong("SELECT id FROM run WHERE uid = ?", runId);
        if (run == null) {
            throw new NotFoundException("there is no run of id " + runId);
        }
        return run;
    }

    static byte[] bytes(Digest digest) {
        return HexFormat.of().parseHex(digest.hex());
    }

    static Digest digest(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(bytes));
    }

    private static @Nullable Long number(String id) {
        try {
            return Long.valueOf(id);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
