package io.jvmlops.tracking.internal.sql;

import io.jvmlops.tracking.internal.series.PageStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The rows of metric_page of one series. What goes wrong is thrown as {@link SqlFailure}. */
final class SqlPages implements PageStore {
    private final Session session;
    private final long series;

    SqlPages(Session session, long series) {
        this.session = session;
        this.series = series;
    }

    @Override
    public byte @Nullable [] read(int level, long page) {
        try (ResultSet row = session.query(
                "SELECT nodes FROM metric_page WHERE series = ? AND level = ? AND page = ?", series, level, page)) {
            return row.next() ? row.getBytes(1) : null;
        } catch (SQLException e) {
            throw new SqlFailure(e);
        }
    }

    @Override
    public void write(int level, long page, byte[] bytes) {
        try {
            session.update(
                    "INSERT INTO metric_page (series, level, page, nodes) VALUES (?, ?, ?, ?)"
                            + " ON CONFLICT (series, level, page) DO UPDATE SET nodes = excluded.nodes",
                    series,
                    level,
                    page,
                    bytes);
        } catch (SQLException e) {
            throw new SqlFailure(e);
        }
    }

    @Override
    public void forEach(int level, long firstPage, long lastPage, PageConsumer consumer) {
        try (ResultSet row = session.query(
                "SELECT page, nodes FROM metric_page WHERE series = ? AND level = ? AND page BETWEEN ? AND ?",
                series,
                level,
                firstPage,
                lastPage)) {
            while (row.next()) {
                consumer.accept(row.getLong(1), row.getBytes(2));
            }
        } catch (SQLException e) {
            throw new SqlFailure(e);
        }
    }

    @Override
    public long deleteLevel(int level) {
        try {
            Long bytes = session.findLong(
                    "SELECT sum(length(nodes)) FROM metric_page WHERE series = ? AND level = ?", series, level);
            session.update("DELETE FROM metric_page WHERE series = ? AND level = ?", series, level);
            return bytes == null ? 0 : bytes;
        } catch (SQLException e) {
            throw new SqlFailure(e);
        }
    }

    void deleteAll() throws SQLException {
        session.update("DELETE FROM metric_page WHERE series = ?", series);
    }
}
