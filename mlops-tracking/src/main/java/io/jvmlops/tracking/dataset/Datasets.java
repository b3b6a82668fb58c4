package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.ManifestDiff;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.internal.VerifiedStream;
import io.jvmlops.tracking.internal.folder.StatCache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Datasets, versioned by their full content: which data made this model, has it changed, give it back.
 *
 * <pre>{@code
 * StoredDataset data = tracking.datasets().add("iris", Path.of("data/iris"));
 * run.logInput(data, "training");
 * ManifestDiff since = tracking.datasets().status(data, Path.of("data/iris"));
 * tracking.datasets().restore(data, Path.of("data/iris-as-it-was"));
 * }</pre>
 *
 * <p>A version is the {@link Manifest} of a folder, or of one file: the path, size and SHA-256 of every file. Names, times
 * and rights of the files are the folder's own affair; so are folders that hold no files, which are not recorded. Links are
 * followed as long as they stay in the folder, and come back as what they led to.
 *
 * <p>Files that have not changed since they were last read here are not read again, if there is a {@linkplain #withCache
 * cache}: {@link #add} and {@link #status} then look at size, times and inode, as Git does. {@link #verify} and {@link #restore}
 * always read and hash everything.
 *
 * <p>Immutable, and as thread-safe as the stores behind it. Works on the caller's thread and on daemon threads {@code
 * mlops-store-N} that end with the call; an interrupt cancels nothing.
 */
public final class Datasets {
    /** How often bytes are stored again that a garbage collection takes away before they have a name. */
    private static final int ATTEMPTS = 3;

    private final DatasetStore store;
    private final ArtifactStore artifacts;
    private final StatCache cache;
    private final Consumer<Progress> progress;

    private Datasets(DatasetStore store, ArtifactStore artifacts, StatCache cache, Consumer<Progress> progress) {
        this.store = store;
        this.artifacts = artifacts;
        this.cache = cache;
        this.progress = progress;
    }

    /**
     * Over stores that the host closes.
     *
     * @param artifacts the one that the dataset store reads from
     */
    public static Datasets of(DatasetStore store, ArtifactStore artifacts) {
        return new Datasets(
                Objects.requireNonNull(store), Objects.requireNonNull(artifacts), StatCache.none(), step -> {});
    }

    /**
     * The same, remembering in a folder which content files had when they were read. The folder is made when it is needed,
     * for its owner only; it can be deleted at any time, then everything is read again. Whoever may write to it can make
     * changes go unnoticed by {@link #add} and {@link #status}.
     */
    public Datasets withCache(Path folder) {
        return withCache(folder, InstantSource.system());
    }

    Datasets withCache(Path folder, InstantSource clock) {
        return new Datasets(store, artifacts, StatCache.in(folder, clock), progress);
    }

    /**
     * The same, telling how far an operation is: when it is known what there is to do, at most ten times a second, and at
     * the end. The listener is called by one thread at a time, the caller's or one of those that work, which waits for
     * it; one that throws is told no more.
     */
    public Datasets withProgress(Consumer<Progress> listener) {
        return new Datasets(store, artifacts, cache, Objects.requireNonNull(listener));
    }

    /** The versions themselves, to describe, tag and delete. */
    public DatasetStore store() {
        return store;
    }

    /**
     * Stores a folder, or a file, as the next version of a dataset; if it is what the newest version is, returns that one,
     * as it is.
     *
     * @return its source is the folder's real path as a URI
     * @throws NotFoundException if there is no such folder
     * @throws InvalidInputException if the name is over the limits of {@link io.jvmlops.api.metadata.Keys}, or something in
     *     the folder cannot be stored: a link that leaves it or leads nowhere, what is neither file nor folder, a name that
     *     {@link FileEntry#checkPath} refuses; all of these are listed, up to a hundred
     * @throws StorageException if a file cannot be read or stored; retryable if it changes while it is read. There is no
     *     version then, and what was stored goes with the next garbage collection
     */
    public StoredDataset add(String name, Path folderOrFile) {
        return add(name, folderOrFile, "", Map.of());
    }

    /** {@link #add(String, Path)}, described. What an unchanged version says of itself stays. */
    public StoredDataset add(String name, Path folderOrFile, String description, Map<String, String> tags) {
        // What can be refused is refused before gigabytes are stored.
        NewDataset described = new NewDataset(name, new Manifest(List.of()), "", description, tags);
        String what = "dataset '" + name + "'";
        for (int attempt = 1; ; attempt++) {
            FolderContent folder = FolderContent.scan(what, folderOrFile, cache);
            refuseOwnFiles(what, folder.root());
            Manifest files = folder.store(artifacts, progress);
            Optional<StoredDataset> newest = store.latest(name);
            if (newest.isPresent()
                    && newest.get().digest().equals(files.digest())
                    && artifacts.contains(files.digest())) {
                return newest.get();
            }
            try {
                return store.add(new NewDataset(
                        name, files, folder.root().toUri().toString(), described.description(), described.tags()));
            } catch (NotFoundException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                // Storing took longer than garbage is left to lie. What is still there is not stored again.
            }
        }
    }

    private void refuseOwnFiles(String what, Path root) {
        if (artifacts instanceof LocalArtifactStore local) {
            Path own = local.folder();
            try {
                own = own.toRealPath();
            } catch (IOException e) {
                // It was deleted, and is made again where it was.
            }
            if (own.startsWith(root)) {
                throw new InvalidInputException(what + ": folder " + root + " holds the artifact store itself, " + own
                        + "; keep data and tracking in folders beside each other");
            }
        }
    }

    /** {@link DatasetStore#get}. */
    public StoredDataset get(String name, int version) {
        return store.get(name, version);
    }

    /** {@link DatasetStore#latest}. */
    public Optional<StoredDataset> latest(String name) {
        return store.latest(name);
    }

    /** {@link DatasetStore#versions}. */
    public List<StoredDataset> versions(String name) {
        return store.versions(name);
    }

    /** {@link DatasetStore#names}. */
    public List<String> names() {
        return store.names();
    }

    /** {@link DatasetStore#manifest}. */
    public Manifest manifest(StoredDataset dataset) {
        return store.manifest(dataset);
    }

    /**
     * Which files differ between two versions, of the same dataset or not.
     *
     * @throws NotFoundException if one of them is not there
     * @throws IntegrityException if a manifest is not what it was
     */
    public ManifestDiff compare(StoredDataset first, StoredDataset second) {
        return ManifestDiff.between(manifest(first), manifest(second));
    }

    /**
     * How a folder, or a file, differs from a version: what was added, removed and changed since. Stores nothing.
     *
     * @throws NotFoundException if there is no such folder or version
     * @throws InvalidInputException if the folder could not be added as it is, see {@link #add(String, Path)}
     * @throws IntegrityException if something has changed, and the manifest is not what it was
     * @throws StorageException if a file cannot be read; retryable if it changes while it is
     */
    public ManifestDiff status(StoredDataset dataset, Path folderOrFile) {
        requireKnown(dataset);
        Manifest now = FolderContent.scan("status of dataset " + dataset.label(), folderOrFile, cache)
                .hash(progress);
        // Mostly nothing has changed, and then there is nothing to be learned from what is stored.
        return now.digest().equals(dataset.digest())
                ? new ManifestDiff(List.of(), List.of(), List.of())
                : ManifestDiff.between(manifest(dataset), now);
    }

    /**
     * Writes the files of a version into a folder. Every file is hashed while it is written; they appear in the folder all
     * at once, and not at all if anything is wrong. What a killed process leaves is beside the folder, in one whose name ends in
     * {@code .part}. The files are not forced to disk: after a power cut, ask for the {@link #status}.
     *
     * @param target must not exist, or be an empty folder. Its parents are made
     * @throws NotFoundException if there is no such version, or a file of it is gone from the artifact store
     * @throws IntegrityException if a file or the manifest is not what it was; all such files are listed, up to twenty
     * @throws StorageException if the target is not empty or cannot be written, or its file system takes the names of two files
     *     for one
     */
    public void restore(StoredDataset dataset, Path target) {
        new Restore(dataset, manifest(dataset), artifacts, progress).into(target);
    }

    /**
     * Reads and hashes everything that is stored of a version.
     *
     * @return what is missing, altered or unreadable; the files of an altered manifest are not looked at, as nobody knows them
     * @throws NotFoundException if there is no such version
     */
    public Verification verify(StoredDataset dataset) {
        requireKnown(dataset);
        return new DatasetVerifier(artifacts, progress).verify(dataset);
    }

    private void requireKnown(StoredDataset dataset) {
        boolean known = store.find(dataset.name(), dataset.version())
                .filter(found -> found.digest().equals(dataset.digest()))
                .isPresent();
        if (!known) {
            throw new NotFoundException("there is no dataset version " + dataset.label() + " with " + dataset.digest());
        }
    }

    /**
     * Opens a file of a version; the caller closes the stream. The stream fails with an {@link IntegrityException} at
     * its last bytes if what it gave is not what was stored: what came before its end is not verified.
     *
     * @throws NotFoundException if there is no such version, or the version has no such file
     */
    public InputStream open(StoredDataset dataset, String path) {
        FileEntry file = manifest(dataset)
                .find(path)
                .orElseThrow(() -> new NotFoundException(
                        "dataset " + dataset.label() + " has no file '" + path + "' among its " + dataset.files()));
        return new VerifiedStream(
                "file '" + path + "' of dataset " + dataset.label(), file, artifacts.open(file.digest()));
    }

    @Override
    public String toString() {
        return "datasets of " + store;
    }
}
