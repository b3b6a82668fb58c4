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
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Consumer;
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
 * <p>What a killed process left in {@code tmp/} is removed by the next one that stores something; files of processes
 * that are alive are told apart by a lock. Opening and reading write nothing, so a folder that may only be read will do
 * for that.
 *
 * <p>Thread-safe; no threads of its own. Stores work on interrupted threads too.
 */
public final class LocalArtifactStore implements ArtifactStore {
    private static final int BUFFER = 1 << 16;

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
     * Copies what is stored into another folder, readable by its owner only, durable when this returns. What is stored
     * meanwhile may or may not be copied too.
     *
     * @throws StorageException if it cannot be read or written
     */
    public void copyTo(Path folder) {
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
                byte[] buffer = new byte[BUFFER];
                for (int n = read(content, buffer); n >= 0; n = read(content, buffer)) {
                    hasher.update(buffer, 0, n);
                    out.write(buffer, 0, n);
                    size += n;
                }
                out.getFD().sync();
            }
            Digest digest = Digest.finish(hasher);
            Path folder = folder(digest);
            Path target = folder.resolve(digest.hex());
            OwnerOnly.createFolders(folder);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                // Where open files cannot be replaced, what is there already will do if it looks right.
                if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) || Files.size(target) != size) {
                    throw e;
                }
                Files.delete(temporary);
            }
            moved = true;
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
        try {
            Files.setLastModifiedTime(path(digest), FileTime.from(now()));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new StorageException("artifact " + digest + " in " + root + " cannot be renewed: " + e, e);
        }
    }

    @Override
    public Instant now() {
        return InstantSource.system().instant();
    }

    @Override
    public void list(Consumer<Entry> to) {
        requireOpen();
        throw new UnsupportedOperationException("TODO");
    }

    @Override
    public boolean delete(Digest digest, Instant before) {
        requireOpen();
        throw new UnsupportedOperationException("TODO");
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
