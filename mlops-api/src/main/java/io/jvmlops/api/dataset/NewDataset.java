package io.jvmlops.api.dataset;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.metadata.Keys;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A dataset version to store.
 *
 * @param name what people call the dataset
 * @param files already in the artifact store
 * @param source where they were read from, as text; at most {@link DatasetVersion#MAX_SOURCE} characters
 */
public record NewDataset(String name, Manifest files, String source, String description, Map<String, String> tags) {
    /** @throws io.jvmlops.api.error.InvalidInputException if something is over the limits of {@link Keys} */
    public NewDataset {
        Keys.check("name of a dataset", name);
        Keys.checkValue("source of dataset '" + name + "'", source, DatasetVersion.MAX_SOURCE);
        Keys.checkValue("description of dataset '" + name + "'", description, Keys.MAX_DESCRIPTION);
        Keys.checkTags(tags);
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    public NewDataset(String name, Manifest files, String source) {
        this(name, files, source, "", Map.of());
    }
}
