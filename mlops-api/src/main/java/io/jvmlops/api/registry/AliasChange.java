package io.jvmlops.api.registry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One move of an alias.
 *
 * @param who as the host's supplier says
 * @param from the version it pointed at, or null if it did not exist
 * @param to the version it points at, or null if it was removed
 * @param why in the mover's words; may be empty
 */
public record AliasChange(
        String model,
        String alias,
        @Nullable Integer from,
        @Nullable Integer to,
        String who,
        Instant when,
        String why) {}
