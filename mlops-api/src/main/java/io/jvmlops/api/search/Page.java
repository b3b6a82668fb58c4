package io.jvmlops.api.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of what was found.
 *
 * @param next what to ask with for what comes after; null if that is all there was
 */
public record Page<T>(List<T> items, @Nullable String next) {
    public Page {
        items = List.copyOf(items);
    }
}
