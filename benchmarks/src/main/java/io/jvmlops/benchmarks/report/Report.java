package io.jvmlops.benchmarks.report;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All of one run of a study.
 *
 * @param study its name
 * @param options as they were in force, defaults too
 * @param notes what a reader of the rows should know
 * @param failure why it failed, or null
 */
public record Report(
        String study,
        boolean quick,
        Map<String, String> options,
        Status status,
        Instant startedAt,
        Duration took,
        Machine machine,
        List<Row> rows,
        List<String> notes,
        @Nullable String failure) {
    /** How far a run got. */
    public enum Status {
        RUNNING,
        COMPLETE,
        FAILED
    }

    public Report {
        options = new LinkedHashMap<>(options);
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
    }
}
