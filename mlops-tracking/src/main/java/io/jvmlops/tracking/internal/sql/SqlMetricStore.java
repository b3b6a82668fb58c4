package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Metrics in a database. */
public final class SqlMetricStore implements MetricStore {
    private final SqlDatabase database;
    private volatile boolean closed;

    public SqlMetricStore(SqlDatabase database) {
        this.database = database;
    }

    @Override
    public void append(List<MetricBatch> batches) {
        requireOpen();
        if (batches.isEmpty()) {
            return;
        }
        database.write("append metrics", session -> {
            for (MetricBatch batch : batches) {
                append(
                        session,
                        database.dialect(),
                        SqlTrackingStore.requireActive(session, database.dialect(), batch.runId()),
                        batch);
            }
            return batches.size();
        });
    }

    static void append(Session session, SqlDialect dialect, long run, MetricBatch batch) throws SQLException {
        Map<String, List<MetricPoint>> byKey = new LinkedHashMap<>();
        for (MetricPoint point : batch.points()) {
            byKey.computeIfAbsent(point.key(), k -> new ArrayList<>()).add(point);
        }
        for (Map.Entry<String, List<MetricPoint>> entry : byKey.entrySet()) {
            long key = keyId(session, entry.getKey());
            List<MetricPoint> all = new ArrayList<>(entry.getValue());
            boolean present = false;
            try (ResultSet rows = session.query("SELECT head FROM metric_series WHERE run = ? AND key = ?", run, key)) {
                if (rows.next()) {
                    present = true;
                    all.addAll(decode(entry.getKey(), rows.getBytes(1)));
                }
            }
            all.sort(MetricPoint.BY_STEP);
            MetricPoint last = all.get(all.size() - 1);
            if (!present) {
                session.update(
                        "INSERT INTO metric_series (run, key, points, step, at, value, first_step, chunks, late, version,"
                                + " base_level, head) VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, ?)",
                        run,
                        key,
                        new byte[0]);
            }
            session.update(
                    "UPDATE metric_series SET points = ?, step = ?, at = ?, value = ?, first_step = ?, head = ?"
                            + " WHERE run = ? AND key = ?",
                    all.size(),
                    last.step(),
                    last.timestampMillis(),
                    SortableDouble.encode(last.value()),
                    all.get(0).step(),
                    encode(all),
                    run,
                    key);
        }
    }

    private static byte[] encode(List<MetricPoint> points) {
        ByteBuffer buffer = ByteBuffer.allocate(points.size() * 24);
        for (MetricPoint p : points) {
            buffer.putLong(p.step()).putLong(p.timestampMillis()).putDouble(p.value());
        }
        return buffer.array();
    }

    private static List<MetricPoint> decode(String key, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        List<MetricPoint> points = new ArrayList<>();
        while (buffer.hasRemaining()) {
            points.add(new MetricPoint(key, buffer.getLong(), buffer.getLong(), buffer.getDouble()));
        }
        return points;
    }

    static long keyId(Session session, String name) throws SQLException {
        Long id = session.findLong("SELECT id FROM metric_key WHERE name = ?", name);
        if (id != null) {
            return id;
        }
        session.update("INSERT INTO metric_key (name) VALUES (?) ON CONFLICT DO NOTHING", name);
        return session.insert("SELECT id FROM metric_key WHERE name = ?", name);
    }

    @Override
    public Stream<MetricPoint> history(String runId, String key) {
        requireOpen();
        return database
                .read("history of metric '" + key + "' of run " + runId, session -> {
                    try (ResultSet rows = session.query(
                            "SELECT s.head FROM metric_series s JOIN run r ON r.id = s.run JOIN metric_key k ON k.id = s.key"
                                    + " WHERE r.uid = ? AND k.name = ?",
                            runId,
                            key)) {
                        return rows.next() ? decode(key, rows.getBytes(1)) : List.<MetricPoint>of();
                    }
                })
                .stream();
    }

    @Override
    public Map<String, MetricPoint> latest(String runId) {
        requireOpen();
        return database.read("latest metrics of run " + runId, session -> {
            Long run = session.findLong("SELECT id FROM run WHERE uid = ?", runId);
            return run == null
                    ? Map.of()
                    : RunRows.metrics(session, List.of(run)).getOrDefault(run, Map.of());
        });
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the metric store of " + database + " has been closed");
        }
    }
}
