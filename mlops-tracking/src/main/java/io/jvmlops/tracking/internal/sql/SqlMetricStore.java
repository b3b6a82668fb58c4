package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.tracking.internal.series.PointColumns;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Metrics in a database, each a series of {@link SeriesRow}. */
public final class SqlMetricStore implements MetricStore {
    /** How many keys are remembered. */
    private static final int KNOWN_KEYS = 10_000;

    /** How many points of a key there is room for at first; a batch can have as many keys as points. */
    private static final int FEW = 4;

    private final SqlDatabase database;

    /** Ids of keys that have been committed; keys never go away. */
    private final Map<String, Long> knownKeys = new ConcurrentHashMap<>();

    private volatile boolean closed;

    public SqlMetricStore(SqlDatabase database) {
        this.database = database;
    }

    @Override
    public void append(List<MetricBatch> batches) {
        requireOpen();
        // In the order of their ids, whoever appends: two processes that lock the same runs wait for each other once.
        Map<String, List<MetricBatch>> byRun = new TreeMap<>();
        for (MetricBatch batch : batches) {
            byRun.computeIfAbsent(batch.runId(), run -> new ArrayList<>()).add(batch);
        }
        if (byRun.isEmpty()) {
            return;
        }
        Map<String, Map<String, PointColumns>> columns = new HashMap<>();
        TreeSet<String> keys = new TreeSet<>();
        byRun.forEach((run, its) -> {
            Map<String, PointColumns> byKey = columns(its);
            columns.put(run, byKey);
            keys.addAll(byKey.keySet());
        });
        Map<String, Long> ids = write("append metrics", session -> {
            Map<String, Long> keyIds = keyIds(session, keys);
            for (Map.Entry<String, List<MetricBatch>> entry : byRun.entrySet()) {
                String runId = entry.getKey();
                long run = SqlTrackingStore.requireActive(session, database.dialect(), runId);
                List<MetricBatch> unknown = withoutRepeats(session, run, entry.getValue());
                Map<String, PointColumns> added =
                        unknown.size() == entry.getValue().size()
                                ? Objects.requireNonNull(columns.get(runId))
                                : columns(unknown);
                append(session, run, runId, keyIds, added);
            }
            return keyIds;
        });
        if (knownKeys.size() + ids.size() > KNOWN_KEYS) {
            knownKeys.clear();
        }
        knownKeys.putAll(ids);
    }

    /** Appends within a transaction that has locked the run. */
    static void append(Session session, long run, MetricBatch batch) throws SQLException {
        Map<String, PointColumns> byKey = columns(List.of(batch));
        Map<String, Long> ids = new HashMap<>();
        for (String key : byKey.keySet()) {
            ids.put(key, keyId(session, key));
        }
        SqlFailure.unwrapped(unwrapped -> {
                    append(unwrapped, run, batch.runId(), ids, byKey);
                    return run;
                })
                .run(session);
    }

    /** Those that have not been stored yet, and remembers that they are. */
    private static List<MetricBatch> withoutRepeats(Session session, long run, List<MetricBatch> batches)
            throws SQLException {
        List<MetricBatch> unknown = new ArrayList<>(batches.size());
        for (MetricBatch batch : batches) {
            MetricBatch.Origin origin = batch.origin();
            if (origin == null || isNext(session, run, origin)) {
                unknown.add(batch);
            }
        }
        return unknown;
    }

    private static boolean isNext(Session session, long run, MetricBatch.Origin origin) throws SQLException {
        int moved = session.update(
                "UPDATE metric_writer SET sequence = ? WHERE run = ? AND writer = ? AND sequence < ?",
                origin.sequence(),
                run,
                origin.writer(),
                origin.sequence());
        return moved == 1
                || session.update(
                                "INSERT INTO metric_writer (run, writer, sequence) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                                run,
                                origin.writer(),
                                origin.sequence())
                        == 1;
    }

    /** The points of some batches of one run, by key, in order. */
    private static Map<String, PointColumns> columns(List<MetricBatch> batches) {
        Map<String, PointColumns> byKey = new TreeMap<>();
        for (MetricBatch batch : batches) {
            split(batch, byKey);
        }
        byKey.values().forEach(PointColumns::sort);
        return byKey;
    }

    private static void split(MetricBatch batch, Map<String, PointColumns> byKey) {
        List<String> keys = batch.keys();
        PointColumns[] columns = new PointColumns[keys.size()];
        for (int i = 0; i < batch.size(); i++) {
            int key = batch.keyIndexAt(i);
            PointColumns points = columns[key];
            if (points == null) {
                points = byKey.computeIfAbsent(
                        Keys.check("key of a metric", keys.get(key)), name -> new PointColumns(FEW));
                columns[key] = points;
            }
            points.add(batch.stepAt(i), batch.timestampMillisAt(i), batch.valueAt(i));
        }
    }

    private static void append(
            Session session, long run, String runId, Map<String, Long> keyIds, Map<String, PointColumns> added)
            throws SQLException {
        Map<String, SeriesRow> present = find(session, run, runId, keyIds, added);
        SeriesWriter writer = new SeriesWriter(session);
        List<SeriesRow> tails = new ArrayList<>();
        for (Map.Entry<String, PointColumns> entry : added.entrySet()) {
            String key = entry.getKey();
            long keyId = Objects.requireNonNull(keyIds.get(key));
            SeriesRow row = present.get(key);
            if (row == null) {
                row = new SeriesRow(new SeriesName(runId, key));
            }
            writer.append(row, run, keyId, entry.getValue());
            if (row.id() == 0) {
                row.insert(session, run, keyId);
            } else if (row.isTailOnly()) {
                tails.add(row);
            } else {
                row.update(session);
            }
        }
        if (!tails.isEmpty()) {
            PreparedStatement update = SeriesRow.tailUpdate(session);
            for (SeriesRow row : tails) {
                row.addTailUpdate(update);
            }
            update.executeBatch();
        }
    }

    private static Map<String, SeriesRow> find(
            Session session, long run, String runId, Map<String, Long> keyIds, Map<String, PointColumns> wanted)
            throws SQLException {
        List<Long> ids = new ArrayList<>();
        Map<Long, String> names = new HashMap<>();
        for (String key : wanted.keySet()) {
            Long id = Objects.requireNonNull(keyIds.get(key));
            ids.add(id);
            names.put(id, key);
        }
        Map<String, SeriesRow> found = new HashMap<>();
        for (List<Long> some : RunRows.portions(ids)) {
            List<Object> arguments = new ArrayList<>();
            arguments.add(run);
            arguments.addAll(some);
            try (ResultSet row = session.query(
                    "SELECT " + SeriesRow.COLUMNS + ", s.key FROM metric_series s WHERE s.run = ? AND s.key"
                            + RunRows.among(some),
                    arguments.toArray())) {
                while (row.next()) {
                    String key = Objects.requireNonNull(names.get(row.getLong(SeriesRow.AFTER_COLUMNS)));
                    found.put(key, SeriesRow.read(new SeriesName(runId, key), row));
                }
            }
        }
        return found;
    }

    private Map<String, Long> keyIds(Session session, Iterable<String> keys) throws SQLException {
        Map<String, Long> ids = new HashMap<>();
        for (String key : keys) {
            Long known = knownKeys.get(key);
            ids.put(key, known == null ? Long.valueOf(keyId(session, key)) : known);
        }
        return ids;
    }

    /**
     * Makes the keys of points known, for a transaction that is going to lock a run: whoever locks both takes the keys
     * first.
     */
    static void createKeys(Session session, List<MetricPoint> points) throws SQLException {
        TreeSet<String> keys = new TreeSet<>();
        points.forEach(point -> keys.add(point.key()));
        for (String key : keys) {
            keyId(session, key);
        }
    }

    static long keyId(Session session, String name) throws SQLException {
        Long id = session.findLong("SELECT id FROM metric_key WHERE name = ?", name);
        if (id != null) {
            return id;
        }
        session.update("INSERT INTO metric_key (name) VALUES (?) ON CONFLICT DO NOTHING", name);
        return session.requireLong("SELECT id FROM metric_key WHERE name = ?", name);
    }

    @Override
    public Stream<MetricPoint> history(String runId, String key) {
        HistoryReader points = new HistoryReader(this, new SeriesName(runId, key));
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(points, Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /** One series; null if it is not there. */
    static @Nullable SeriesRow find(Session session, SeriesName name) throws SQLException {
        List<SeriesRow> found = find(session, List.of(name.runId()), name.key());
        return found.isEmpty() ? null : found.get(0);
    }

    /** The series of one key of some runs, in any order. */
    static List<SeriesRow> find(Session session, List<String> runIds, String key) throws SQLException {
        List<Object> runs = new ArrayList<>();
        for (String runId : runIds) {
            if (StoredText.isPossible(runId)) {
                runs.add(runId);
            }
        }
        List<SeriesRow> found = new ArrayList<>();
        if (!StoredText.isPossible(key)) {
            return found;
        }
        for (List<Object> some : RunRows.portions(runs)) {
            List<Object> arguments = new ArrayList<>(some);
            arguments.add(key);
            try (ResultSet row = session.query(
                    "SELECT " + SeriesRow.COLUMNS + ", r.uid FROM metric_series s JOIN run r ON r.id = s.run"
                            + " JOIN metric_key k ON k.id = s.key WHERE r.uid" + RunRows.among(some)
                            + " AND k.name = ?",
                    arguments.toArray())) {
                while (row.next()) {
                    found.add(SeriesRow.read(new SeriesName(row.getString(SeriesRow.AFTER_COLUMNS), key), row));
                }
            }
        }
        return found;
    }

    @Override
    public Map<String, MetricPoint> latest(String runId) {
        return read("latest metrics of run " + runId, session -> {
            Long run = RunRows.id(session, runId);
            return run == null
                    ? Map.of()
                    : RunRows.metrics(session, List.of(run)).getOrDefault(run, Map.of());
        });
    }

    @Override
    public Map<String, List<MetricBucket>> buckets(BucketQuery query) {
        return read(
                "buckets of metric '" + query.key() + "' of " + query.runIds().size() + " runs",
                session -> new BucketReader(session).read(query));
    }

    @Override
    public long expire(Instant before) {
        requireOpen();
        if (!before.isAfter(Instant.ofEpochMilli(Long.MIN_VALUE))) {
            return 0;
        }
        Instant last = before.minusNanos(1);
        long lastGone = last.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE)) ? Long.MAX_VALUE : last.toEpochMilli();
        return new Expiry(this, database.dialect(), lastGone).run();
    }

    /** Reads in one transaction. */
    <T> T read(String what, SqlDatabase.Work<T> work) {
        requireOpen();
        return database.read(what, SqlFailure.unwrapped(work));
    }

    /** Writes in one transaction. */
    <T> T write(String what, SqlDatabase.Work<T> work) {
        requireOpen();
        return database.write(what, SqlFailure.unwrapped(work));
    }

    @Override
    public String toString() {
        return "metric store of " + database;
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
