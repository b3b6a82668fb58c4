package io.jvmlops.api.registry;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.model.ModelRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to register.
 *
 * @param name of the model; see {@link ModelRef#checkName}
 * @param files already in the registry's artifact store
 * @param runId the run that it comes from, or null
 * @param provenance facts about how the model was made
 */
public record NewModelVersion(
        String name, Manifest files, @Nullable String runId, Map<String, String> provenance) {
    public NewModelVersion {
        ModelRef.checkName(name);
        provenance = Map.copyOf(provenance);
    }
}
