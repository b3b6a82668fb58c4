package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.FileEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to add to a run, all or nothing.
 *
 * @param params write-once: a key may come again only with the same value
 * @param tags last write wins
 * @param artifacts files by path within the run; last write wins
 * @param inputs equal ones are kept once, where they came first
 * @param end how it ends, or null if it goes on
 */
public record RunChanges(
        Map<String, String> params,
        Map<String, String> tags,
        List<FileEntry> artifacts,
        List<DatasetVersion> inputs,
        @Nullable End end) {
    public RunChanges {
        params.forEach((key, value) -> {
            Keys.check("key of a param", key);
            Keys.checkValue("value of param '" + key + "'", value, Keys.MAX_PARAM_VALUE);
        });
        tags.forEach((key, value) -> {
            Keys.check("key of a tag", key);
            Keys.checkValue("value of tag '" + key + "'", value, Keys.MAX_TAG_VALUE);
        });
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        artifacts = List.copyOf(artifacts);
        inputs = List.copyOf(inputs);
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * How a run ends.
     *
     * @param status not {@link RunStatus#RUNNING}
     * @param reason why it failed, or null
     */
    public record End(
            RunStatus status, Instant at, @Nullable String reason) {
        public End {
            if (status == RunStatus.RUNNING) {
                throw new IllegalArgumentException("a run does not end as RUNNING");
            }
            if (reason != null && reason.length() > Keys.MAX_TAG_VALUE) {
                boolean splits = Character.isHighSurrogate(reason.charAt(Keys.MAX_TAG_VALUE - 1));
                reason = reason.substring(0, Keys.MAX_TAG_VALUE - (splits ? 1 : 0));
            }
        }
    }

    /** Collects changes. Not thread-safe. */
    public static final class Builder {
        private final Map<String, String> params = new LinkedHashMap<>();
        private final Map<String, String> tags = new LinkedHashMap<>();
        private final List<FileEntry> artifacts = new ArrayList<>();
        private final List<DatasetVersion> inputs = new ArrayList<>();
        private @Nullable End end;

        private Builder() {}

        public Builder param(String key, String value) {
            params.put(key, value);
            return this;
        }

        public Builder tag(String key, String value) {
            tags.put(key, value);
            return this;
        }

        public Builder artifact(FileEntry file) {
            artifacts.add(file);
            return this;
        }

        public Builder input(DatasetVersion dataset) {
            inputs.add(dataset);
            return this;
        }

        public Builder end(RunStatus status, Instant at, @Nullable String reason) {
            end = new End(status, at, reason);
            return this;
        }

        public RunChanges build() {
            return new RunChanges(params, tags, artifacts, inputs, end);
        }
    }
}
