package io.jvmlops.tracking.internal.sql;

import java.sql.SQLException;

/**
 * Removes runs for good. One transaction removes a run and hands its metrics over to nobody; their chunks go in transactions
 * of their own, as there may be gigabytes of them, and if the process dies over that, with the next purge.
 *
 * <p>The series of nobody have as run the negative of their own id: no run has such an id, now or later, and no two series
 * the same.
 */
final class Purge {
    /** How many chunks or pages one transaction removes. */
    private static final int AT_ONCE = 512;

    private final SqlDatabase database;

    Purge(SqlDatabase database) {
        this.database = database;
    }

    /** Within a transaction that has locked the run. */
    static void remove(Session session, long run) throws SQLException {
        for (String table : new String[] {"param", "tag", "input", "artifact", "metric_writer"}) {
            session.update("DELETE FROM " + table + " WHERE run = ?", run);
        }
        // Whoever reads a series meanwhile is told by the version that its chunks are going.
        session.update("UPDATE metric_series SET run = -id, version = version + 1 WHERE run = ?", run);
        session.update("DELETE FROM run WHERE id = ?", run);
    }

    /** Removes the metrics of nobody. */
    void sweep() {
        String find = "SELECT id FROM metric_series WHERE run < 0";
        // Looked at first, as a write waits for other writers.
        while (database.read("look for purged metrics", session -> session.findLong(find + " LIMIT 1") != null)) {
            boolean others = database.write("purge metrics", session -> {
                Long series =
                        session.findLong(find + " LIMIT 1" + database.dialect().forUpdateOfUnlocked());
                if (series == null) {
                    return true;
                }
                sweep(session, series);
                return false;
            });
            if (others) {
                // Another process is at it.
                return;
            }
        }
    }

    private static void sweep(Session session, long series) throws SQLException {
        long left = AT_ONCE;
        Long next = series;
        while (next != null && left > 0) {
            int chunks = session.update(
                    "DELETE FROM metric_chunk WHERE id IN (SELECT id FROM metric_chunk WHERE series = ? LIMIT "
                            + AT_ONCE + ")",
                    next);
            left -= 1 + chunks;
            if (chunks < AT_ONCE) {
                left -= session.update("DELETE FROM metric_page WHERE series = ?", next);
                session.update("DELETE FROM metric_head WHERE series = ?", next);
                session.update("DELETE FROM metric_series WHERE id = ?", next);
                next = session.findLong("SELECT id FROM metric_series WHERE run < 0 LIMIT 1");
            }
        }
    }
}
