package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.series.ChunkCodec;
import io.jvmlops.tracking.internal.series.PointColumns;
import org.jspecify.annotations.Nullable;

/** Which series it is, for people. */
record SeriesName(String runId, String key) {
    /** @param what which part of the series: {@code "chunk 12"} */
    PointColumns decode(String what, byte[] data) {
        try {
            return ChunkCodec.decode(data);
        } catch (StorageException e) {
            throw damaged(what + " cannot be read: " + e.getMessage(), e);
        }
    }

    StorageException damaged(String what, @Nullable StorageException cause) {
        return new StorageException(
                "metric '" + key + "' of run " + runId + ": " + what
                        + ". The database is damaged there; restore it from a backup. Other metrics are not concerned",
                cause);
    }
}
