package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.tracking.MetricBatch;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Metrics as schema 1 had them, a row per distinct point with how often it came, on their way into series. */
final class PointRows {
    private static final int PAGE = 8192;

    private PointRows() {}

    static void move(Session session) throws SQLException {
        List<long[]> series = new ArrayList<>();
        List<SeriesName> names = new ArrayList<>();
        try (ResultSet rows = session.query("SELECT DISTINCT m.run, m.key, r.uid, k.name FROM metric_1 m"
                + " JOIN run r ON r.id = m.run JOIN metric_key k ON k.id = m.key")) {
            while (rows.next()) {
                series.add(new long[] {rows.getLong(1), rows.getLong(2)});
                names.add(new SeriesName(rows.getString(3), rows.getString(4)));
            }
        }
        for (int i = 0; i < series.size(); i++) {
            move(session, series.get(i)[0], series.get(i)[1], names.get(i));
        }
    }

    private static void move(Session session, long run, long key, SeriesName name) throws SQLException {
        long[] steps = new long[PAGE];
        long[] timestamps = new long[PAGE];
        double[] values = new double[PAGE];
        int[] keyAt = new int[PAGE];
        int size = 0;
        try (ResultSet rows = session.query(
                "SELECT step, at, value, times FROM metric_1 WHERE run = ? AND key = ? ORDER BY step, at, value",
                run,
                key)) {
            while (rows.next()) {
                for (long times = rows.getLong(4); times > 0; times--) {
                    steps[size] = rows.getLong(1);
                    timestamps[size] = rows.getLong(2);
                    values[size] = value(rows.getLong(3));
                    if (++size == PAGE) {
                        append(session, run, name, keyAt, steps, timestamps, values, size);
                        size = 0;
                    }
                }
            }
        }
        if (size > 0) {
            append(session, run, name, keyAt, steps, timestamps, values, size);
        }
    }

    private static void append(
            Session session,
            long run,
            SeriesName name,
            int[] keyAt,
            long[] steps,
            long[] timestamps,
            double[] values,
            int size)
            throws SQLException {
        SqlMetricStore.append(
                session,
                run,
                MetricBatch.transfer(name.runId(), List.of(name.key()), keyAt, steps, timestamps, values, size));
    }

    /** Schema 1 had a value's bits with all but the sign turned around if that was set. */
    private static double value(long code) {
        return Double.longBitsToDouble(code ^ ((code >> 63) & Long.MAX_VALUE));
    }
}
