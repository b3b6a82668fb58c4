package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.RunChanges;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;

/** Writes what runs consist of, and the tags of whatever has tags, within a transaction that has locked or made their row. */
final class RunWriter {
    /** The tables of tags. */
    static final String TAG = "tag";

    static final String EXPERIMENT_TAG = "experiment_tag";
    static final String MODEL_TAG = "model_tag";
    static final String VERSION_TAG = "version_tag";

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
        removeTags(TAG, run, changes.removedTags());
        setTags(TAG, run, changes.tags());
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

    void setTags(String table, long owner, Map<String, String> tags) throws SQLException {
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            session.update(
                    "INSERT INTO " + table + " (" + owner(table) + ", name, value) VALUES (?, ?, ?) ON CONFLICT ("
                            + owner(table) + ", name) DO UPDATE SET value = excluded.value",
                    owner,
                    tag.getKey(),
                    tag.getValue());
        }
    }

    void removeTags(String table, long owner, Collection<String> names) throws SQLException {
        for (String name : names) {
            if (StoredText.isPossible(name)) {
                session.update("DELETE FROM " + table + " WHERE " + owner(table) + " = ? AND name = ?", owner, name);
            }
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

    /** The column of a table of tags that says whose they are. */
    private static String owner(String table) {
        return switch (table) {
            case TAG -> "run";
            case EXPERIMENT_TAG -> "experiment";
            case MODEL_TAG -> "model";
            default -> "model_version";
        };
    }
}
