package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.tracking.ExperimentInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads experiments. */
final class ExperimentRows {
    private ExperimentRows() {}

    static Optional<ExperimentInfo> find(Session session, String condition, Object... arguments) throws SQLException {
        return select(session, condition, arguments).stream().findFirst();
    }

    /** @param condition what follows {@code FROM experiment e} */
    static List<ExperimentInfo> select(Session session, String condition, Object... arguments) throws SQLException {
        List<ExperimentInfo> bare = new ArrayList<>();
        try (ResultSet rows = session.query(
                "SELECT e.id, e.name, e.created_at, e.updated_at, e.deleted_at FROM experiment e " + condition,
                arguments)) {
            while (rows.next()) {
                bare.add(new ExperimentInfo(
                        rows.getString(1),
                        rows.getString(2),
                        Map.of(),
                        Instant.ofEpochMilli(rows.getLong(3)),
                        Instant.ofEpochMilli(rows.getLong(4)),
                        RunRows.instant(rows, 5)));
            }
        }
        Map<Long, Map<String, String>> tags = RunRows.pairs(
                session,
                "SELECT experiment, name, value FROM experiment_tag WHERE experiment",
                bare.stream().map(e -> Long.valueOf(e.id())).toList());
        List<ExperimentInfo> experiments = new ArrayList<>();
        for (ExperimentInfo e : bare) {
            experiments.add(new ExperimentInfo(
                    e.id(),
                    e.name(),
                    tags.getOrDefault(Long.valueOf(e.id()), Map.of()),
                    e.createdAt(),
                    e.updatedAt(),
                    e.deletedAt()));
        }
        return experiments;
    }
}
