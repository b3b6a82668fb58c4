package io.jvmlops.tracking.internal.sql;

import io.jvmlops.tracking.internal.series.ChunkCodec;
import io.jvmlops.tracking.internal.series.Mark;
import io.jvmlops.tracking.internal.series.PointColumns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A row of metric_chunk without its data: points of a series that are sealed, in order. */
record ChunkRow(long id, long points, Mark first, Mark last, long minAt, long maxAt) {
    static final Comparator<ChunkRow> BY_FIRST = Comparator.comparing(ChunkRow::first);

    private static final String SELECT =
            "SELECT id, points, first_step, first_at, first_value, last_step, last_at, last_value, min_at, max_at"
                    + " FROM metric_chunk WHERE series = ?";

    private static final String INSERT =
            "INSERT INTO metric_chunk (series, points, first_step, first_at, first_value, last_step, last_at, last_value,"
                    + " min_at, max_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";

    /** All chunks of a series, in any order. */
    static List<ChunkRow> all(Session session, long series) throws SQLException {
        return read(session.query(SELECT, series));
    }

    /** Those with points at a step or after it, in any order. */
    static List<ChunkRow> from(Session session, long series, long step) throws SQLException {
        return read(session.query(SELECT + " AND last_step >= ?", series, step));
    }

    /** Some of those that have points stamped up to a moment, inclusive. */
    static List<ChunkRow> stampedThrough(Session session, long series, long at, int limit) throws SQLException {
        return read(session.query(SELECT + " AND min_at <= ? LIMIT " + limit, series, at));
    }

    private static List<ChunkRow> read(ResultSet opened) throws SQLException {
        try (ResultSet row = opened) {
            List<ChunkRow> chunks = new ArrayList<>();
            while (row.next()) {
                chunks.add(new ChunkRow(
                        row.getLong(1),
                        row.getLong(2),
                        new Mark(row.getLong(3), row.getLong(4), row.getLong(5)),
                        new Mark(row.getLong(6), row.getLong(7), row.getLong(8)),
                        row.getLong(9),
                        row.getLong(10)));
            }
            return chunks;
        }
    }

    /** Writes the points {@code from} (inclusive) to {@code to} (exclusive) as a chunk. */
    static ChunkRow insert(Session session, long series, PointColumns points, int from, int to) throws SQLException {
        Mark first = points.markAt(from);
        Mark last = points.markAt(to - 1);
        long minAt = points.minTimestampMillis(from, to);
        long maxAt = points.maxTimestampMillis(from, to);
        long id = session.requireLong(
                INSERT,
                series,
                to - from,
                first.step(),
                first.at(),
                first.code(),
                last.step(),
                last.at(),
                last.code(),
                minAt,
                maxAt,
                ChunkCodec.encode(points, from, to));
        return new ChunkRow(id, to - from, first, last, minAt, maxAt);
    }

    void delete(Session session) throws SQLException {
        session.update("DELETE FROM metric_chunk WHERE id = ?", id);
    }

    PointColumns points(Session session, SeriesName name) throws SQLException {
        try (ResultSet row = session.query("SELECT data FROM metric_chunk WHERE id = ?", id)) {
            if (!row.next()) {
                throw name.damaged("chunk " + id + " is not there", null);
            }
            return name.decode("chunk " + id, row.getBytes(1));
        }
    }
}
