package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.tracking.internal.series.ValueOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads runs whole, with a few queries for many of them. */
final class RunRows {
    /** How many runs one query asks for. */
    private static final int AT_ONCE = 128;

    private RunRows() {}

    /** The row of a run; null if there is none. */
    static @Nullable Long id(Session session, String uid) throws SQLException {
        return id(session, uid, "");
    }

    /** @param lock what follows the condition */
    static @Nullable Long id(Session session, String uid, String lock) throws SQLException {
        return StoredText.isPossible(uid) ? session.findLong("SELECT id FROM run WHERE uid = ?" + lock, uid) : null;
    }

    /** The runs of these rows, in their order; rows that are not there are left out. */
    static List<RunInfo> load(Session session, List<Long> rows) throws SQLException {
        Map<Long, Head> heads = heads(session, rows);
        List<Long> ids = rows.stream().filter(heads::containsKey).toList();
        Map<Long, Map<String, String>> params = pairs(session, "SELECT run, name, value FROM param WHERE run", ids);
        Map<Long, Map<String, String>> tags = pairs(session, "SELECT run, name, value FROM tag WHERE run", ids);
        Map<Long, List<DatasetInput>> inputs = inputs(session, ids);
        Map<Long, Map<String, MetricPoint>> metrics = metrics(session, ids);
        List<RunInfo> runs = new ArrayList<>();
        for (Long id : ids) {
            Head head = Objects.requireNonNull(heads.get(id));
            runs.add(new RunInfo(
                    head.uid,
                    head.experiment,
                    head.name,
                    head.status,
                    head.startedAt,
                    head.endedAt,
                    head.endReason,
                    head.deletedAt,
                    params.getOrDefault(id, Map.of()),
                    tags.getOrDefault(id, Map.of()),
                    inputs.getOrDefault(id, List.of()),
                    metrics.getOrDefault(id, Map.of())));
        }
        return runs;
    }

    private record Head(
            String uid,
            String experiment,
            String name,
            RunStatus status,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String endReason,
            @Nullable Instant deletedAt) {}

    private static Map<Long, Head> heads(Session session, List<Long> runs) throws SQLException {
        Map<Long, Head> heads = new HashMap<>();
        for (List<Long> some : portions(runs)) {
            try (ResultSet rows = session.query(
                    "SELECT r.id, r.uid, r.experiment, r.name, r.status, r.started_at, r.ended_at, r.end_reason,"
                            + " coalesce(r.deleted_at, e.deleted_at) FROM run r JOIN experiment e ON e.id = r.experiment"
                            + " WHERE r.id" + among(some),
                    some.toArray())) {
                while (rows.next()) {
                    heads.put(
                            rows.getLong(1),
                            new Head(
                                    rows.getString(2),
                                    rows.getString(3),
                                    rows.getString(4),
                                    RunStatus.valueOf(rows.getString(5)),
                                    Instant.ofEpochMilli(rows.getLong(6)),
                                    instant(rows, 7),
                                    rows.getString(8),
                                    instant(rows, 9)));
                }
            }
        }
        return heads;
    }

    static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** @param sql up to the name of the column that is to be among the owners; gives owner, name, value */
    static Map<Long, Map<String, String>> pairs(Session session, String sql, List<Long> owners) throws SQLException {
        Map<Long, Map<String, String>> pairs = new HashMap<>();
        for (List<Long> some : portions(owners)) {
            try (ResultSet rows = session.query(sql + among(some), some.toArray())) {
                while (rows.next()) {
                    pairs.computeIfAbsent(rows.getLong(1), id -> new TreeMap<>())
                            .put(rows.getString(2), rows.getString(3));
                }
            }
        }
        return pairs;
    }

    private static Map<Long, List<DatasetInput>> inputs(Session session, List<Long> runs) throws SQLException {
        Map<Long, List<DatasetInput>> inputs = new HashMap<>();
        for (List<Long> some : portions(runs)) {
            try (ResultSet rows = session.query(
                    "SELECT run, name, digest, source, context FROM input WHERE run" + among(some)
                            + " ORDER BY run, position",
                    some.toArray())) {
                while (rows.next()) {
                    inputs.computeIfAbsent(rows.getLong(1), id -> new ArrayList<>())
                            .add(new DatasetInput(
                                    new DatasetVersion(
                                            rows.getString(2),
                                            SqlTrackingStore.digest(rows.getBytes(3)),
                                            rows.getString(4)),
                                    rows.getString(5)));
                }
            }
        }
        return inputs;
    }

    static Map<Long, Map<String, MetricPoint>> metrics(Session session, List<Long> runs) throws SQLException {
        Map<Long, Map<String, MetricPoint>> metrics = new HashMap<>();
        for (List<Long> some : portions(runs)) {
            try (ResultSet rows = session.query(
                    "SELECT s.run, k.name, s.step, s.at, s.value FROM metric_series s JOIN metric_key k ON k.id = s.key"
                            + " WHERE s.run" + among(some),
                    some.toArray())) {
                while (rows.next()) {
                    String key = rows.getString(2);
                    metrics.computeIfAbsent(rows.getLong(1), id -> new TreeMap<>())
                            .put(
                                    key,
                                    new MetricPoint(
                                            key, rows.getLong(3), rows.getLong(4), ValueOrder.value(rows.getLong(5))));
                }
            }
        }
        return metrics;
    }

    /** Lists of few different lengths, so that few statements are prepared: the last id fills up. */
    static <T> List<List<T>> portions(List<T> ids) {
        List<List<T>> portions = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += AT_ONCE) {
            List<T> some = new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + AT_ONCE)));
            int length = some.size() == 1 ? 1 : some.size() <= 16 ? 16 : AT_ONCE;
            some.addAll(Collections.nCopies(length - some.size(), some.get(some.size() - 1)));
            portions.add(some);
        }
        return portions;
    }

    static String among(List<?> ids) {
        return " IN (?" + ", ?".repeat(ids.size() - 1) + ")";
    }
}
