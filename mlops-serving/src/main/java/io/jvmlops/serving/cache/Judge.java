package io.jvmlops.serving.cache;

import java.util.concurrent.atomic.LongAdder;

/** Whether the cache pays for calls of about one size, of one version. */
final class Judge {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder shared = new LongAdder();
    private volatile boolean on = true;

    /** Whether the cache takes part in a call. */
    boolean isOn() {
        return on;
    }

    void hits(int rows) {
        hits.add(rows);
    }

    void misses(int rows) {
        misses.add(rows);
    }

    /** A call of known rows took so long, all in all; some calls are timed. */
    void hitTook(long nanos, int rows) {}

    /**
     * A call with unknown rows took so long; some calls are timed.
     *
     * @param rows of the call
     * @param missed of them
     * @param model what the model took of it
     */
    void missTook(long nanos, long model, int rows, int missed) {}

    /** Rows that were under way for somebody else already. */
    void shared(int rows) {
        shared.add(rows);
    }

    void refuse() {
        on = false;
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }
}
