package io.jvmlops.test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the same thing on several threads that start together. */
public final class Concurrently {
    private static final long LIMIT_SECONDS = 60;

    private Concurrently() {}

    /**
     * Calls the body once per thread and waits for all.
     *
     * @return what each thread gave, in the order of the threads
     * @throws AssertionError if one of them threw, with that as the cause, or if they took longer than a minute
     */
    public static <T> List<T> run(int threads, Body<T> body) {
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "concurrently");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                futures.add(executor.submit(() -> {
                    start.await(LIMIT_SECONDS, TimeUnit.SECONDS);
                    return body.call(thread);
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (ExecutionException e) {
            throw new AssertionError("one of " + threads + " threads failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError(threads + " threads were not done after " + LIMIT_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            executor.shutdownNow();
        }
    }

    /** What each thread does. */
    @FunctionalInterface
    public interface Body<T> {
        /** @param thread which one, from 0 */
        T call(int thread) throws Exception;
    }
}
