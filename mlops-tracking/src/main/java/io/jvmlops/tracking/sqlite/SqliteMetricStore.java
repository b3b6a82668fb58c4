package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Metrics in a SQLite file: a row per distinct point, with how often it came. */
final class SqliteMetricStore implements MetricStore {
    private static final int PAGE = 4096;
    private static final int ROWS_PER_CALL = 4096;

    /** The distinct keys of a run, one seek each rather than a scan over all of its points. */
    private static final String KEYS = """
            WITH RECURSIVE k (id) AS (
              SELECT min(key) FROM metric WHERE run = ?1
              UNION ALL
              SELECT (SELECT min(key) FROM metric WHERE run = ?1 AND key > k.id) FROM k WHERE k.id IS NOT NULL)
            SELECT k.id, n.name FROM k JOIN metric_key n ON n.id = k.id""";

    private final Database database;
    private volatile boolean closed;

    SqliteMetricStore(Database database) {
        this.database = database;
    }

    @Override
    public void append(List<MetricBatch> batches) {
        requireOpen();
        if (batches.isEmpty()) {
            return;
        }
        database.write("append metrics", session -> {
            PreparedStatement insert = session.prepare("INSERT INTO metric (run, key, step, at, value)"
                    + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET times = times + 1");
            insert.clearBatch();
            int pending = 0;
            for (MetricBatch batch : batches) {
                long run = SqliteTrackingStore.require(session, batch.runId());
                long[] keys = new long[batch.keys().size()];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = keyId(session, batch.keys().get(i));
                }
                for (int i = 0; i < batch.size(); i++) {
                    insert.setLong(1, run);
                    insert.setLong(2, keys[batch.keyIndexAt(i)]);
                    insert.setLong(3, batch.stepAt(i));
                    insert.setLong(4, batch.timestampMillisAt(i));
                    insert.setLong(5, SortableDouble.encode(batch.valueAt(i)));
                    insert.addBatch();
                    if (++pending == ROWS_PER_CALL) {
                        insert.executeBatch();
                        pending = 0;
                    }
                }
            }
            if (pending > 0) {
                insert.executeBatch();
            }
            return batches.size();
        });
    }

    private static long keyId(Session session, String name) throws SQLException {
        Long id = session.findLong("SELECT id FROM metric_key WHERE name = ?", name);
        if (id != null) {
            return id;
        }
        session.update("INSERT INTO metric_key (name) VALUES (?)", name);
        return session.lastId();
    }

    /** Read page by page, so that a stream nobody closes holds neither a connection nor the write-ahead log. */
    @Override
    public Stream<MetricPoint> history(String runId, String key) {
        requireOpen();
        return Stream.iterate(
                        page(runId, key, new Page(List.of(), Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, false)),
                        page -> !page.points().isEmpty(),
                        page -> page.last() ? new Page(List.of(), 0, 0, 0, true) : page(runId, key, page))
                .flatMap(page -> page.points().stream());
    }

    private Page page(String runId, String key, Page before) {
        requireOpen();
        return database.read("history of metric '" + key + "' of run " + runId, session -> {
            List<MetricPoint> points = new ArrayList<>();
            long step = 0;
            long at = 0;
            long value = 0;
            int rowCount = 0;
            // No code is Long.MIN_VALUE, so the first page begins before every point.
            try (ResultSet rows = session.query("""
                    SELECT step, at, value, times FROM metric
                    WHERE run = (SELECT id FROM run WHERE uid = ?) AND key = (SELECT id FROM metric_key WHERE name = ?)
                      AND (step, at, value) > (?, ?, ?)
                    ORDER BY step, at, value LIMIT ?""", runId, key, before.step(), before.at(), before.value(), PAGE)) {
                while (rows.next()) {
                    rowCount++;
                    step = rows.getLong(1);
                    at = rows.getLong(2);
                    value = rows.getLong(3);
                    MetricPoint point = new MetricPoint(key, step, at, SortableDouble.decode(value));
                    points.addAll(Collections.nCopies(Math.toIntExact(rows.getLong(4)), point));
                }
            }
            return new Page(points, step, at, value, rowCount < PAGE);
        });
    }

    /** Some points, and where the last of them is. */
    private record Page(List<MetricPoint> points, long step, long at, long value, boolean last) {}

    @Override
    public Map<String, MetricPoint> latest(String runId) {
        requireOpen();
        return database.read("latest metrics of run " + runId, session -> {
            Long run = session.findLong("SELECT id FROM run WHERE uid = ?", runId);
            if (run == null) {
                return Map.of();
            }
            Map<String, Long> keys = new LinkedHashMap<>();
            try (ResultSet rows = session.query(KEYS, run)) {
                while (rows.next()) {
                    keys.put(rows.getString(2), rows.getLong(1));
                }
            }
            Map<String, MetricPoint> latest = new TreeMap<>();
            for (Map.Entry<String, Long> key : keys.entrySet()) {
                try (ResultSet rows = session.query(
                        "SELECT step, at, value FROM metric WHERE run = ? AND key = ?"
                                + " ORDER BY step DESC, at DESC, value DESC LIMIT 1",
                        run,
                        key.getValue())) {
                    if (rows.next()) {
                        latest.put(
                                key.getKey(),
                                new MetricPoint(
                                        key.getKey(),
                                        rows.getLong(1),
                                        rows.getLong(2),
                                        SortableDouble.decode(rows.getLong(3))));
                    }
                }
            }
            return Collections.unmodifiableMap(latest);
        });
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the metric store of " + database.file() + " has been closed");
        }
    }
}
