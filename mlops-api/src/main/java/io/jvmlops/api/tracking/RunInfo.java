package io.jvmlops.api.tracking;

import io.jvmlops.api.search.Lookup;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run as stored, without its artifacts and the history of its metrics.
 *
 * @param endedAt null while it runs
 * @param endReason why it failed or was taken for killed; null otherwise
 * @param deletedAt when it, or else its experiment, was deleted; null if neither was
 * @param inputs the data it read, in the order it was logged
 * @param metrics the latest point of each metric, by key
 */
public record RunInfo(
        String id,
        String experimentId,
        String name,
        RunStatus status,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String endReason,
        @Nullable Instant deletedAt,
        Map<String, String> params,
        Map<String, String> tags,
        List<DatasetInput> inputs,
        Map<String, MetricPoint> metrics) {
    public RunInfo {
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        inputs = List.copyOf(inputs);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    public boolean isDeleted() {
        return deletedAt != null;
    }

    /** The id of the run that this one is part of. */
    public Optional<String> parentId() {
        return Optional.ofNullable(tags.get(RunTags.PARENT));
    }

    /** What people have to say about it, in Markdown. */
    public Optional<String> note() {
        return Optional.ofNullable(tags.get(RunTags.NOTE));
    }

    /** Where its artifacts are, as MLflow writes it: {@code runs:/} and its id. */
    public String artifactUri() {
        return "runs:/" + id;
    }

    /** Its values, for stores that evaluate a filter themselves. */
    public Lookup lookup() {
        return new RunLookup(this);
    }
}
