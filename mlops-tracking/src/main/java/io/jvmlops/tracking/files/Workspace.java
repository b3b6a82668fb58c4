package io.jvmlops.tracking.files;

import io.jvmlops.tracking.internal.OwnerOnly;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store's folder for files in the making, {@code tmp/<process>-<random>/}, which holds a locked file {@code .lock}
 * for as long as the store is open. A folder whose lock can be had belonged to a process that is dead.
 */
final class Workspace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

    /**
     * Whoever makes or removes workspaces holds {@code tmp/.lock}, and within a process this: locks on files are the
     * process's, and a process that closes a file loses all locks it has on it.
     */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private final Path folder;
    private final RandomAccessFile locked;

    private Workspace(Path folder, RandomAccessFile locked) {
        this.folder = folder;
        this.locked = locked;
    }

    /** Makes a workspace, and removes those of the dead. */
    static Workspace open(Path parent) throws IOException {
        OwnerOnly.createFolders(parent);
        // Opening and locking a file fails on an interrupted thread.
        boolean interrupted = Thread.interrupted();
        IN_PROCESS.lock();
        try (RandomAccessFile guard = lockFile(parent.resolve(".lock"))) {
            guard.getChannel().lock();
            String process = process();
            removeDead(parent, process);
            Path folder = parent.resolve(process + UUID.randomUUID().toString().substring(0, 8));
            OwnerOnly.createFolders(folder);
            RandomAccessFile locked = lockFile(folder.resolve(".lock"));
            locked.getChannel().lock();
            return new Workspace(folder, locked);
        } finally {
            IN_PROCESS.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Begins the names of all workspaces of this process, and of no other: in containers, process ids repeat. */
    private static String process() {
        ProcessHandle self = ProcessHandle.current();
        long started = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return self.pid() + "-" + started + "-";
    }

    private static void removeDead(Path parent, String self) throws IOException {
        List<Path> folders;
        try (Stream<Path> entries = Files.list(parent)) {
            folders = entries.filter(Files::isDirectory).toList();
        }
        for (Path folder : folders) {
            // Our own are alive, and even a look at their locks would lose them.
            if (folder.getFileName().toString().startsWith(self)) {
                continue;
            }
            try (RandomAccessFile file = lockFile(folder.resolve(".lock"));
                    FileLock lock = file.getChannel().tryLock()) {
                if (lock != null) {
                    remove(folder);
                }
            } catch (IOException e) {
                LOG.info("What a dead process left in {} could not be removed: {}", folder, e.toString());
            }
        }
    }

    private static RandomAccessFile lockFile(Path file) throws IOException {
        try {
            OwnerOnly.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // As intended.
        }
        return new RandomAccessFile(file.toFile(), "rw");
    }

    /** Whether it is still there: nothing keeps others from deleting it. */
    boolean exists() {
        return Files.isDirectory(folder);
    }

    /** A path within, of which no file exists. */
    Path newFile() {
        return folder.resolve(UUID.randomUUID().toString());
    }

    @Override
    public void close() {
        try (locked) {
            if (exists()) {
                remove(folder);
            }
        } catch (IOException e) {
            LOG.info("{} could not be removed: {}", folder, e.toString());
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Files.deleteIfExists(folder);
    }
}
