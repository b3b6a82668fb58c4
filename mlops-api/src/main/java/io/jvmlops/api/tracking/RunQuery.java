package io.jvmlops.api.tracking;

import org.jspecify.annotations.Nullable;

/**
 * Which runs to list: the newest first.
 *
 * @param experimentId of one experiment, or null for all
 * @param status in this state, or null for any
 * @param limit at most so many, 1 or more
 */
public record RunQuery(
        @Nullable String experimentId, @Nullable RunStatus status, int limit) {
    /** How many runs a query gives that does not say. */
    public static final int DEFAULT_LIMIT = 1000;

    public RunQuery {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + ": expected 1 or more");
        }
    }

    public static RunQuery all() {
        return new RunQuery(null, null, DEFAULT_LIMIT);
    }

    public RunQuery inExperiment(String id) {
        return new RunQuery(id, status, limit);
    }

    public RunQuery withStatus(RunStatus status) {
        return new RunQuery(experimentId, status, limit);
    }

    public RunQuery limitedTo(int limit) {
        return new RunQuery(experimentId, status, limit);
    }
}
