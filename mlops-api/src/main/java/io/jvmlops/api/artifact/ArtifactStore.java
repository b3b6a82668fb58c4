package io.jvmlops.api.artifact;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.InputStream;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Bytes by their digest. Storing the same bytes twice stores them once. What names them (a run's artifact path, a model
 * version, a dataset) is kept elsewhere, see {@link ArtifactReferences}, so that this stays easy to put on a disk, a
 * bucket or a database.
 *
 * <p>Garbage collection needs to know what is new: bytes that were {@linkplain #put stored} or {@linkplain #renew
 * renewed} a moment ago may have no name yet. The times are by one clock, the store's own ({@link #now}), and are exact: what was
 * stored by a call that began at {@code t} is never older than {@code t}.
 *
 * <p>Implementations are safe for use by several threads and, where they share storage, several processes; they pass
 * {@code ArtifactStoreContract} of mlops-test. Every method may throw {@link StorageException}, and {@link
 * ClosedException} after {@link #close}.
 */
public interface ArtifactStore extends AutoCloseable {
    /**
     * Stores everything up to the end of the stream, hashing it on the way. When this returns the bytes are durable and
     * {@link #open} finds them; before that, and if it fails, nothing of them is visible. Leaves closing the stream to
     * the caller.
     *
     * @throws StorageException if the stream cannot be read or the bytes cannot be stored
     */
    Stored put(InputStream content);

    /**
     * Opens stored bytes; the caller closes the stream. The stream is not checked against the digest: whoever depends on
     * that reads through {@link io.jvmlops.api.model.ModelFiles} or hashes what it reads.
     *
     * @throws NotFoundException if there are no such bytes
     */
    InputStream open(Digest digest);

    /** Whether {@link #open} would find the bytes. */
    boolean contains(Digest digest);

    /**
     * Whether the bytes are there; if so, they count as stored now. For whoever is about to refer to bytes that were stored
     * before, instead of storing them again.
     */
    boolean renew(Digest digest);

    /** The time by which bytes are stored, now. */
    Instant now();

    /**
     * Tells of everything that is stored, in no particular order. What is stored or deleted meanwhile may be told or not.
     */
    void list(Consumer<Entry> to);

    /**
     * Deletes bytes that have been neither stored nor renewed since some time, in one step: of a {@link #put} or {@link
     * #renew} at the same moment, either this sees it and deletes nothing, or it sees that the bytes are gone.
     *
     * @param before what was stored or renewed then or later is left alone
     * @return whether they were deleted; false if they are not there, or newer
     */
    boolean delete(Digest digest, Instant before);

    /** Releases what the store holds. Stored bytes stay. Closing twice is harmless. */
    @Override
    void close();

    /**
     * What was stored.
     *
     * @param size in bytes
     */
    record Stored(Digest digest, long size) {}

    /**
     * What is stored.
     *
     * @param size in bytes
     * @param storedAt when it was last stored or renewed
     */
    record Entry(Digest digest, long size, Instant storedAt) {}
}
