package io.jvmlops.monitoring;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.ProfileStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A store that keeps nobody waiting for long: it is asked on a thread of its own, in the order of the calls. A call that takes
 * longer than patience lasts fails, though it goes on; until it is through, all others fail at once. What was stored too late is so
 * never stored over what came after it. Thread-safe.
 */
final class PatientStore implements ProfileStore {
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final ProfileStore store;
    private final Duration patience;
    private final ThreadPoolExecutor executor;
    /** The last call that took too long. */
    private volatile @Nullable Future<?> late;

    /** @param name of the thread */
    PatientStore(ProfileStore store, Duration patience, String name) {
        this.store = store;
        this.patience = patience;
        executor = new ThreadPoolExecutor(
                1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void put(Digest model, String name, byte[] profile) {
        call(() -> {
            store.put(model, name, profile);
            return name;
        });
    }

    @Override
    public Optional<byte[]> get(Digest model, String name) {
        return call(() -> store.get(model, name));
    }

    @Override
    public List<String> names(Digest model) {
        return call(() -> store.names(model));
    }

    private <T> T call(Callable<T> call) {
        Future<?> before = late;
        if (before != null && !before.isDone()) {
            throw new StorageException("the profile store has still not answered an earlier call", null, true);
        }
        Future<T> mine = submit(call);
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + patience.toNanos();
            while (true) {
                try {
                    return mine.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    // Whoever wants this thread to end can wait for as long as that.
                    interrupted = true;
                }
            }
        } catch (TimeoutException e) {
            late = mine;
            throw new StorageException(
                    "the profile store has not answered for " + patience.toMillis() + " ms", null, true);
        } catch (ExecutionException e) {
            throw unwrap(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> Future<T> submit(Callable<T> call) {
        try {
            return executor.submit(call);
        } catch (OutOfMemoryError e) {
            // So says a machine that begins no more threads.
            throw new StorageException("the profile store cannot be asked: no thread could be begun", e, true);
        }
    }

    private static RuntimeException unwrap(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException failure
                ? failure
                : new StorageException("the profile store failed", e.getCause());
    }
}
