package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One dropping of all points up to a time, in many short transactions. */
final class Expiry {
    /** How many series one query asks for. */
    private static final int SERIES_AT_ONCE = 64;

    /** How many damaged series a failure tells of. */
    private static final int DAMAGED = 16;

    /** How many chunks one transaction drops points from, about. */
    private static final int CHUNKS_AT_ONCE = 256;

    private final SqlMetricStore store;
    private final SqlDialect dialect;
    private final long lastGone;

    /** A series with points to drop. */
    private record Aged(long series, long run, SeriesName name) {}

    /**
     * @param series how many are done with
     * @param damaged what is wrong with those that were left as they were
     */
    private record Expired(int series, long points, List<StorageException> damaged) {}

    /** @param lastGone the greatest timestamp whose points go, in milliseconds */
    Expiry(SqlMetricStore store, SqlDialect dialect, long lastGone) {
        this.store = store;
        this.dialect = dialect;
        this.lastGone = lastGone;
    }

    /**
     * Returns how many points it dropped.
     *
     * @throws StorageException at the end, if series are damaged; they are left as they were
     */
    long run() {
        long expired = 0;
        List<StorageException> damaged = new ArrayList<>();
        long after = 0;
        List<Aged> some = aged(after);
        while (!some.isEmpty()) {
            after = some.get(some.size() - 1).series;
            List<Aged> left = new ArrayList<>(some);
            left.sort(Comparator.comparing(aged -> aged.name.runId()));
            while (!left.isEmpty()) {
                Expired part = expire(left);
                expired += part.points;
                damaged.addAll(part.damaged.subList(0, Math.min(part.damaged.size(), DAMAGED - damaged.size())));
                left = left.subList(part.series, left.size());
            }
            some = aged(after);
        }
        if (!damaged.isEmpty()) {
            StorageException first = damaged.get(0);
            StorageException failure = new StorageException(
                    "expire metrics: dropped " + expired + " points, and left series that are damaged as they were: "
                            + first.getMessage(),
                    first);
            damaged.subList(1, damaged.size()).forEach(failure::addSuppressed);
            throw failure;
        }
        return expired;
    }

    private List<Aged> aged(long after) {
        return store.read("find metrics to expire", session -> {
            List<Aged> aged = new ArrayList<>();
            try (ResultSet row = session.query(
                    "SELECT s.id, s.run, r.uid, k.name FROM metric_series s JOIN run r ON r.id = s.run"
                            + " JOIN metric_key k ON k.id = s.key WHERE s.id > ? AND s.points > 0 AND s.min_at <= ?"
                            + " ORDER BY s.id LIMIT " + SERIES_AT_ONCE,
                    after,
                    lastGone)) {
                while (row.next()) {
                    aged.add(new Aged(
                            row.getLong(1), row.getLong(2), new SeriesName(row.getString(3), row.getString(4))));
                }
            }
            return aged;
        });
    }

    /** Drops points from the first of the series, as many as one transaction should. */
    private Expired expire(List<Aged> series) {
        return store.write("expire metrics", session -> {
            SeriesWriter writer = new SeriesWriter(session);
            long expired = 0;
            List<StorageException> damaged = new ArrayList<>();
            long work = 0;
            int done = 0;
            for (Aged aged : series) {
                // Null once it has been purged.
                Long run = session.findLong("SELECT id FROM run WHERE id = ?" + dialect.forUpdate(), aged.run);
                SeriesRow row = run == null ? null : byId(session, aged);
                if (row != null && row.points > 0 && row.minAt <= lastGone) {
                    work += 1 + row.chunks;
                    try {
                        expired += writer.expire(row, lastGone, CHUNKS_AT_ONCE);
                        if (row.points > 0 && row.minAt <= lastGone) {
                            return new Expired(done, expired, damaged);
                        }
                    } catch (StorageException e) {
                        damaged.add(e);
                    }
                }
                done++;
                if (work >= CHUNKS_AT_ONCE) {
                    break;
                }
            }
            return new Expired(done, expired, damaged);
        });
    }

    private static @Nullable SeriesRow byId(Session session, Aged aged) throws SQLException {
        try (ResultSet row =
                session.query("SELECT " + SeriesRow.COLUMNS + " FROM metric_series s WHERE s.id = ?", aged.series)) {
            return row.next() ? SeriesRow.read(aged.name, row) : null;
        }
    }
}
