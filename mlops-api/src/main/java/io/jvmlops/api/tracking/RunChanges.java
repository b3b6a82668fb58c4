package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.metadata.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to add to a run or change about it, all or nothing.
 *
 * @param name its new name, or null to keep it
 * @param params write-once: a key may come again only with the same value
 * @param tags last write wins
 * @param removedTags removed before others are set; those that are not there are ignored
 * @param artifacts files by path within the run; last write wins
 * @param storedSince since when the bytes of all these artifacts have been stored or renewed, by the artifact store's
 *     clock; null only if they are where nothing is ever collected, see {@link
 *     io.jvmlops.api.artifact.ArtifactReferences}
 * @param inputs equal ones are kept once, where they came first
 * @param metrics points, as by {@link MetricStore#append}
 * @param transition how it ends, say; or null if it goes on as it is
 */
public record RunChanges(
        @Nullable String name,
        Map<String, String> params,
        Map<String, String> tags,
        Set<String> removedTags,
        List<FileEntry> artifacts,
        @Nullable Instant storedSince,
        List<DatasetInput> inputs,
        List<MetricPoint> metrics,
        @Nullable Transition transition) {
    public RunChanges {
        if (name != null) {
            Keys.check("name of a run", name);
        }
        params.forEach((key, value) -> {
            Keys.check("key of a param", key);
            Keys.checkValue("value of param '" + key + "'", value, Keys.MAX_PARAM_VALUE);
        });
        Keys.checkTags(tags);
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        removedTags = Collections.unmodifiableSet(new LinkedHashSet<>(removedTags));
        artifacts = List.copyOf(artifacts);
        inputs = List.copyOf(inputs);
        metrics = List.copyOf(metrics);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A change of where a run stands. */
    public sealed interface Transition permits End, Resume, Delete, Restore {}

    /**
     * It ends. Ending twice in the same way keeps the first end; ending what reads as {@link RunStatus#KILLED} corrects
     * it.
     *
     * @param status not {@link RunStatus#RUNNING}
     * @param reason why it failed, or null; what a store could not keep of it is replaced or cut off
     */
    public record End(
            RunStatus status, Instant at, @Nullable String reason) implements Transition {
        public End {
            if (status == RunStatus.RUNNING) {
                throw new IllegalArgumentException("a run does not end as RUNNING");
            }
            reason = reason == null ? null : Keys.tolerated(reason, Keys.MAX_TAG_VALUE);
        }
    }

    /** It runs again, as if it had not ended. Harmless for one that runs. */
    public record Resume() implements Transition {}

    /** It is hidden, and refuses all changes until it is restored. Harmless for one that is deleted. */
    public record Delete() implements Transition {}

    /** It is no longer deleted; if its experiment is, it stays hidden until that is restored too. */
    public record Restore() implements Transition {}

    /** Collects changes; a later transition replaces an earlier one. Not thread-safe. */
    public static final class Builder {
        private @Nullable String name;
        private final Map<String, String> params = new LinkedHashMap<>();
        private final Map<String, String> tags = new LinkedHashMap<>();
        private final Set<String> removedTags = new LinkedHashSet<>();
        private final List<FileEntry> artifacts = new ArrayList<>();
        private @Nullable Instant storedSince;
        private final List<DatasetInput> inputs = new ArrayList<>();
        private final List<MetricPoint> metrics = new ArrayList<>();
        private @Nullable Transition transition;

        private Builder() {}

        public Builder name(String name) {
            this.name = name;
            return this;
        }

        public Builder param(String key, String value) {
            params.put(key, value);
            return this;
        }

        public Builder tag(String key, String value) {
            tags.put(key, value);
            return this;
        }

        public Builder removeTag(String key) {
            removedTags.add(key);
            return this;
        }

        public Builder artifact(FileEntry file) {
            artifacts.add(file);
            return this;
        }

        /** Since when the bytes of the artifacts have been stored or renewed; see {@link RunChanges#storedSince}. */
        public Builder storedSince(Instant storedSince) {
            this.storedSince = storedSince;
            return this;
        }

        public Builder input(DatasetInput input) {
            inputs.add(input);
            return this;
        }

        public Builder metric(MetricPoint point) {
            metrics.add(point);
            return this;
        }

        public Builder end(RunStatus status, Instant at, @Nullable String reason) {
            transition = new End(status, at, reason);
            return this;
        }

        public Builder resume() {
            transition = new Resume();
            return this;
        }

        public Builder delete() {
            transition = new Delete();
            return this;
        }

        public Builder restore() {
            transition = new Restore();
            return this;
        }

        public RunChanges build() {
            return new RunChanges(name, params, tags, removedTags, artifacts, storedSince, inputs, metrics, transition);
        }
    }
}
