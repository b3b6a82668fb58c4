package io.jvmlops.api.tracking;

import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.metadata.Keys;
import org.jspecify.annotations.Nullable;

/**
 * A dataset version as a run read it.
 *
 * @param context what for: {@code training}; or null
 */
public record DatasetInput(DatasetVersion dataset, @Nullable String context) {
    public DatasetInput {
        if (context != null) {
            Keys.check("context of dataset '" + dataset.name() + "'", context);
        }
    }
}
