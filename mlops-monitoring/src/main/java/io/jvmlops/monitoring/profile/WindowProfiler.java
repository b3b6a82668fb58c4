package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.monitoring.profile.WindowProfile.Segment;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a model is asked and answers over the edges and levels of its reference. Thread-safe: threads that meet count
 * into stripes of their own, of which there are as many as met at once, and at most {@value #MAX_STRIPES}.
 *
 * <p>Holds counts, not rows, whatever passes: up to 2 KB a numeric column and stripe, 8 bytes a level, and 256 names of levels
 * that the reference does not have.
 */
public final class WindowProfiler {
    /** The most stripes: more threads than this wait for each other. */
    static final int MAX_STRIPES = 16;

    /** The greatest sampling: one row in a million. */
    public static final int MAX_SAMPLING = 20;

    private final ReferenceProfile reference;
    private final TablePlan inputPlan;
    private final TablePlan outputPlan;
    private final AtomicReferenceArray<Stripe> stripes = new AtomicReferenceArray<>(MAX_STRIPES);
    private final AtomicInteger used = new AtomicInteger(1);

    // Guarded by this: what was counted before a restart.
    private @Nullable WindowProfile restored;

    WindowProfiler(ReferenceProfile reference) {
        this.reference = reference;
        inputPlan = reference.inputPlan();
        outputPlan = reference.outputPlan();
        stripes.set(0, new Stripe());
    }

    public ReferenceProfile reference() {
        return reference;
    }

    /**
     * Counts a call.
     *
     * @param inputs all that the signature has
     * @param outputs some or all of those of the signature; null if the call failed
     * @param sampling 2^-sampling is the chance that a row had to be here, 0 to {@value #MAX_SAMPLING}
     * @return the rows of inputs that were counted; -1 if types, shapes or numbers of rows are not those of the signature, and
     *     nothing was counted
     */
    public int add(Tensors inputs, @Nullable Tensors outputs, int sampling) {
        // All is checked before anything is counted, so that an odd call leaves no half of itself behind.
        int inputRows = reference.inputLayout().rows(inputs, false);
        int outputRows = outputs == null ? 0 : reference.outputLayout().rows(outputs, true);
        if (inputRows < 0 || outputRows < 0 || sampling < 0 || sampling > MAX_SAMPLING) {
            return -1;
        }
        Stripe stripe = lock();
        try {
            Counters counters = stripe.of(sampling);
            counters.inputs.add(inputs, inputRows);
            if (outputs != null) {
                counters.outputs.add(outputs, outputRows);
            }
        } finally {
            stripe.unlock();
        }
        return inputRows;
    }

    private Stripe lock() {
        int count = used.get();
        int first = (int) Thread.currentThread().getId() & count - 1;
        for (int i = 0; i < count; i++) {
            Stripe stripe = stripes.get(first + i & count - 1);
            if (stripe.tryLock()) {
                return stripe;
            }
        }
        if (count < MAX_STRIPES) {
            synchronized (this) {
                if (used.get() == count) {
                    for (int i = count; i < 2 * count; i++) {
                        stripes.set(i, new Stripe());
                    }
                    used.set(2 * count);
                }
            }
        }
        Stripe stripe = stripes.get(first);
        stripe.lock();
        return stripe;
    }

    /** Adds what was counted before, by this program or another. */
    public synchronized void add(WindowProfile counted) {
        restored = restored == null ? empty().merge(counted) : restored.merge(counted);
    }

    private WindowProfile empty() {
        Segment none = new Segment(new TableCounter(inputPlan).profile(), new TableCounter(outputPlan).profile());
        return new WindowProfile(reference.signature(), Map.of(0, none));
    }

    /** All that was counted so far. */
    public WindowProfile profile() {
        return collect(false);
    }

    /** Ends the window and starts an empty one: no call is in both or in none. Returns the one that ended. */
    public WindowProfile drain() {
        return collect(true);
    }

    private synchronized WindowProfile collect(boolean drain) {
        WindowProfile all = restored == null ? empty() : restored;
        for (int i = 0; i < used.get(); i++) {
            Stripe stripe = stripes.get(i);
            Map<Integer, Segment> segments;
            if (drain) {
                // What is taken out is nobody else's: no caller waits until it is a profile.
                segments = segments(stripe.take());
            } else {
                stripe.lock();
                try {
                    segments = segments(stripe.bySampling);
                } finally {
                    stripe.unlock();
                }
            }
            if (!segments.isEmpty()) {
                all = all.merge(new WindowProfile(reference.signature(), segments));
            }
        }
        if (drain) {
            restored = null;
        }
        return all;
    }

    /** Both sides of the model. */
    private final class Counters {
        private final TableCounter inputs = new TableCounter(inputPlan);
        private final TableCounter outputs = new TableCounter(outputPlan);
    }

    @SuppressWarnings("serial") // The lock is a superclass for its size only; a stripe is never serialized.
    private final class Stripe extends ReentrantLock {
        private @Nullable Counters @Nullable [] bySampling;

        Counters of(int sampling) {
            if (bySampling == null) {
                bySampling = new Counters[MAX_SAMPLING + 1];
            }
            Counters counters = bySampling[sampling];
            if (counters == null) {
                counters = new Counters();
                bySampling[sampling] = counters;
            }
            return counters;
        }

        @Nullable
        Counters @Nullable [] take() {
            lock();
            try {
                Counters[] taken = bySampling;
                bySampling = null;
                return taken;
            } finally {
                unlock();
            }
        }
    }

    private static Map<Integer, Segment> segments(@Nullable Counters @Nullable [] bySampling) {
        Map<Integer, Segment> segments = new TreeMap<>();
        for (int i = 0; bySampling != null && i < bySampling.length; i++) {
            Counters counters = bySampling[i];
            if (counters != null) {
                segments.put(i, new Segment(counters.inputs.profile(), counters.outputs.profile()));
            }
        }
        return segments;
    }
}
