package io.jvmlops.serving;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of many producers and one consumer, none of whom ever waits for another: a producer takes a position by one
 * compare-and-set and puts its element there. Nobody is woken.
 *
 * <p>After D. Vyukov's array queue in the form of JCTools' {@code MpscArrayQueue}: empty slots are null, and producers look at
 * the consumer's position only when the limit that they last derived from it is reached, as that costs a cache miss.
 */
final class MpscRing<E> {
    // Each in a cache line of its own, and none in that of the array's header: lines are loaded in pairs of 64 bytes.
    private static final int TAIL = 16;
    private static final int LIMIT = 32;
    private static final int HEAD = 48;
    private static final int LENGTH = 64;

    private final AtomicLongArray at = new AtomicLongArray(LENGTH);
    private final AtomicReferenceArray<@Nullable E> slots;
    private final int mask;
    private final int capacity;

    MpscRing(int capacity) {
        int size = capacity <= 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        if (size < capacity) {
            throw new IllegalArgumentException("queue of " + capacity + ": expected " + (1 << 30) + " or less");
        }
        this.capacity = capacity;
        this.mask = size - 1;
        this.slots = new AtomicReferenceArray<>(size);
        at.set(LIMIT, capacity);
    }

    /** Any thread. False if it is full. */
    boolean offer(E element) {
        long tail = at.getAcquire(TAIL);
        while (true) {
            if (tail >= at.getAcquire(LIMIT)) {
                long limit = at.getAcquire(HEAD) + capacity;
                if (tail >= limit) {
                    long now = at.getAcquire(TAIL);
                    if (now == tail) {
                        return false;
                    }
                    tail = now;
                    continue;
                }
                // Producers may set it back for each other by a little: then it is derived again.
                at.setRelease(LIMIT, limit);
            }
            long found = at.compareAndExchange(TAIL, tail, tail + 1);
            if (found == tail) {
                slots.setRelease((int) tail & mask, element);
                return true;
            }
            tail = found;
        }
    }

    /** The consumer's thread only. Null if there is none, or the next one is being put in. */
    @Nullable
    E poll() {
        long head = at.getPlain(HEAD);
        int slot = (int) head & mask;
        E element = slots.getAcquire(slot);
        if (element != null) {
            slots.setPlain(slot, null);
            // Once this is seen, the slot is taken again.
            at.setRelease(HEAD, head + 1);
        }
        return element;
    }

    /** How many were ever put in; or will have been, once those have ended that are being put in. */
    long offered() {
        return at.getAcquire(TAIL);
    }

    /** How many were ever taken out. */
    long polled() {
        return at.getAcquire(HEAD);
    }
}
