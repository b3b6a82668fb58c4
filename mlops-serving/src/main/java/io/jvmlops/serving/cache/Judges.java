package io.jvmlops.serving.cache;

import io.jvmlops.serving.cache.CacheStatus.State;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The judges of one version, by how many rows a call has: where a lookup takes less than a single prediction, it may well take
 * more than a row of a large batch.
 */
final class Judges {
    private static final Logger LOG = LoggerFactory.getLogger(Judges.class);

    /** Rows in a call, from which each begins. */
    private static final int[] FROM = {1, 2, 16, 128};

    /** Changes that are always said; after them, one a minute. */
    private static final int SAID_FIRST = 4;

    private static final long SAID_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Time time;
    private final String model;
    private final CacheRule.Mode mode;
    private final Judge[] judges = new Judge[FROM.length];
    private volatile boolean closed;
    /** Guarded by this, as is when. */
    private int said;

    private long saidAt;

    /** Time, as judges see it. */
    interface Time {
        /** As {@link System#nanoTime}. */
        long now();

        /** @return what calls it off */
        Runnable later(long nanos, Runnable task);

        /** Of the code for single rows, or that for batches: they are compiled apart. */
        WarmUp warmUp(boolean single);
    }

    /**
     * Judges of a version.
     *
     * @param model as the log calls it
     * @param deterministic whether it says so
     */
    Judges(String model, CacheRule.Mode mode, boolean deterministic, Time time) {
        this.model = model;
        this.mode = mode;
        this.time = time;
        State state = State.ON;
        String why = mode == CacheRule.Mode.ALWAYS ? "its rule says always" : "";
        if (mode == CacheRule.Mode.NEVER) {
            state = State.OFF;
            why = "its rule says never";
        } else if (!deterministic) {
            state = State.NON_DETERMINISTIC;
            why = "the model says that it is not deterministic";
        }
        for (int i = 0; i < judges.length; i++) {
            int to = i + 1 < FROM.length ? FROM[i + 1] - 1 : Integer.MAX_VALUE;
            judges[i] = new Judge(this, FROM[i], to, state, why);
        }
    }

    Judge of(int rows) {
        if (rows <= 1) {
            return judges[0];
        }
        return rows < FROM[2] ? judges[1] : rows < FROM[3] ? judges[2] : judges[3];
    }

    /** Whether the cache steps aside where it does not pay. */
    boolean isAdaptive() {
        return mode == CacheRule.Mode.ADAPTIVE;
    }

    /** For good: the model's answers are not to be kept. */
    void refuse(String why) {
        for (Judge judge : judges) {
            judge.refuse(why);
        }
    }

    /** Batches are known as wholes from now on, no longer row by row. */
    void wholes() {
        for (int i = 1; i < judges.length; i++) {
            judges[i].unitChanged();
        }
    }

    /** Whether answers are never kept. */
    boolean refused() {
        State state = judges[0].state();
        return state == State.OFF || state == State.NON_DETERMINISTIC;
    }

    List<CacheStatus.Calls> status() {
        return Arrays.stream(judges).map(Judge::status).toList();
    }

    long now() {
        return time.now();
    }

    Runnable later(long nanos, Runnable task) {
        return time.later(nanos, task);
    }

    WarmUp warmUp(boolean single) {
        return time.warmUp(single);
    }

    /** Says so, unless much was said of this version already. */
    void changed(Judge judge, String what, Judge.Costs costs) {
        String why = judge.state() == State.ON ? costs.win() : costs.loss();
        if (mayBeSaid()) {
            LOG.info("The cache {} for model {} (calls of {}): {}", what, model, judge.size(), why);
        } else {
            LOG.debug("The cache {} for model {} (calls of {}): {}", what, model, judge.size(), why);
        }
    }

    private synchronized boolean mayBeSaid() {
        long now = now();
        if (said >= SAID_FIRST && now - saidAt < SAID_EVERY_NANOS) {
            return false;
        }
        said++;
        saidAt = now;
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Begins no trials any more. */
    void close() {
        closed = true;
        for (Judge judge : judges) {
            judge.close();
        }
    }
}
