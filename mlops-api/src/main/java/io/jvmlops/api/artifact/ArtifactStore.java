package io.jvmlops.api.artifact;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.InputStream;

/**
 * Bytes by their digest. Storing the same bytes twice stores them once. What names them (a run's artifact path, a model
 * version) is kept elsewhere, so that this stays easy to put on a disk, a bucket or a database.
 *
 * <p>Implementations are safe for use by several threads and, where they share storage, several processes; they pass
 * {@code ArtifactStoreContract} of mlops-test.
 */
public interface ArtifactStore extends AutoCloseable {
    /**
     * Stores everything up to the end of the stream, hashing it on the way. When this returns the bytes are durable and
     * {@link #open} finds them; before that, and if it fails, nothing of them is visible. Leaves closing the stream to
     * the caller.
     *
     * @throws StorageException if the stream cannot be read or the bytes cannot be stored
     * @throws ClosedException after {@link #close}
     */
    Stored put(InputStream content);

    /**
     * Opens stored bytes; the caller closes the stream. The stream is not checked against the digest: whoever depends on
     * that reads through {@link io.jvmlops.api.model.ModelFiles} or hashes what it reads.
     *
     * @throws NotFoundException if there are no such bytes
     * @throws StorageException if they cannot be read
     * @throws ClosedException after {@link #close}
     */
    InputStream open(Digest digest);

    /** Whether {@link #open} would find the bytes. */
    boolean contains(Digest digest);

    /** Releases what the store holds. Stored bytes stay. Closing twice is harmless. */
    @Override
    void close();

    /**
     * What was stored.
     *
     * @param size in bytes
     */
    record Stored(Digest digest, long size) {}
}
