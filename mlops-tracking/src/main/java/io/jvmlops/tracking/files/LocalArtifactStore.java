package io.jvmlops.tracking.files;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.OwnerOnly;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts as files named by their digest, {@code sha256/ab/ab12...}, below one folder of the default file system.
 * Several processes may share the folder.
 *
 * <p>Content is hashed while it is copied to a file in {@code tmp/}, forced to disk, and moved to its name in one step,
 * so that a file under its name is whole. Storing what is there already replaces it by the same bytes, which heals a
 * damaged file. Files and folders made here are readable by their owner only, where the file system knows owners.
 *
 * <p>When a file was stored or renewed is when it was last modified. Whoever moves a file to its name, renews or deletes it
 * holds a lock on {@code .lock} for that moment, in whatever process: so the times go forward, and nothing is deleted that
 * somebody has just stored. Whatever else lies among the artifacts (links, folders, names that are no digest) is left
 * alone.
 *
 * <p>What a killed process left in {@code tmp/} is removed by the next one that stores something; files of processes
 * that are alive are told apart by a lock. Opening and reading write nothing, so a folder that may only be read will do
 * for that.
 *
 * <p>Thread-safe; no threads of its own. Stores work on interrupted threads too.
 */
public final class LocalArtifactStore implements ArtifactStore {
    /** What fits into the small one is read in one go; for what does not, a large one saves time. */
    private static final int SMALL_BUFFER = 1 << 14;

    private static final int BUFFER = 1 << 18;

    /** Held while a file is moved to its name, renewed or deleted. */
    private static final String LOCK = ".lock";

    /** Held shared while nothing is to be deleted, and alone while something is. */
    private static final String COPYING = ".copying";

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** No file system keeps times more coarsely; FAT keeps even seconds. */
    private static final Duration COARSEST = Duration.ofSeconds(2);

    /** The latest time that was told in this process. */
    private static final AtomicReference<Instant> LATEST = new AtomicReference<>(Instant.MIN);

    private final Path root;
    private final Path blobs;
    private final Object lock = new Object();
    private @Nullable Workspace workspace;
    private int puts;
    private boolean closed;

    private LocalArtifactStore(Path root) {
        this.root = root;
        this.blobs = root.resolve("sha256");
    }

    /**
     * Opens the folder, and creates it, for its owner only, if there is none.
     *
     * @throws StorageException if it is something else, or cannot be created
     */
    public static LocalArtifactStore open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            OwnerOnly.createFolders(root);
        } catch (IOException e) {
            throw new StorageException(
                    "artifact folder " + root + " cannot be created: " + e + ". Expected a folder, or a place where "
                            + System.getProperty("user.name", "this user") + " may create one",
                    e);
        }
        return new LocalArtifactStore(root);
    }

    public Path folder() {
        return root;
    }

    /**
     * Sees to it that nothing is deleted, by no process, until what this returns is closed; deletes wait so long, and
     * everything else goes on; those of the thread that asked fail. Of use to whoever copies the folder and what refers to it.
     *
     * @throws StorageException if the folder cannot be written: its lock is a file in it
     */
    public Undeleted keepAll() {
        requireOpen();
        if (!Files.isWritable(root) && !Files.exists(root.resolve(COPYING))) {
            // Nobody deletes from a disk that may only be read.
            return () -> {};
        }
        try {
            FolderLock.Held held = FolderLock.shared(root, COPYING);
            return () -> {
                try {
                    held.close();
                } catch (IOException e) {
                    throw new StorageException(
                            "the lock on artifact folder " + root + " cannot be given back: " + e, e);
                }
            };
        } catch (IOException e) {
            throw unlockable(e);
        }
    }

    /** An end to keeping everything; closed once, by the thread that asked for it. */
    @FunctionalInterface
    public interface Undeleted extends AutoCloseable {
        @Override
        void close();
    }

    private StorageException unlockable(IOException e) {
        return new StorageException(
                "artifact folder " + root + " cannot be locked: " + e + ". It must be writable for "
                        + System.getProperty("user.name", "this user"),
                e);
    }

    /**
     * Copies what is stored into another folder, readable by its owner only, durable when this returns. What is stored
     * meanwhile may or may not be copied too; deletes wait until it is done, see {@link #keepAll}.
     *
     * @throws StorageException if it cannot be read or written
     */
    public void copyTo(Path folder) {
        Undeleted undeleted = keepAll();
        try {
            OwnerOnly.createFolders(folder);
            if (!Files.isDirectory(blobs)) {
                return;
            }
            try (Stream<Path> files = Files.walk(blobs)) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    Path copy = folder.resolve(root.relativize(file).toString());
                    Path into = Objects.requireNonNull(copy.getParent());
                    OwnerOnly.createFolders(into);
                    OwnerOnly.createFile(copy);
                    // Not channels: an interrupt of the calling thread would close them halfway.
                    try (FileInputStream in = new FileInputStream(file.toFile());
                            FileOutputStream out = new FileOutputStream(copy.toFile())) {
                        in.transferTo(out);
                        out.getFD().sync();
                    }
                }
            }
            try (Stream<Path> folders = Files.walk(folder)) {
                for (Path each : (Iterable<Path>) folders.filter(Files::isDirectory)::iterator) {
                    OwnerOnly.force(each);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StorageException("the artifacts in " + root + " cannot be copied to " + folder + ": " + e, e);
        } finally {
            undeleted.close();
        }
    }

    @Override
    public Stored put(InputStream content) {
        Workspace work = begin();
        try {
            return store(work, content);
        } finally {
            end();
        }
    }

    private Stored store(Workspace work, InputStream content) {
        Path temporary = work.newFile();
        boolean moved = false;
        try {
            MessageDigest hasher = Digest.newHasher();
            long size = 0;
            OwnerOnly.createFile(temporary);
            // Not a channel: an interrupt of the calling thread would close it halfway.
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                byte[] buffer = new byte[SMALL_BUFFER];
                for (int n = read(content, buffer); n >= 0; n = read(content, buffer)) {
                    hasher.update(buffer, 0, n);
                    out.write(buffer, 0, n);
                    size += n;
                    if (n == SMALL_BUFFER) {
                        buffer = new byte[BUFFER];
                    }
                }
                out.getFD().sync();
            }
            Digest digest = Digest.finish(hasher);
            Path folder = folder(digest);
            Path target = folder.resolve(digest.hex());
            OwnerOnly.createFolders(folder);
            FolderLock.Held held = FolderLock.exclusive(root, LOCK);
            try {
                publish(temporary, target, size);
                moved = true;
            } finally {
                held.close();
            }
            OwnerOnly.force(folder);
            return new Stored(digest, size);
        } catch (IOException e) {
            throw new StorageException(
                    "an artifact cannot be stored in " + root + ": " + e + ". The folder must be writable for "
                            + System.getProperty("user.name", "this user")
                            + " and its disk have room; nothing was stored",
                    e);
        } finally {
            if (!moved) {
                try {
                    Files.deleteIfExists(temporary);
                } catch (IOException e) {
                    // It goes with the workspace.
                }
            }
        }
    }

    private static void publish(Path temporary, Path target, long size) throws IOException {
        stamp(temporary, storedAt(target));
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // Where open files cannot be replaced, what is there already will do if it looks right.
            if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) || Files.size(target) != size) {
                throw e;
            }
            stamp(target, storedAt(target));
            Files.delete(temporary);
        }
    }

    private static int read(InputStream content, byte[] buffer) {
        try {
            return content.read(buffer);
        } catch (IOException e) {
            throw new StorageException("an artifact cannot be stored: its source failed; nothing was stored", e);
        }
    }

    @Override
    public InputStream open(Digest digest) {
        requireOpen();
        Path path = path(digest);
        try {
            return new FileInputStream(path.toFile());
        } catch (FileNotFoundException e) {
            if (Files.notExists(path)) {
                throw new NotFoundException("there is no artifact " + digest + " in " + root, e);
            }
            throw new StorageException(
                    "artifact " + path + " cannot be read: " + e.getMessage() + ". It must be readable for "
                            + System.getProperty("user.name", "this user"),
                    e);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        requireOpen();
        return Files.isRegularFile(path(digest));
    }

    @Override
    public boolean renew(Digest digest) {
        requireOpen();
        Path path = path(digest);
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try {
            FolderLock.Held held = FolderLock.exclusive(root, LOCK);
            try {
                stamp(path, storedAt(path));
                return true;
            } finally {
                held.close();
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new StorageException(
                    "artifact " + digest + " in " + root + " cannot be renewed: " + e + ". The file must belong to "
                            + System.getProperty("user.name", "this user") + ", and the folder be writable for it",
                    e);
        }
    }

    /**
     * Makes a file one that was stored now, or at the time that its bytes have already, if that is later: somebody whose
     * clock is ahead, or was before it was set back, is about to refer to them. The platform's own times would not do: they
     * come from a clock that lags by some milliseconds. What a file system keeps may be coarse, and rounded down; then two
     * seconds more are on the safe side.
     */
    private static void stamp(Path file, Instant atLeast) throws IOException {
        Instant now = time();
        Instant at = now.isBefore(atLeast) ? atLeast : now;
        Files.setLastModifiedTime(file, FileTime.from(at));
        if (Files.getLastModifiedTime(file).toInstant().isBefore(at)) {
            Files.setLastModifiedTime(file, FileTime.from(at.plus(COARSEST)));
        }
    }

    /** When the bytes there were stored or renewed last; a long time ago if there are none. */
    private static Instant storedAt(Path path) throws IOException {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.MIN;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The clock of this machine, which never goes backwards within this process. Machines that share a folder should have
     * clocks that differ by much less than garbage is left to lie: else those that are behind are refused what they have just
     * stored.
     */
    @Override
    public Instant now() {
        return time();
    }

    private static Instant time() {
        Instant now = InstantSource.system().instant();
        return LATEST.accumulateAndGet(now, (latest, next) -> next.isAfter(latest) ? next : latest);
    }

    @Override
    public void list(Consumer<Entry> to) {
        requireOpen();
        if (!Files.isDirectory(blobs)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(blobs, "[0-9a-f][0-9a-f]")) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    list(folder, to);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new StorageException(
                    "the artifacts in " + root + " cannot be listed: " + e + ". The folder must be readable for "
                            + System.getProperty("user.name", "this user"),
                    e);
        }
    }

    /** Tells of what is in one of the 256 folders; whatever else lies there is nobody's business. */
    private static void list(Path folder, Consumer<Entry> to) throws IOException {
        String prefix = folder.getFileName().toString();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.startsWith(prefix) || !DIGEST.matcher(name).matches()) {
                    continue;
                }
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (NoSuchFileException e) {
                    continue;
                }
                if (attributes.isRegularFile()) {
                    to.accept(new Entry(
                            new Digest(name),
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()));
                }
            }
        }
    }

    /** {@inheritDoc} Waits while somebody {@linkplain #keepAll keeps all}, as backups do. */
    @Override
    public boolean delete(Digest digest, Instant before) {
        requireOpen();
        Path path = path(digest);
        // Looked at first: there is no need to lock others out for what is not to go.
        if (!isOlder(path, before)) {
            return false;
        }
        try {
            // In this order, so that waiting for a copy to end holds up nobody who stores.
            FolderLock.Held copying = FolderLock.exclusive(root, COPYING);
            try {
                FolderLock.Held storing = FolderLock.exclusive(root, LOCK);
                try {
                    if (!isOlder(path, before)) {
                        return false;
                    }
                    Files.delete(path);
                    return true;
                } finally {
                    storing.close();
                }
            } finally {
                copying.close();
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new StorageException(
                    "artifact " + path + " cannot be deleted: " + e + ". Its folder must be writable for "
                            + System.getProperty("user.name", "this user"),
                    e);
        }
    }

    private static boolean isOlder(Path path, Instant before) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    && attributes.lastModifiedTime().toInstant().isBefore(before);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new StorageException("artifact " + path + " cannot be looked at: " + e, e);
        }
    }

    /** Where the bytes of a digest are, or would be. */
    public Path path(Digest digest) {
        return folder(digest).resolve(digest.hex());
    }

    /** Spreads files over 256 folders: some tools are slow on folders of a million. */
    private Path folder(Digest digest) {
        return blobs.resolve(digest.hex().substring(0, 2));
    }

    /** Refuses new calls; puts that are running end well, and the last of them tidies up. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            tidy();
        }
    }

    private Workspace begin() {
        synchronized (lock) {
            requireOpen();
            Workspace work = workspace;
            if (work != null && !work.exists()) {
                // Somebody tidied up beneath us.
                workspace = null;
                work.close();
                work = null;
            }
            if (work == null) {
                try {
                    work = Workspace.open(root.resolve("tmp"));
                } catch (IOException e) {
                    throw new StorageException(
                            "artifact folder " + root + " cannot be written: " + e + ". It must be writable for "
                                    + System.getProperty("user.name", "this user"),
                            e);
                }
                workspace = work;
            }
            puts++;
            return work;
        }
    }

    private void end() {
        synchronized (lock) {
            puts--;
            tidy();
        }
    }

    private void tidy() {
        Workspace work = workspace;
        if (closed && puts == 0 && work != null) {
            workspace = null;
            work.close();
        }
    }

    private void requireOpen() {
        synchronized (lock) {
            if (closed) {
                throw new ClosedException("the artifact store of " + root + " has been closed");
            }
        }
    }

    @Override
    public String toString() {
        return "files in " + root;
    }
}
