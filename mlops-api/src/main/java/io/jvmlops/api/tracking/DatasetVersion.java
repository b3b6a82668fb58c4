package io.jvmlops.api.tracking;

import io.jvmlops.api.artifact.Digest;

/**
 * Which data a run read.
 *
 * @param name what people call it: {@code iris}
 * @param digest of its full content
 * @param source where it was read from, as text
 */
public record DatasetVersion(String name, Digest digest, String source) {
    public DatasetVersion {
        Keys.check("name of a dataset", name);
    }
}
