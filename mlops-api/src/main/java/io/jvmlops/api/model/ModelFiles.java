package io.jvmlops.api.model;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files of one model version. What {@link #read} gives has been compared with the manifest first, so that parsers
 * and native code see only the bytes that were registered. Safe for use by several threads if its source is.
 */
public final class ModelFiles {
    /** The largest file that is read into memory: what a Java array can hold, less some. */
    public static final long MAX_FILE_SIZE = Integer.MAX_VALUE - 16L;

    private static final int BUFFER = 64 * 1024;

    private final String name;
    private final Manifest manifest;
    private final Source source;

    private ModelFiles(String name, Manifest manifest, Source source) {
        this.name = name;
        this.manifest = manifest;
        this.source = source;
    }

    /**
     * @param name what messages call these files: {@code iris/3}, or a folder's path
     * @param manifest what they must be
     * @param source where their bytes come from; not trusted
     */
    public static ModelFiles of(String name, Manifest manifest, Source source) {
        return new ModelFiles(
                Objects.requireNonNull(name), Objects.requireNonNull(manifest), Objects.requireNonNull(source));
    }

    public String name() {
        return name;
    }

    public Manifest manifest() {
        return manifest;
    }

    /** The manifest's digest: the identity of the model version. */
    public Digest digest() {
        return manifest.digest();
    }

    public boolean contains(String path) {
        return manifest.find(path).isPresent();
    }

    /**
     * Reads a file whole and verifies it. The array is the caller's.
     *
     * @throws ModelLoadException if the manifest has no such file, or the file is too large for memory
     * @throws IntegrityException if the bytes found are not those of the manifest
     * @throws StorageException if they cannot be read
     */
    public byte[] read(String path) {
        FileEntry entry = entry(path);
        if (entry.size() > MAX_FILE_SIZE) {
            throw new ModelLoadException("file '" + path + "' of model " + name + " has " + entry.size()
                    + " bytes, more than the " + MAX_FILE_SIZE + " that fit in memory");
        }
        byte[] bytes;
        try (InputStream in = open(entry)) {
            // One byte more than expected is enough to know that the file grew.
            bytes = in.readNBytes((int) entry.size() + 1);
        } catch (IOException e) {
            throw new StorageException("file '" + path + "' of model " + name + " cannot be read", e);
        }
        Digest found = Digest.of(bytes);
        if (bytes.length != entry.size() || !found.equals(entry.digest())) {
            throw altered(entry, bytes.length > entry.size() ? "more" : bytes.length + " bytes with " + found);
        }
        return bytes;
    }

    /**
     * Copies a file of any size to a place where native code can open it, and verifies it on the way. What was written is
     * deleted again if it is not what the manifest says.
     *
     * @param target does not exist; nobody else can write where it lies, or the check would be in vain
     * @throws ModelLoadException if the manifest has no such file
     * @throws IntegrityException if the bytes found are not those of the manifest
     * @throws StorageException if they cannot be read or written
     */
    public void copy(String path, Path target) {
        FileEntry entry = entry(path);
        MessageDigest hasher = Digest.newHasher();
        long size = 0;
        boolean complete = false;
        try (InputStream in = open(entry);
                OutputStream out =
                        Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[BUFFER];
            for (int n; size <= entry.size() && (n = in.read(buffer)) >= 0; size += n) {
                hasher.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
            Digest found = Digest.finish(hasher);
            complete = size == entry.size() && found.equals(entry.digest());
            if (!complete) {
                throw altered(entry, size > entry.size() ? "more" : size + " bytes with " + found);
            }
        } catch (IOException e) {
            throw new StorageException("file '" + path + "' of model " + name + " cannot be copied to " + target, e);
        } finally {
            if (!complete) {
                delete(target);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What is reported is why it is not wanted; an incomplete copy in a private place does no harm.
            return;
        }
    }

    private FileEntry entry(String path) {
        return manifest.find(path)
                .orElseThrow(() -> new ModelLoadException("model " + name + " has no file '" + path + "'; it has "
                        + manifest.files().stream().map(FileEntry::path).toList()));
    }

    private InputStream open(FileEntry entry) throws IOException {
        try {
            return source.open(entry);
        } catch (MlopsException e) {
            throw new ModelLoadException(
                    "file '" + entry.path() + "' of model " + name + " is missing: " + e.getMessage(), e);
        }
    }

    private IntegrityException altered(FileEntry entry, String found) {
        return new IntegrityException("file '" + entry.path() + "' of model " + name + " was altered: expected "
                + entry.size() + " bytes with " + entry.digest() + ", found " + found
                + ". It was not loaded; restore the file or register a new version");
    }

    /**
     * Hashes all files, a little of them at a time, and says which are not those of the manifest. What is wrong with one does
     * not keep it from looking at the others.
     *
     * @throws ClosedException if the source has been closed
     */
    public Verification verify() {
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        List<Problem> problems = new ArrayList<>();
        for (FileEntry entry : manifest.files()) {
            MessageDigest hasher = Digest.newHasher();
            long size = 0;
            try (InputStream in = source.open(entry)) {
                // What has become longer need not be read to its end, if it has one.
                for (int n; size <= entry.size() && (n = in.read(buffer)) >= 0; size += n) {
                    hasher.update(buffer, 0, n);
                }
                Digest found = Digest.finish(hasher);
                if (size > entry.size()) {
                    problems.add(problem(entry, Kind.ALTERED, "more than its " + entry.size() + " bytes"));
                } else if (size < entry.size() || !found.equals(entry.digest())) {
                    problems.add(problem(
                            entry,
                            Kind.ALTERED,
                            "expected " + entry.size() + " bytes with " + entry.digest() + ", found " + size + " with "
                                    + found));
                }
            } catch (NotFoundException | NoSuchFileException e) {
                problems.add(problem(entry, Kind.MISSING, e.getMessage()));
            } catch (ClosedException e) {
                throw e;
            } catch (IOException | MlopsException | UncheckedIOException e) {
                problems.add(problem(entry, Kind.UNREADABLE, e.toString()));
            }
            bytes += size;
        }
        return new Verification("model " + name, manifest.files().size(), bytes, problems);
    }

    private static Problem problem(FileEntry entry, Kind kind, @Nullable String detail) {
        return new Problem(entry.path(), kind, entry.digest(), String.valueOf(detail));
    }

    /** Where the bytes of a manifest's files come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * Opens a file; {@link ModelFiles} closes the stream.
         *
         * @throws IOException if it cannot be read
         */
        InputStream open(FileEntry file) throws IOException;
    }
}
