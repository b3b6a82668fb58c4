package io.jvmlops.tracking.files;

import io.jvmlops.tracking.internal.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock that threads of several processes hold together, or one of them alone. Uninterruptible; held by the thread that
 * took it, which may take it shared more than once.
 *
 * <p>Between processes it is a lock on a file. Those are the process's, and a process that closes a file loses all locks it
 * has on it; so a process has the file open once, from the first of its threads that takes the lock to the last that gives
 * it back, and a lock of its own among the threads.
 */
final class FolderLock {
    /** Those that are held or waited for, by file. */
    private static final Map<Path, FolderLock> USED = new HashMap<>();

    private final Path file;

    /** Fair: who wants it alone gets it, however many take turns in sharing it. */
    private final ReentrantReadWriteLock threads = new ReentrantReadWriteLock(true);

    /** Guarded by {@link #USED}. */
    private int users;

    /** Guarded by this: how many threads share the lock on the file, or one that has it alone. */
    private int holders;

    /** Guarded by this. */
    private @Nullable FileChannel channel;

    private FolderLock(Path file) {
        this.file = file;
    }

    /** Gives the lock back; closed once, by the thread that took it. */
    @FunctionalInterface
    interface Held extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    /** @param folder where the file is, or is made */
    static Held shared(Path folder, String name) throws IOException {
        FolderLock lock = use(folder, name);
        return lock.take(lock.threads.readLock(), true);
    }

    static Held exclusive(Path folder, String name) throws IOException {
        FolderLock lock = use(folder, name);
        if (lock.threads.getReadHoldCount() > 0) {
            lock.unuse();
            throw new IOException(lock.file + " is held by this thread itself, which would wait for ever");
        }
        return lock.take(lock.threads.writeLock(), false);
    }

    private static FolderLock use(Path folder, String name) throws IOException {
        // Whichever way it was named: two locks on one file within a process would undo each other.
        Path file = folder.toRealPath().resolve(name);
        synchronized (USED) {
            FolderLock lock = USED.computeIfAbsent(file, FolderLock::new);
            lock.users++;
            return lock;
        }
    }

    private void unuse() {
        synchronized (USED) {
            users--;
            if (users == 0) {
                USED.remove(file);
            }
        }
    }

    private Held take(Lock among, boolean shared) throws IOException {
        among.lock();
        boolean taken = false;
        try {
            lockFile(shared);
            taken = true;
            return () -> {
                try {
                    unlockFile();
                } finally {
                    among.unlock();
                    unuse();
                }
            };
        } finally {
            if (!taken) {
                among.unlock();
                unuse();
            }
        }
    }

    private synchronized void lockFile(boolean shared) throws IOException {
        if (holders == 0) {
            channel = locked(shared);
        }
        holders++;
    }

    private synchronized void unlockFile() throws IOException {
        holders--;
        FileChannel open = channel;
        if (holders == 0 && open != null) {
            channel = null;
            open.close();
        }
    }

    private FileChannel locked(boolean shared) throws IOException {
        if (Files.notExists(file)) {
            try {
                OwnerOnly.createFile(file);
            } catch (FileAlreadyExistsException e) {
                // Somebody was quicker.
            }
        }
        // Waiting for the lock fails on an interrupted thread, and its channel is closed; nobody else has it yet.
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel open = shared
                        ? FileChannel.open(file, StandardOpenOption.READ)
                        : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                boolean done = false;
                try {
                    FileLock lock = open.lock(0, Long.MAX_VALUE, shared);
                    done = lock.isValid();
                    return open;
                } catch (FileLockInterruptionException e) {
                    Thread.interrupted();
                    interrupted = true;
                } catch (OverlappingFileLockException e) {
                    throw new IOException(
                            file + " is locked by this process already: is the library loaded twice in it?", e);
                } finally {
                    if (!done) {
                        open.close();
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
