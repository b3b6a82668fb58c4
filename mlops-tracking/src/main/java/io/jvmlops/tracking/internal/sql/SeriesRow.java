package io.jvmlops.tracking.internal.sql;

import io.jvmlops.tracking.internal.series.ChunkCodec;
import io.jvmlops.tracking.internal.series.Mark;
import io.jvmlops.tracking.internal.series.PointColumns;
import io.jvmlops.tracking.internal.series.PyramidState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * A row of metric_series: what is known of one metric of one run, and its newest points.
 *
 * <p>A series is kept in three parts, each as of {@link ChunkCodec}: the tail, in the row itself, which is written with
 * every append and so has few points; the head, a row of metric_head, into which full tails go; and sealed chunks, rows
 * of metric_chunk that never change. The pages of metric_page know of the sealed points only. The row that is
 * locked before any of this changes is the run's.
 */
final class SeriesRow {
    static final String COLUMNS =
            "s.id, s.points, s.step, s.at, s.value, s.first_step, s.last_step, s.min_at, s.head_points,"
                    + " s.sealed_points, s.sealed_first, s.sealed_step, s.sealed_at, s.sealed_value, s.chunks, s.late,"
                    + " s.version, s.page_base, s.page_bytes, s.page_built, s.tail";

    /** The number of the column that a query has after {@link #COLUMNS}. */
    static final int AFTER_COLUMNS = 22;

    private static final String INSERT =
            "INSERT INTO metric_series (run, key, points, step, at, value, first_step, last_step, min_at, head_points,"
                    + " sealed_points, sealed_first, sealed_step, sealed_at, sealed_value, chunks, late, version,"
                    + " page_base, page_bytes, page_built, tail)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0, ?) RETURNING id";

    private static final String UPDATE_TAIL =
            "UPDATE metric_series SET points = ?, step = ?, at = ?, value = ?, first_step = ?, last_step = ?, min_at = ?,"
                    + " tail = ? WHERE id = ?";

    private static final String UPDATE =
            "UPDATE metric_series SET points = ?, step = ?, at = ?, value = ?, first_step = ?, last_step = ?, min_at = ?,"
                    + " tail = ?, head_points = ?, sealed_points = ?, sealed_first = ?, sealed_step = ?, sealed_at = ?,"
                    + " sealed_value = ?, chunks = ?, late = ?, version = ?, page_base = ?, page_bytes = ?,"
                    + " page_built = ? WHERE id = ?";

    private static final byte[] NONE = new byte[0];

    private final SeriesName name;

    /** 0 until it is inserted. */
    private long id;

    /** How many the history has. */
    long points;

    /** The greatest ever; stays when points expire. */
    @Nullable
    Mark latest;

    long firstStep = Long.MAX_VALUE;
    long lastStep = Long.MIN_VALUE;
    long minAt = Long.MAX_VALUE;
    long headPoints;
    long sealedPoints;
    long sealedFirst;

    /** The greatest sealed point; null if none is sealed. */
    @Nullable
    Mark sealed;

    long chunks;

    /** How many chunks were sealed that begin before the greatest sealed point, since overlaps were looked for. */
    long late;

    /** Grows whenever a chunk goes away, so that a reader notices. */
    long version;

    /** Null if there are no pages: the chunks are few, or about to change. */
    @Nullable
    Integer pageBase;

    long pageBytes;

    /** How many points there were when the pages were last made anew, or could not be. */
    long pageBuilt;

    private byte[] tail = NONE;

    /** Whether more than the tail and what belongs to it has changed. */
    private boolean changed;

    SeriesRow(SeriesName name) {
        this.name = name;
    }

    /** @param row of {@link #COLUMNS}, from the first column on */
    static SeriesRow read(SeriesName name, ResultSet row) throws SQLException {
        SeriesRow series = new SeriesRow(name);
        series.id = row.getLong(1);
        series.points = row.getLong(2);
        series.latest = new Mark(row.getLong(3), row.getLong(4), row.getLong(5));
        series.firstStep = row.getLong(6);
        series.lastStep = row.getLong(7);
        series.minAt = row.getLong(8);
        series.headPoints = row.getLong(9);
        series.sealedPoints = row.getLong(10);
        series.sealedFirst = row.getLong(11);
        series.chunks = row.getLong(15);
        series.sealed = series.chunks == 0 ? null : new Mark(row.getLong(12), row.getLong(13), row.getLong(14));
        series.late = row.getLong(16);
        series.version = row.getLong(17);
        int base = row.getInt(18);
        series.pageBase = row.wasNull() ? null : base;
        series.pageBytes = row.getLong(19);
        series.pageBuilt = row.getLong(20);
        series.tail = row.getBytes(21);
        return series;
    }

    SeriesName name() {
        return name;
    }

    long id() {
        return id;
    }

    void change() {
        changed = true;
    }

    /** The newest points, in order. */
    PointColumns tail() {
        if (tail.length == 0) {
            return new PointColumns();
        }
        return name.decode("the newest points", tail);
    }

    void setTail(PointColumns points) {
        tail = points.isEmpty() ? NONE : ChunkCodec.encode(points, 0, points.size());
    }

    /** The points of the head, in order. */
    PointColumns head(Session session) throws SQLException {
        if (headPoints == 0) {
            return new PointColumns();
        }
        try (ResultSet row = session.query("SELECT data FROM metric_head WHERE series = ?", id)) {
            if (!row.next()) {
                throw name.damaged("its head of " + headPoints + " points is not there", null);
            }
            return name.decode("the head", row.getBytes(1));
        }
    }

    void setHead(Session session, PointColumns points) throws SQLException {
        if (!points.isEmpty()) {
            session.update(
                    "INSERT INTO metric_head (series, data) VALUES (?, ?)"
                            + " ON CONFLICT (series) DO UPDATE SET data = excluded.data",
                    id,
                    ChunkCodec.encode(points, 0, points.size()));
        } else if (headPoints > 0) {
            session.update("DELETE FROM metric_head WHERE series = ?", id);
        }
        headPoints = points.size();
        changed = true;
    }

    /** Counts points in, which are in order. */
    void include(PointColumns more) {
        Mark last = more.markAt(more.size() - 1);
        points += more.size();
        latest = latest == null || latest.compareTo(last) < 0 ? last : latest;
        includeSteps(more);
    }

    /** Widens the steps and the least timestamp to those of points that are in order. */
    void includeSteps(PointColumns some) {
        if (!some.isEmpty()) {
            firstStep = Math.min(firstStep, some.stepAt(0));
            lastStep = Math.max(lastStep, some.stepAt(some.size() - 1));
            minAt = Math.min(minAt, some.minTimestampMillis(0, some.size()));
        }
    }

    @Nullable
    PyramidState pyramid() {
        Mark greatest = sealed;
        return pageBase == null || greatest == null
                ? null
                : new PyramidState(pageBase, sealedPoints, pageBytes, sealedFirst, greatest.step());
    }

    void setPyramid(@Nullable PyramidState state) {
        pageBase = state == null ? null : Integer.valueOf(state.base());
        pageBytes = state == null ? 0 : state.bytes();
        changed = true;
    }

    void insert(Session session, long run, long key) throws SQLException {
        Mark last = latest == null ? new Mark(0, 0, 0) : latest;
        id = session.requireLong(
                INSERT, run, key, points, last.step(), last.at(), last.code(), firstStep, lastStep, minAt, tail);
    }

    boolean isTailOnly() {
        return !changed;
    }

    /** Adds to a statement of {@link #tailUpdate}. */
    void addTailUpdate(PreparedStatement update) throws SQLException {
        int column = setTailColumns(update);
        update.setLong(column, id);
        update.addBatch();
    }

    static PreparedStatement tailUpdate(Session session) throws SQLException {
        return session.prepare(UPDATE_TAIL);
    }

    void update(Session session) throws SQLException {
        PreparedStatement update = session.prepare(UPDATE);
        int column = setTailColumns(update);
        Mark greatest = sealed == null ? new Mark(0, 0, 0) : sealed;
        for (long number : new long[] {
            headPoints,
            sealedPoints,
            sealedFirst,
            greatest.step(),
            greatest.at(),
            greatest.code(),
            chunks,
            late,
            version
        }) {
            update.setLong(column++, number);
        }
        update.setObject(column++, pageBase == null ? null : Long.valueOf(pageBase), Types.BIGINT);
        update.setLong(column++, pageBytes);
        update.setLong(column++, pageBuilt);
        update.setLong(column, id);
        update.executeUpdate();
        changed = false;
    }

    private int setTailColumns(PreparedStatement update) throws SQLException {
        Mark last = latest == null ? new Mark(0, 0, 0) : latest;
        int column = 1;
        for (long number : new long[] {points, last.step(), last.at(), last.code(), firstStep, lastStep, minAt}) {
            update.setLong(column++, number);
        }
        update.setBytes(column++, tail);
        return column;
    }
}
