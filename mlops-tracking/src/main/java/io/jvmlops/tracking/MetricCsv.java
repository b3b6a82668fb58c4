package io.jvmlops.tracking;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes histories as comma-separated values: a line {@code run,key,step,timestamp,value} of names, then one per point.
 *
 * <p>Timestamps are milliseconds since the epoch. Values are as of {@link Double#toString}, so that
 * {@link Double#parseDouble} gives every one back exactly, {@code NaN} and {@code Infinity} by name (which bits a NaN had
 * is not said). Texts with commas or quotes are quoted as RFC 4180 does it; lines end with a line feed.
 */
public final class MetricCsv {
    private static final String HEADER = "run,key,step,timestamp,value\n";

    private MetricCsv() {}

    /**
     * Writes all metrics of some runs.
     *
     * @see #write(MetricStore, List, List, Appendable)
     */
    public static long write(MetricStore metrics, List<String> runIds, Appendable out) throws IOException {
        out.append(HEADER);
        long points = 0;
        for (String runId : runIds) {
            for (String key : metrics.latest(runId).keySet()) {
                points += write(metrics, runId, key, out);
            }
        }
        return points;
    }

    /**
     * Writes some metrics of some runs: run by run, metric by metric, each in the order of its history. What a run lacks is
     * left out. Holds a few points in memory at a time, however many there are, and leaves the output open.
     *
     * @return how many points were written
     * @throws IOException as the output throws it
     * @throws StorageException if a history cannot be read
     */
    public static long write(MetricStore metrics, List<String> runIds, List<String> keys, Appendable out)
            throws IOException {
        out.append(HEADER);
        long points = 0;
        for (String runId : runIds) {
            for (String key : keys) {
                points += write(metrics, runId, key, out);
            }
        }
        return points;
    }

    private static long write(MetricStore metrics, String runId, String key, Appendable out) throws IOException {
        String start = quoted(runId) + ',' + quoted(key) + ',';
        StringBuilder line = new StringBuilder(start);
        long points = 0;
        try (Stream<MetricPoint> history = metrics.history(runId, key)) {
            for (Iterator<MetricPoint> each = history.iterator(); each.hasNext(); points++) {
                MetricPoint point = each.next();
                line.setLength(start.length());
                line.append(point.step())
                        .append(',')
                        .append(point.timestampMillis())
                        .append(',')
                        .append(point.value())
                        .append('\n');
                out.append(line);
            }
        }
        return points;
    }

    private static String quoted(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
