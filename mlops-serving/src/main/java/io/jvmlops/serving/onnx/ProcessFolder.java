package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of this process alone, readable by its owner only, whose lock file says that the process lives. It is removed at
 * exit; if the process was killed, by the next process that makes one below the same root.
 */
final class ProcessFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessFolder.class);

    private static final String PREFIX = "jvmlops-onnx-";
    private static final String LOCK = "lock";
    /** Folders of this JVM, of every class loader. */
    private static final String HELD = "jvmlops.onnx.held";

    /** Of the whole JVM, as the folders are: between making one and noting it, nobody else may look. */
    private static final Object ACROSS_LOADERS = "jvmlops.onnx.folder".intern();

    private static final int ATTEMPTS = 32;
    private static final Map<Path, ProcessFolder> BELOW = new ConcurrentHashMap<>();

    private final Path path;
    /** Open as long as the process: the lock goes with it. */
    private final FileChannel lock;

    private ProcessFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws StorageException if there can be none; the message names the folder and the remedy */
    static ProcessFolder of(OnnxOptions options) {
        String property = System.getProperty(OnnxOptions.FOLDER_PROPERTY);
        Path root = options.nativeFolder()
                .orElseGet(() -> Path.of(property == null ? System.getProperty("java.io.tmpdir") : property)
                        .toAbsolutePath());
        synchronized (BELOW) {
            ProcessFolder folder = BELOW.get(root);
            // Some systems tidy their temporary folder under running processes.
            if (folder == null || !Files.isDirectory(folder.path)) {
                folder = create(root);
                if (BELOW.isEmpty()) {
                    removeAtExit();
                }
                BELOW.put(root, folder);
            }
            return folder;
        }
    }

    Path path() {
        return path;
    }

    /** @throws StorageException if it cannot be made */
    Path newFolder(String prefix) {
        try {
            return Files.createTempDirectory(path, prefix);
        } catch (IOException e) {
            throw unusable(path, e.toString(), e);
        }
    }

    static StorageException unusable(Path folder, String why, @Nullable Throwable cause) {
        return new StorageException(
                "folder " + folder + " cannot hold ONNX Runtime's native library and files of models: " + why
                        + ". Name a folder that this process can write to and execute from, with -D"
                        + OnnxOptions.FOLDER_PROPERTY + "=... or OnnxOptions.nativeFolder",
                cause);
    }

    private static ProcessFolder create(Path root) {
        try {
            if (!Files.isDirectory(root)) {
                Files.createDirectories(root);
            }
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                synchronized (ACROSS_LOADERS) {
                    ProcessFolder folder = tryCreate(root);
                    if (folder != null) {
                        clean(root, folder.path);
                        return folder;
                    }
                }
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw unusable(root, e.toString(), e);
        }
        throw unusable(root, "other processes removed " + ATTEMPTS + " folders made in it", null);
    }

    /** Null if another process found the folder before it was locked, and took it for one that was left. */
    private static @Nullable ProcessFolder tryCreate(Path root) throws IOException {
        // Readable by the owner only, as all that createTempDirectory makes.
        Path folder =
                Files.createTempDirectory(root, PREFIX + ProcessHandle.current().pid() + "-");
        System.getProperties().merge(HELD, folder.toString(), (a, b) -> a + "\n" + b);
        Path file = folder.resolve(LOCK);
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
        boolean locked = false;
        try {
            locked = channel.tryLock() != null && Files.exists(file);
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        return locked ? new ProcessFolder(folder, channel) : null;
    }

    /** Removes what killed processes of the same user left. Trouble with that never keeps a model from being loaded. */
    private static void clean(Path root, Path own) {
        // Closing any channel to a file that this process has locked would free the lock, so own folders are not looked
        // at.
        List<String> held =
                Arrays.asList(String.valueOf(System.getProperties().get(HELD)).split("\n", -1));
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, PREFIX + "*")) {
            for (Path folder : folders) {
                if (!held.contains(folder.toString())) {
                    removeIfLeft(folder, own);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("What earlier processes left in {} was not looked for", root, e);
        }
    }

    private static void removeIfLeft(Path folder, Path own) {
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own))) {
                return;
            }
            try (FileChannel channel =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                if (channel.tryLock() == null) {
                    return;
                }
                empty(folder);
            } catch (NoSuchFileException e) {
                // Its process is just making it, or was killed before there was a lock: only an empty one is removed.
                LOG.debug("{} has no lock", folder);
            }
            Files.deleteIfExists(folder);
            LOG.debug("Removed {}, which a process that was killed had left", folder);
        } catch (IOException | OverlappingFileLockException | UnsupportedOperationException e) {
            LOG.debug("{} stays", folder, e);
        }
    }

    /** Deletes what is in a folder, its lock last: who is interrupted here leaves a folder that the next one finds again. */
    private static void empty(Path folder) throws IOException {
        deleteBelow(folder, folder.resolve(LOCK));
        Files.deleteIfExists(folder.resolve(LOCK));
    }

    /** Deletes a tree but for one file and the folders above it; links are deleted, not followed. */
    private static void deleteBelow(Path root, @Nullable Path but) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(but)) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (!folder.equals(root)) {
                    Files.deleteIfExists(folder);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Deletes a folder of copies, as far as the system lets it: one that has them mapped may not. */
    static void discard(Path folder) {
        try {
            deleteBelow(folder, null);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.debug("{} stays until this process ends", folder, e);
        }
    }

    private static void removeAtExit() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(ProcessFolder::removeAll, "jvmlops-onnx-exit"));
        } catch (IllegalStateException e) {
            LOG.debug("The process is ending already: its folder is left to the next", e);
        }
    }

    private static void removeAll() {
        for (ProcessFolder folder : BELOW.values()) {
            try {
                if (Files.isDirectory(folder.path)) {
                    empty(folder.path);
                }
                folder.lock.close();
                Files.deleteIfExists(folder.path);
            } catch (IOException e) {
                LOG.debug("{} is left to the next process", folder.path, e);
            }
        }
    }
}
