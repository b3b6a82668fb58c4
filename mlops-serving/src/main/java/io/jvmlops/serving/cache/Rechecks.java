package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.model.Deadline;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks again for some of what is known, beside the callers, to find out whether the model still says so. One at a time;
 * thread-safe.
 */
final class Rechecks {
    private static final Logger LOG = LoggerFactory.getLogger(Rechecks.class);

    /** The first known answers are asked for again, so that a model that draws lots is found out soon. */
    private static final int FIRST = 8;

    /** After one that took some time, so many times as long passes before the next: hits come by the million, models take long. */
    private static final int PAUSE = 100;

    private final PredictionCache cache;
    private final ModelRunner runner;
    private final ModelMemory memory;
    private final Judges judges;
    private final RowIndependence independence;
    private final String title;
    /** Below this, a tick of 31 bits has an answer asked for again; negative for never. */
    private final int due;

    private final AtomicBoolean checking = new AtomicBoolean();
    private volatile int count;
    private volatile long notBefore = System.nanoTime();
    private volatile boolean storeDistrusted;

    /** @param every how many answers are given for one that is asked for again; 0 if none is */
    Rechecks(
            PredictionCache cache,
            ModelRunner runner,
            ModelMemory memory,
            Judges judges,
            RowIndependence independence,
            String title,
            int every) {
        this.cache = cache;
        this.runner = runner;
        this.memory = memory;
        this.judges = judges;
        this.independence = independence;
        this.title = title;
        this.due = every == 0 ? -1 : Integer.MAX_VALUE / every;
    }

    /** How many there were. */
    int count() {
        return count;
    }

    /** Whether an answer was not the model's, which may have come from the second level, or be there now. */
    boolean isStoreDistrusted() {
        return storeDistrusted;
    }

    /** @param tick below any bound as often as chance would have it */
    boolean isDue(int tick) {
        return tick >>> 1 <= due || count < FIRST && due >= 0;
    }

    /** @param scope in which it was known */
    void check(Scope scope, Tensors inputs, Tensors known) {
        if (count >= FIRST && System.nanoTime() - notBefore < 0 || !checking.compareAndSet(false, true)) {
            return;
        }
        try {
            cache.execute(() -> {
                long start = System.nanoTime();
                try {
                    compare(scope, inputs, known);
                } catch (ClosedException e) {
                    LOG.debug("Model {} was closed before it was asked again", title);
                } catch (Throwable e) {
                    LOG.debug("Model {} did not answer when it was asked again", title, e);
                } finally {
                    long end = System.nanoTime();
                    notBefore = end + PAUSE * (end - start);
                    checking.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            checking.set(false);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time
    private void compare(Scope scope, Tensors inputs, Tensors known) {
        Deadline limit = ModelRunner.limit();
        count++;
        Tensors again = runner.ask(inputs, limit);
        if (Agreement.of(again, known)) {
            return;
        }
        boolean repeats = Agreement.of(again, runner.ask(inputs, limit));
        if (!memory.isCurrent(scope) || judges.refused()) {
            // What has been forgotten meanwhile proves nothing.
            return;
        }
        if (repeats && (cache.secondLevel() != null && !storeDistrusted || independence.isRelied())) {
            // It may have come from elsewhere, or depend on rows beside it, which the first batch has not shown.
            LOG.warn(
                    "Model {}: an answer that was kept is not what the model says; all of its answers are forgotten",
                    title);
            storeDistrusted = true;
            independence.couple("a row was answered otherwise among others");
            memory.forget();
        } else {
            memory.refuse();
        }
    }
}
