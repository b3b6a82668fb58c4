package io.jvmlops.api.dataset;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.MetadataChanges;
import java.util.List;
import java.util.Optional;

/**
 * Which datasets there are, in which versions. A version's files never change; its bytes are in an artifact store, and so is
 * the text of its manifest, by the version's digest.
 *
 * <p>Implementations are safe for use by several threads and pass {@code DatasetStoreContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface DatasetStore extends AutoCloseable {
    /**
     * Adds the next version of a dataset, the first if the name is new. If the newest version of that name has the same files,
     * that one is returned as it is: nothing has changed.
     *
     * @throws NotFoundException if a file of the manifest is not in the artifact store; the message names the first
     */
    StoredDataset add(NewDataset dataset);

    /** The version of that number, or empty. */
    Optional<StoredDataset> find(String name, int version);

    /** The versions of a dataset, oldest first; empty if there is no such dataset. */
    List<StoredDataset> versions(String name);

    /** The versions of all datasets that have these files, oldest first. */
    List<StoredDataset> withDigest(Digest digest);

    /** The names of all datasets that have versions, sorted. */
    List<String> names();

    /**
     * The files of a version.
     *
     * @throws NotFoundException if there is no such version, or its manifest is not in the artifact store
     * @throws IntegrityException if its manifest is not what it was
     */
    Manifest manifest(StoredDataset dataset);

    /**
     * Applies all of the changes or none.
     *
     * @return the version as it is then
     * @throws NotFoundException if there is no such version
     */
    StoredDataset update(String name, int version, MetadataChanges changes);

    /**
     * Deletes a version for good; its bytes go with the next garbage collection, unless something else refers to them. What
     * runs and models say of it stays.
     *
     * @throws NotFoundException if there is no such version
     */
    void delete(String name, int version);

    /** The newest version of a dataset. */
    default Optional<StoredDataset> latest(String name) {
        List<StoredDataset> versions = versions(name);
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
    }

    /**
     * The version of that number.
     *
     * @throws NotFoundException if there is none; the message lists what there is
     */
    default StoredDataset get(String name, int version) {
        return find(name, version).orElseThrow(() -> {
            List<StoredDataset> versions = versions(name);
            return new NotFoundException(
                    versions.isEmpty()
                            ? "no dataset '" + name + "' is stored; there are " + names()
                            : "dataset '" + name + "' has no version " + version + "; it has "
                                    + versions.stream()
                                            .map(StoredDataset::version)
                                            .toList());
        });
    }

    /** Releases what the store holds. Closing twice is harmless. */
    @Override
    void close();
}
