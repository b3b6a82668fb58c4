package io.jvmlops.serving.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Keeps something open while threads are inside, and frees it when it is closed and the last one has left. Entering and
 * leaving take one uncontended atomic each: threads count in stripes of their own.
 *
 * <p>Why it is safe: {@link #enter} counts first and then looks whether the gate is closed; {@link #close} closes first
 * and then looks at the counts. Both are sequentially consistent, so at least one of the two sees the other. Whoever is
 * inside keeps its stripe above zero, so a pass over the stripes that finds each at zero proves that nobody is.
 */
public final class Gate {
    /** Longs between two stripes, so that each has its cache line and the next, which processors prefetch. */
    private static final int SPACING = 16;

    private static final int STRIPES =
            Integer.highestOneBit(Math.max(1, 2 * Runtime.getRuntime().availableProcessors() - 1)) * 2;

    private final AtomicLongArray inside = new AtomicLongArray(STRIPES * SPACING);
    private final AtomicBoolean freed = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Runnable free;
    private volatile boolean closed;

    /** @param free called once, after the last thread has left the closed gate, by whichever thread finds that out */
    public Gate(Runnable free) {
        this.free = free;
    }

    /** Enters; a thread that got {@code true} must {@link #leave}. {@code false} once closed. */
    public boolean enter() {
        int stripe = stripe();
        inside.incrementAndGet(stripe);
        if (closed) {
            leave(stripe);
            return false;
        }
        return true;
    }

    /** Leaves, on the thread that entered. */
    public void leave() {
        leave(stripe());
    }

    /**
     * Enters for a stay that ends on whichever thread: what is returned is handed to {@link #end}. Negative once closed.
     */
    public int begin() {
        int stripe = stripe();
        inside.incrementAndGet(stripe);
        if (closed) {
            leave(stripe);
            return -1;
        }
        return stripe;
    }

    /** Ends a stay, on any thread, once. */
    public void end(int stay) {
        leave(stay);
    }

    private void leave(int stripe) {
        inside.decrementAndGet(stripe);
        if (closed) {
            freeIfEmpty();
        }
    }

    public boolean isClosed() {
        return closed;
    }

    /** Lets nobody in from now on; returns without waiting. */
    public void close() {
        closed = true;
        freeIfEmpty();
    }

    /** Waits until it is closed, empty and freed; not from inside. */
    public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
        return done.await(timeout, unit);
    }

    private void freeIfEmpty() {
        for (int i = 0; i < inside.length(); i += SPACING) {
            if (inside.get(i) != 0) {
                return;
            }
        }
        if (freed.compareAndSet(false, true)) {
            try {
                free.run();
            } finally {
                done.countDown();
            }
        }
    }

    private static int stripe() {
        // Thread ids count up, so consecutive threads get different stripes.
        return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * SPACING;
    }
}
