package io.jvmlops.tracking.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files and folders that only their owner may read, made so that they survive a power cut. */
public final class OwnerOnly {
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private OwnerOnly() {}

    /** @throws FileAlreadyExistsException if there is one */
    public static void createFile(Path file) throws IOException {
        if (posix(file)) {
            Files.createFile(file, FILE);
        } else {
            Files.createFile(file);
        }
    }

    /** Creates the folder and those above it that are missing; leaves what is there as it is. */
    public static void createFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            createFolders(parent);
        }
        try {
            if (posix(folder)) {
                Files.createDirectory(folder, FOLDER);
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            // Made by somebody else at the same moment, or no folder.
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        if (parent != null) {
            force(parent);
        }
    }

    /** Makes the names in a folder durable, where the platform can. */
    public static void force(Path folder) throws IOException {
        if (!posix(folder)) {
            return;
        }
        // An interrupt would close the channel; it is put off until this is done.
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
