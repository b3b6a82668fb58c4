package io.jvmlops.tracking.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does the same with many things on a few threads: the caller's, and daemon threads {@code mlops-store-N} that end with the
 * call. Four times as many together as there are processors, 8 to 32: some hash while others wait for the disk, and a disk
 * makes the files of many durable in the time of one.
 *
 * <p>What fails first is thrown, on the caller's thread; nothing new is begun then, and what is running comes to its end
 * before the call returns. An interrupt of the caller cancels nothing, as for a single store: it is there when the call
 * has returned.
 */
public final class Parallel {
    private static final int THREADS =
            Math.max(8, Math.min(32, 4 * Runtime.getRuntime().availableProcessors()));

    private Parallel() {}

    /** What the work gives for each item, in the order of the items. */
    public static <T, R> List<R> map(List<T> items, Function<? super T, ? extends R> work) {
        Object[] results = new Object[items.size()];
        // Each thread writes places of its own, and is joined before they are read.
        each(results.length, i -> results[i] = work.apply(items.get(i)));
        @SuppressWarnings("unchecked")
        List<R> typed = (List<R>) Arrays.asList(results);
        return typed;
    }

    /** Does the work with each item. */
    public static <T> void forEach(List<T> items, Consumer<? super T> work) {
        each(items.size(), i -> work.accept(items.get(i)));
    }

    private static void each(int items, IndexedWork work) {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Runnable worker = () -> {
            try {
                while (failure.get() == null) {
                    int item = next.getAndIncrement();
                    if (item >= items) {
                        return;
                    }
                    work.at(item);
                }
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        };
        int threads = Math.min(items, THREADS);
        List<Thread> helpers = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            Thread helper = new Thread(worker, "mlops-store-" + i);
            helper.setDaemon(true);
            try {
                helper.start();
            } catch (OutOfMemoryError e) {
                // No more threads are to be had; those that there are do it.
                break;
            }
            helpers.add(helper);
        }
        worker.run();
        join(helpers);
        Throwable first = failure.get();
        if (first instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (first != null) {
            throw (Error) first;
        }
    }

    private static void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @FunctionalInterface
    private interface IndexedWork {
        void at(int item);
    }
}
