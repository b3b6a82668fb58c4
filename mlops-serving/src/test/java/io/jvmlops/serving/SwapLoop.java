package io.jvmlops.serving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Puts one version after the other into service while callers ask, and judges every answer: it must be that of a version
 * that was live during the call. Knows nothing of how versions are published and asked, so that others can be put through it.
 *
 * <p>A version's life goes from before it is published until its successor has been. A call whose time meets no life of a
 * version that gives its answer was answered wrongly.
 */
final class SwapLoop {
    /** Puts a version into service, from 1 on; returns once it is, or, of one that cannot be, once that is known. */
    @FunctionalInterface
    interface Publisher {
        void publish(int version) throws Exception;
    }

    /** Asks with something of its own each time. */
    @FunctionalInterface
    interface Caller {
        /** What {@link Loop#answerOf} says of the version that answered, or anything else if the answer is wrong. */
        int ask() throws Exception;
    }

    /** @param rssAtStart resident bytes after {@link #WARM} swaps, or 0 where that cannot be known */
    record Result(int swaps, long calls, long failed, long wrong, String first, long rssAtStart, long rssAtEnd) {}

    static final int WARM = 50;

    /** Calls between two swaps, over all callers. */
    private static final int CALLS = 16;

    private static final long NEVER = 0;

    private final int swaps;
    private final IntPredicate goesLive;
    private final IntUnaryOperator answerOf;
    private final AtomicLongArray born;
    private final AtomicLongArray died;
    private final AtomicInteger newest = new AtomicInteger(1);
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicReference<String> first = new AtomicReference<>("");
    private volatile boolean over;

    /**
     * @param goesLive whether a version can; the first does
     * @param answerOf what a version answers; that of neighbours differs
     */
    SwapLoop(int swaps, IntPredicate goesLive, IntUnaryOperator answerOf) {
        this.swaps = swaps;
        this.goesLive = goesLive;
        this.answerOf = answerOf;
        this.born = new AtomicLongArray(swaps + 2);
        this.died = new AtomicLongArray(swaps + 2);
    }

    Result run(Publisher publisher, List<Caller> callers) throws Exception {
        born.set(1, now());
        publisher.publish(1);
        List<Thread> threads = new ArrayList<>();
        for (Caller caller : callers) {
            Thread thread = new Thread(() -> ask(caller), "caller-" + threads.size());
            threads.add(thread);
            thread.start();
        }
        long rss = 0;
        int live = 1;
        for (int version = 2; version <= swaps + 1; version++) {
            awaitCalls();
            boolean good = goesLive.test(version);
            if (good) {
                born.set(version, now());
                newest.set(version);
            }
            publisher.publish(version);
            if (good) {
                died.set(live, now());
                live = version;
            }
            if (version == WARM + 1) {
                rss = residentBytes();
            }
        }
        awaitCalls();
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
        return new Result(swaps, calls.get(), failed.get(), wrong.get(), first.get(), rss, residentBytes());
    }

    /** Never zero. */
    private static long now() {
        return System.nanoTime() | 1;
    }

    private void awaitCalls() {
        long enough = calls.get() + CALLS;
        while (calls.get() < enough) {
            LockSupport.parkNanos(20_000);
        }
    }

    private void ask(Caller caller) {
        while (!over) {
            long begin = now();
            try {
                int answer = caller.ask();
                if (!wasLive(answer, begin, now())) {
                    wrong.incrementAndGet();
                    first.compareAndSet("", "answer " + answer + " while version " + newest.get() + " was newest");
                }
            } catch (Throwable e) {
                failed.incrementAndGet();
                first.compareAndSet("", e.toString());
            }
            calls.incrementAndGet();
        }
    }

    private boolean wasLive(int answer, long begin, long end) {
        for (int version = newest.get(); version > 0; version--) {
            if (answerOf.applyAsInt(version) == answer && born.get(version) != NEVER) {
                long death = died.get(version);
                if (born.get(version) - end <= 0 && (death == NEVER || death - begin >= 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What this process has in memory, after a collection; 0 where the system does not say. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        System.gc();
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }
}
