package io.jvmlops.tracking.internal;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files that an artifact store holds: are they what they were, and out of the store again. */
public final class StoredFiles {
    private static final Logger LOG = LoggerFactory.getLogger(StoredFiles.class);
    private static final int BUFFER = 1 << 18;

    private StoredFiles() {}

    /** What is wrong with a file's bytes, which it reads all; null if nothing is. */
    public static Verification.@Nullable Problem check(ArtifactStore artifacts, FileEntry file) {
        return check(artifacts, file, n -> {});
    }

    /** @param progress is told how many more bytes were read */
    public static Verification.@Nullable Problem check(ArtifactStore artifacts, FileEntry file, LongConsumer progress) {
        try {
            return copy(artifacts, file, OutputStream.nullOutputStream(), progress);
        } catch (IOException e) {
            throw new IllegalStateException("what writes nothing has failed", e);
        }
    }

    /**
     * Copies a file's bytes to where they may be wrong, and says what is; null if nothing is.
     *
     * @param progress is told how many more bytes were read
     * @throws IOException if they cannot be written
     */
    public static Verification.@Nullable Problem copy(
            ArtifactStore artifacts, FileEntry file, OutputStream to, LongConsumer progress) throws IOException {
        MessageDigest hasher = Digest.newHasher();
        byte[] buffer = new byte[(int) Math.min(BUFFER, file.size() + 1)];
        long size = 0;
        try (InputStream in = artifacts.open(file.digest())) {
            for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
                hasher.update(buffer, 0, n);
                to.write(buffer, 0, n);
                size += n;
                progress.accept(n);
            }
        } catch (NotFoundException e) {
            return problem(file, Verification.Kind.MISSING, "there are no such bytes as " + file.digest());
        } catch (UncheckedIOException | StorageException e) {
            return problem(file, Verification.Kind.UNREADABLE, "it cannot be read: " + e.getMessage());
        }
        Digest found = Digest.finish(hasher);
        if (!found.equals(file.digest())) {
            return problem(
                    file,
                    Verification.Kind.ALTERED,
                    "it is " + found + " of " + size + " bytes, expected " + file.digest() + " of " + file.size());
        }
        return size == file.size()
                ? null
                : problem(
                        file,
                        Verification.Kind.ALTERED,
                        "it has " + size + " bytes, and " + file.size() + " are recorded");
    }

    /** Its failures are told from those of whoever takes the bytes. */
    private static int read(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Verification.Problem problem(FileEntry file, Verification.Kind kind, String detail) {
        return new Verification.Problem(file.path(), kind, file.digest(), detail);
    }

    /**
     * Writes one file, which appears whole and verified, or not at all.
     *
     * @param what for messages: {@code "artifact 'a.txt' of run 1234"}
     * @param target must not exist; folders above it are made
     * @throws IntegrityException if the bytes are not what they were
     * @throws StorageException if there is something at the target, or it cannot be written
     */
    public static void write(String what, ArtifactStore artifacts, FileEntry file, Path target) {
        publish(what, target, part -> copy(what, artifacts, file, part));
    }

    /**
     * Writes files into a new folder, which appears when all of them are there and verified, and not at all if one is not.
     *
     * @param files by their path within the folder
     * @param target must not exist; folders above it are made
     * @throws InvalidInputException if one path is a folder of another, or the file system takes two paths for one
     * @throws IntegrityException if bytes are not what they were
     * @throws StorageException if there is something at the target, or it cannot be written
     */
    public static void writeAll(String what, ArtifactStore artifacts, List<FileEntry> files, Path target) {
        requireNoFolders(what, files);
        publish(what, target, part -> {
            Files.createDirectory(part);
            Map<Path, FileEntry> places = new LinkedHashMap<>();
            for (FileEntry file : files) {
                Path place = part.resolve(
                        file.path().replace("/", part.getFileSystem().getSeparator()));
                if (!place.normalize().startsWith(part)) {
                    throw new InvalidInputException(what + ": path '" + file.path() + "' leaves the folder");
                }
                places.put(place, file);
            }
            for (Path place : places.keySet()) {
                Files.createDirectories(Objects.requireNonNull(place.getParent()));
            }
            Parallel.forEach(List.copyOf(places.entrySet()), place -> {
                try {
                    copy(
                            "file '" + place.getValue().path() + "' of " + what,
                            artifacts,
                            place.getValue(),
                            place.getKey());
                } catch (FileAlreadyExistsException e) {
                    throw new InvalidInputException(what + ": the file system of " + target + " takes '"
                            + place.getValue().path()
                            + "' and another path, which differs by case or Unicode form only, for"
                            + " one. Download them one by one");
                } catch (IOException e) {
                    throw failed(what, target, e);
                }
            });
        });
    }

    private static void requireNoFolders(String what, List<FileEntry> files) {
        TreeSet<String> paths = new TreeSet<>();
        files.forEach(file -> paths.add(file.path()));
        for (String path : paths) {
            String within = paths.ceiling(path + "/");
            if (within != null && within.startsWith(path + "/")) {
                throw new InvalidInputException(what + ": '" + path + "' is a file, and '" + within
                        + "' is in a folder of that name; no folder" + " holds both. Download them one by one");
            }
        }
    }

    @FunctionalInterface
    private interface Filling {
        void fill(Path part) throws IOException;
    }

    private static void publish(String what, Path target, Filling filling) {
        Path whole = target.toAbsolutePath().normalize();
        if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(
                    what + " cannot be written to " + whole
                            + ": there is something of that name already; choose another one",
                    null);
        }
        Path above = Objects.requireNonNull(whole.getParent(), "the root of a file system is no target");
        Path part = above.resolve(whole.getFileName() + "." + UUID.randomUUID() + ".part");
        boolean done = false;
        try {
            Files.createDirectories(above);
            filling.fill(part);
            if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(whole.toString());
            }
            try {
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, whole);
            }
            done = true;
        } catch (IOException e) {
            throw failed(what, whole, e);
        } finally {
            if (!done) {
                delete(part);
            }
        }
    }

    private static StorageException failed(String what, Path target, IOException e) {
        return new StorageException(
                what + " cannot be written to " + target + ": " + e + ". The folder must be writable for "
                        + System.getProperty("user.name", "this user") + " and its disk have room; nothing was written",
                e);
    }

    private static void copy(String what, ArtifactStore artifacts, FileEntry file, Path target) throws IOException {
        try (InputStream in = new VerifiedStream(what, file, artifacts.open(file.digest()))) {
            Files.createFile(target);
            // Not a channel: an interrupt of the calling thread would close it halfway.
            try (FileOutputStream out = new FileOutputStream(target.toFile())) {
                in.transferTo(out);
                out.getFD().sync();
            }
        }
    }

    private static void delete(Path part) {
        if (!Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            FolderDeletion.delete(part);
        } catch (IOException e) {
            LOG.warn("{}, which is not whole, could not be removed: {}", part, e.toString());
        }
    }
}
