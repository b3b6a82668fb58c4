package io.jvmlops.monitoring.profile;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.ProfileStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Profiles as files: {@code <folder>/<model's digest>/<name>.profile}. Folders and files are readable by their owner only,
 * where the file system knows owners. A profile is written beside and moved over the old one once it is on disk, so that
 * neither a reader nor a crash meets half of one. Thread-safe, also between processes; works on interrupted threads.
 *
 * <p>Names are as safe as the file system: where it ignores case, {@code A} and {@code a} are one.
 */
public final class FileProfileStore implements ProfileStore {
    /** The largest profile that is stored or read: 64 MiB. */
    public static final int MAX_BYTES = 64 << 20;

    private static final String SUFFIX = ".profile";

    private final Path folder;

    private FileProfileStore(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens a folder, and makes it if there is none.
     *
     * @throws StorageException if it cannot be made, or is a file
     */
    public static FileProfileStore open(Path folder) {
        try {
            Path absolute = folder.toAbsolutePath();
            Path parent = absolute.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            createFolder(absolute);
            return new FileProfileStore(absolute);
        } catch (IOException e) {
            throw new StorageException("profile store " + folder + " cannot be opened", e);
        }
    }

    private static void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, ownerOnly(folder, "rwx------"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /**
     * {@inheritDoc}
     *
     * @throws InvalidInputException if the name is not one, or the profile has more than {@link #MAX_BYTES} bytes
     */
    @Override
    public void put(Digest model, String name, byte[] profile) {
        Path target = file(model, name);
        if (profile.length > MAX_BYTES) {
            throw new InvalidInputException("profile '" + name + "' of model " + model.abbreviated() + " has "
                    + profile.length + " bytes, expected at most " + MAX_BYTES);
        }
        Path temporary = null;
        // An interrupt would close the channel halfway; it is put off until this is done.
        boolean interrupted = Thread.interrupted();
        try {
            Path parent = folder.resolve(model.hex());
            createFolder(parent);
            // The dot keeps it out of the names: those begin with a letter or digit.
            temporary = Files.createTempFile(parent, ".", ".tmp", ownerOnly(parent, "rw-------"));
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(profile);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            StorageException error = failed(model, name, "written", e);
            deleteQuietly(temporary, error);
            throw error;
        } finally {
            restore(interrupted);
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void deleteQuietly(@Nullable Path temporary, StorageException error) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            error.addSuppressed(e);
        }
    }

    @Override
    public Optional<byte[]> get(Digest model, String name) {
        Path file = file(model, name);
        boolean interrupted = Thread.interrupted();
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it has more than " + MAX_BYTES + " bytes");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(model, name, "read", e);
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public List<String> names(Digest model) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(model.hex()), "*" + SUFFIX)) {
            for (Path file : files) {
                String fileName = file.getFileName().toString();
                if (!fileName.startsWith(".")) {
                    names.add(fileName.substring(0, fileName.length() - SUFFIX.length()));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (NotDirectoryException e) {
            throw new StorageException(
                    "profiles of model " + model.abbreviated() + " cannot be listed: not a folder", e);
        } catch (IOException | DirectoryIteratorException e) {
            throw new StorageException("profiles of model " + model.abbreviated() + " cannot be listed", e);
        }
        Collections.sort(names);
        return List.copyOf(names);
    }

    private Path file(Digest model, String name) {
        return folder.resolve(model.hex()).resolve(ProfileStore.checkName(name) + SUFFIX);
    }

    private static StorageException failed(Digest model, String name, String what, IOException cause) {
        return new StorageException(
                "profile '" + name + "' of model " + model.abbreviated() + " cannot be " + what + ": "
                        + cause.getMessage(),
                cause);
    }
}
