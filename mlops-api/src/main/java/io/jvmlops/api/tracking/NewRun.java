package io.jvmlops.api.tracking;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A run that begins.
 *
 * @param id 1 to 256 letters, digits, {@code _} and {@code -}, the first a letter or digit; ours are 32 lower-case
 *     hexadecimal digits
 * @param lease how long it counts as alive before its first {@link TrackingStore#heartbeat}, 1 ms or more; null if nobody
 *     is going to speak for it
 */
public record NewRun(
        String id,
        String experimentId,
        String name,
        Instant startedAt,
        Map<String, String> tags,
        @Nullable Duration lease) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,255}");

    /** @throws InvalidInputException if the id is not one, or name or tags are over the limits of {@link Keys} */
    public NewRun {
        if (!ID.matcher(id).matches()) {
            throw new InvalidInputException("id of a run: expected 1 to 256 letters, digits, '_' or '-', the first a"
                    + " letter or digit; found " + id.length() + " characters");
        }
        Keys.check("name of a run", name);
        Keys.checkTags(tags);
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        if (lease != null && lease.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("a lease of " + lease + ": expected 1 ms or more");
        }
    }

    public NewRun(String id, String experimentId, String name, Instant startedAt, Map<String, String> tags) {
        this(id, experimentId, name, startedAt, tags, null);
    }

    public NewRun(String id, String experimentId, String name, Instant startedAt) {
        this(id, experimentId, name, startedAt, Map.of());
    }
}
