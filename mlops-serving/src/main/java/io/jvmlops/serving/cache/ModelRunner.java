package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the model that a cache is around, on the caller's thread or beside it, and knows how long that takes. Thread-safe. */
final class ModelRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRunner.class);

    /** A model is asked on the caller's own thread, before the caller's deadline, if it has so many times as long as that takes. */
    private static final int HASTE = 100;

    private static final long HASTE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The most that a computation takes which nobody's deadline limits. */
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final InferenceModel model;
    private final PredictionCache cache;
    private final String title;
    private final String late;
    /** What the model takes for a call of late, in nanoseconds; 0 if it was not asked. */
    private volatile long typical;

    /** @param title of the version, for the log */
    ModelRunner(InferenceModel model, PredictionCache cache, String title) {
        this.model = model;
        this.cache = cache;
        this.title = title;
        this.late = "model " + model.digest().abbreviated() + " has not answered";
    }

    /** For what nobody's deadline limits. */
    static Deadline limit() {
        return Deadline.afterNanos(LIMIT_NANOS);
    }

    /** What is said of a deadline that has passed. */
    String late() {
        return late;
    }

    /** As {@link #typical}. */
    long typicalNanos() {
        return typical;
    }

    /** Whether the model can be asked here, since it is far faster than the caller's deadline. */
    boolean isQuick(Deadline deadline) {
        if (deadline.isNone()) {
            return true;
        }
        long took = typical;
        return took > 0 && deadline.remainingNanos() > Math.max(HASTE_NANOS, HASTE * took);
    }

    /** Asks the model, and learns how long that takes. */
    Tensors ask(Tensors inputs, Deadline deadline) {
        long start = System.nanoTime();
        KeyBuffer thread = KeyBuffer.local();
        thread.beginAsking();
        Tensors outputs;
        try {
            outputs = model.predict(inputs, deadline);
        } finally {
            thread.endAsking();
        }
        long nanos = System.nanoTime() - start;
        long known = typical;
        // A step at a time, so that a thread that lost the processor in the middle of a call says little.
        long step = known / 8;
        typical = known == 0 ? nanos : Math.max(known - step, Math.min(known + step + 1, nanos));
        return outputs;
    }

    /**
     * Runs a computation here, or where a deadline of this caller's does not end it for others.
     *
     * @return the answers, or null if the flights have to be awaited
     */
    @Nullable
    List<Tensors> run(Computation computation, Deadline deadline) {
        try {
            // Who asks from inside of a model may be on one of the cache's threads already, and would wait for another.
            if (!isQuick(deadline) && !KeyBuffer.local().isAsking()) {
                try {
                    cache.execute(() -> attempt(computation, deadline));
                    return null;
                } catch (RejectedExecutionException e) {
                    LOG.debug("Model {}: no thread is free, so the caller asks", title, e);
                }
            }
            return computation.run(deadline);
        } catch (TimedOutException e) {
            if (computation.isAwaited()) {
                goOn(computation, e);
            } else {
                computation.fail(e);
            }
            throw e;
        } catch (Throwable e) {
            // Whatever it is, and be it one that Java would not let a model throw: nobody may wait for ever.
            computation.fail(e);
            throw e;
        }
    }

    /** Others wait for what this caller has no time for any more. */
    private void goOn(Computation computation, TimedOutException why) {
        try {
            cache.execute(() -> attempt(computation, Deadline.NONE));
        } catch (Throwable e) {
            LOG.debug("Model {}: no thread is free, so those who wait ask themselves", title, e);
            computation.fail(why);
        }
    }

    /** @param deadline of who began it, and may be gone before its turn comes */
    @SuppressWarnings("CheckReturnValue") // whoever wants the answers awaits the flights
    private void attempt(Computation computation, Deadline deadline) {
        try {
            if (!computation.isAwaited()) {
                // Nobody waits any more, or not yet. A model that has too much to do is not asked for what is too late.
                deadline.check(late);
            }
            computation.run(Deadline.afterNanos(
                    deadline.isNone() ? LIMIT_NANOS : Math.max(LIMIT_NANOS, deadline.remainingNanos())));
        } catch (Throwable e) {
            computation.fail(e);
        }
    }
}
