package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.RunChanges;
import java.sql.SQLException;
import java.util.Map;

/** Writes what runs consist of, within a transaction that has locked or made their row. */
final class RunWriter {
    private final Session session;
    private final SqlDialect dialect;

    RunWriter(Session session, SqlDialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    void add(long run, String runId, RunChanges changes) throws SQLException {
        if (changes.name() != null) {
            session.update("UPDATE run SET name = ? WHERE id = ?", changes.name(), run);
        }
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
                    throw new ConflictException("param '" + param.getKey() + "' of run " + runId + " is '"
                            + Keys.clipped(String.valueOf(present))
                            + "' already and params are written once; found '" + Keys.clipped(param.getValue()) + "'");
                }
            }
        }
        Tags.OF_RUN.remove(session, run, changes.removedTags());
        Tags.OF_RUN.set(session, run, changes.tags());
        for (DatasetInput input : changes.inputs()) {
            byte[] digest = SqlTrackingStore.bytes(input.dataset().digest());
            Long present = session.findLong(
                    "SELECT position FROM input WHERE run = ? AND name = ? AND digest = ? AND source = ?"
                            + " AND coalesce(context, '') = ?",
                    run,
                    input.dataset().name(),
                    digest,
                    input.dataset().source(),
                    input.context() == null ? "" : input.context());
            if (present == null) {
                session.update(
                        "INSERT INTO input (run, position, name, digest, source, context) VALUES"
                                + " (?, (SELECT coalesce(max(position), 0) + 1 FROM input WHERE run = ?), ?, ?, ?, ?)",
                        run,
                        run,
                        input.dataset().name(),
                        digest,
                        input.dataset().source(),
                        input.context());
            }
        }
        if (!changes.artifacts().isEmpty()) {
            GarbageLimit.check(session, dialect, GarbageLimit.RUNS, "run " + runId, changes.storedSince());
        }
        for (FileEntry file : changes.artifacts()) {
            session.update(
                    "INSERT INTO artifact (run, path, size, digest) VALUES (?, ?, ?, ?)"
                            + " ON CONFLICT (run, path) DO UPDATE SET size = excluded.size, digest = excluded.digest",
                    run,
                    file.path(),
                    file.size(),
                    SqlTrackingStore.bytes(file.digest()));
        }
        if (!changes.metrics().isEmpty()) {
            SqlMetricStore.append(session, run, MetricBatch.of(runId, changes.metrics()));
        }
    }

    void end(long run, String runId, RunChanges.End end) throws SQLException {
        int ended = session.update(
                "UPDATE run SET status = ?, ended_at = ?, end_reason = ?, beat_at = NULL, lease_until = NULL"
                        + " WHERE id = ? AND (status = 'RUNNING' OR (status = 'KILLED' AND status <> ?))",
                end.status().name(),
                end.at().toEpochMilli(),
                end.reason(),
                run,
                end.status().name());
        if (ended == 0) {
            String present = session.findText("SELECT status FROM run WHERE id = ?", run);
            if (!end.status().name().equals(present)) {
                throw new ConflictException(
                        "run " + runId + " cannot end as " + end.status() + ": it has ended as " + present);
            }
        }
    }
}
