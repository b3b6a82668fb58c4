package io.jvmlops.api.artifact;

import io.jvmlops.api.error.StorageException;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A store whose entries refer to bytes of an {@link ArtifactStore}: runs, model versions, datasets. For garbage
 * collection, which deletes what nobody refers to; a store that is not this is taken to need everything.
 *
 * <p>A collection begins with {@link #beginCollection}, then asks for all {@link #forEachReference references}, then deletes
 * what is older than its limit and was not among them. What keeps that safe beside writers is one rule: <b>who adds a
 * reference says since when its bytes have been stored or renewed, and is refused if that is before the latest
 * limit.</b> So every reference is either told to the collection, or refused, or to bytes that are too new to be deleted.
 *
 * <p>Implementations pass {@code ArtifactReferencesContract} of mlops-test.
 */
public interface ArtifactReferences {
    /**
     * Refuses from now on, and durably, new references to bytes that were stored before a time. References that are being
     * added are complete, or refused, when this returns. An earlier time than that of the last call changes nothing.
     *
     * @param limit by the artifact store's clock
     */
    void beginCollection(Instant limit);

    /**
     * Tells of all references that were complete when this was called, some perhaps more than once. References of what is
     * deleted but can be restored are among them.
     *
     * @throws io.jvmlops.api.error.IntegrityException if what holds the references is damaged: collecting would lose bytes
     * @throws StorageException if they cannot be read
     */
    void forEachReference(Consumer<Reference> to);

    /**
     * A reference to stored bytes.
     *
     * @param isManifest whether they are the text of a {@link Manifest}, whose files are then referred to as well
     */
    record Reference(Digest digest, boolean isManifest) {}
}
