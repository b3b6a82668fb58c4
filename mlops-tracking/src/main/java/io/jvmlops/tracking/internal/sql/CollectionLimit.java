package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Since when the bytes must have been stored that one kind of owner begins to refer to: how a garbage collection and those
 * who add references at the same time keep out of each other's way, see {@link io.jvmlops.api.artifact.ArtifactReferences}.
 *
 * @param owner as in table {@code collection}
 */
record CollectionLimit(String owner) {
    static final CollectionLimit DATASETS = new CollectionLimit("datasets");

    /** Moves the limit, never back. Waits for the transactions that {@linkplain #require have looked} at the last one. */
    void begin(Session session, Instant limit) throws SQLException {
        long millis = limit.toEpochMilli();
        // Up, so that what is refused is at least what is deleted.
        long whole = Instant.ofEpochMilli(millis).isBefore(limit) ? millis + 1 : millis;
        session.update(
                "UPDATE collection SET collected_before = ? WHERE owner = ? AND collected_before < ?",
                whole,
                owner,
                whole);
    }

    /**
     * Checks the limit, which stays as it is until the transaction ends.
     *
     * @param since when the first of the bytes was stored or renewed
     * @param what for messages: {@code "dataset 'iris' cannot be added"}
     * @throws StorageException retryable, if that is before the limit
     */
    void require(Session session, SqlDialect dialect, Instant since, String what) throws SQLException {
        long limit = session.requireLong(
                "SELECT collected_before FROM collection WHERE owner = ?" + dialect.forShare(), owner);
        if (since.isBefore(Instant.ofEpochMilli(limit))) {
            throw new StorageException(
                    what + ": a garbage collection has begun since its files were stored or renewed, at " + since
                            + ", and may have deleted them. Nothing was recorded; do it again",
                    null,
                    true);
        }
    }
}
