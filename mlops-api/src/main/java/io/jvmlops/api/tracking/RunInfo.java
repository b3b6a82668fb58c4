package io.jvmlops.api.tracking;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run as stored, without its metrics and artifacts.
 *
 * @param id 32 lower-case hexadecimal digits
 * @param endedAt null while it runs
 * @param endReason why it failed; null if it did not
 * @param inputs the data it read, in the order it was logged
 */
public record RunInfo(
        String id,
        String experimentId,
        String name,
        RunStatus status,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String endReason,
        Map<String, String> params,
        Map<String, String> tags,
        List<DatasetVersion> inputs) {
    public RunInfo {
        Keys.check("name of a run", name);
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        inputs = List.copyOf(inputs);
    }

    /** A run that begins now and has nothing logged yet. */
    public static RunInfo started(String id, String experimentId, String name, Instant at) {
        return new RunInfo(id, experimentId, name, RunStatus.RUNNING, at, null, null, Map.of(), Map.of(), List.of());
    }
}
