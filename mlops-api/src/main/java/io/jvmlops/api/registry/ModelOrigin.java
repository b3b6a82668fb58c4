package io.jvmlops.api.registry;

import io.jvmlops.api.dataset.DatasetVersion;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a model version comes from, as far as it is known.
 *
 * @param runId the run that made it, or null
 * @param datasets what it was trained on, in the order in which the run read them
 * @param commit of the code that made it, or null
 * @param environment what the code ran on, by name: JVM, operating system, versions of libraries
 * @param provenance facts about how the model was made, by name
 */
public record ModelOrigin(
        @Nullable String runId,
        List<DatasetVersion> datasets,
        @Nullable String commit,
        Map<String, String> environment,
        Map<String, String> provenance) {
    private static final ModelOrigin NONE = new ModelOrigin(null, List.of(), null, Map.of(), Map.of());

    public ModelOrigin {
        datasets = List.copyOf(datasets);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    /** Nothing is known. */
    public static ModelOrigin none() {
        return NONE;
    }

    /** Nothing is known but the run. */
    public static ModelOrigin ofRun(String runId) {
        return new ModelOrigin(runId, List.of(), null, Map.of(), Map.of());
    }
}
