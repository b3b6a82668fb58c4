package io.jvmlops.serving.cache;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Something asked of a store on a thread of the cache's. Who gives it up has it interrupted, and no other that runs on the same
 * thread later.
 */
abstract class StoreCall implements Runnable {
    private enum State {
        WAITING,
        RUNNING,
        ENDED
    }

    /** Threads that are in a call which was given up. */
    private final AtomicInteger overdue;

    private final CountDownLatch end = new CountDownLatch(1);
    private State state = State.WAITING;
    private @Nullable Thread runner;
    private volatile boolean givenUp;
    private volatile @Nullable Throwable failure;

    StoreCall(AtomicInteger overdue) {
        this.overdue = overdue;
    }

    /** The call itself, which looks at {@link #isGivenUp} between one question and the next. */
    abstract void call();

    @Override
    public final void run() {
        if (!begin()) {
            return;
        }
        try {
            call();
        } catch (Throwable e) {
            // Whatever a store throws, a StackOverflowError too, is its failure and not a prediction's.
            failure = e;
        } finally {
            finish();
        }
    }

    private synchronized boolean begin() {
        if (givenUp) {
            return false;
        }
        state = State.RUNNING;
        runner = Thread.currentThread();
        return true;
    }

    private synchronized void finish() {
        state = State.ENDED;
        runner = null;
        if (givenUp) {
            overdue.decrementAndGet();
            // The interrupt was meant for this call.
            boolean unused = Thread.interrupted();
        }
        end.countDown();
    }

    /**
     * Waits until it has ended.
     *
     * @return false if it has not by then
     */
    boolean await(long nanos) throws InterruptedException {
        return end.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** How far a call had got when it was given up. */
    enum Progress {
        NOT_BEGUN,
        UNDER_WAY,
        ENDED
    }

    /** Stops it, unless it has ended. Only the first counts. */
    synchronized Progress giveUp() {
        if (state == State.ENDED) {
            return Progress.ENDED;
        }
        if (!givenUp) {
            givenUp = true;
            if (runner != null) {
                overdue.incrementAndGet();
                runner.interrupt();
            }
        }
        return state == State.RUNNING ? Progress.UNDER_WAY : Progress.NOT_BEGUN;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** What it threw, once it has ended. */
    @Nullable
    Throwable failure() {
        return failure;
    }
}
