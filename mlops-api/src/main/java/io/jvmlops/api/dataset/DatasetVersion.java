package io.jvmlops.api.dataset;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;

/**
 * Which data a run read.
 *
 * @param name what people call it: {@code iris}
 * @param digest of its full content
 * @param source where it was read from, as text; at most {@value #MAX_SOURCE} characters
 */
public record DatasetVersion(String name, Digest digest, String source) {
    /** The longest source, in characters; as in MLflow. */
    public static final int MAX_SOURCE = 65_535;

    /** @throws InvalidInputException if name or source are over the limits of {@link Keys} */
    public DatasetVersion {
        Keys.check("name of a dataset", name);
        Keys.checkValue("source of dataset '" + name + "'", source, MAX_SOURCE);
    }
}
