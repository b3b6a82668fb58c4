package io.jvmlops.api.registry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One move of an alias.
 *
 * @param sequence of all moves in the registry, counting up in the order in which they became durable
 * @param from the version it pointed at, or null if it did not exist
 * @param to the version it points at, or null if it was removed
 * @param who as the host's supplier says
 * @param why in the mover's words; may be empty
 */
public record AliasChange(
        long sequence,
        Kind kind,
        String model,
        String alias,
        @Nullable Integer from,
        @Nullable Integer to,
        String who,
        Instant when,
        String why) {
    /** How it came to move. */
    public enum Kind {
        /** Somebody said where to. */
        SET,
        /** Somebody sent it back to where it was, see {@link ModelRegistry#rollback}. */
        ROLLBACK
    }
}
