package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a model answers each row as if it were alone. A signature cannot say so, and a model that normalizes over its batch is
 * one whose rows must not be kept: its first batch has to show it. Thread-safe.
 */
final class RowIndependence {
    private static final Logger LOG = LoggerFactory.getLogger(RowIndependence.class);

    /** Rows that are asked for again to see whether they depend on those beside them. */
    private static final int PROVED_ROWS = 16;

    /** So many batches may fail to show that before they are taken as wholes. */
    private static final int PROOFS = 3;

    /** Whether rows depend on those beside them. */
    enum State {
        UNPROVEN,
        INDEPENDENT,
        COUPLED
    }

    private final PredictionCache cache;
    private final ModelRunner runner;
    private final ModelMemory memory;
    private final Judges judges;
    private final String title;
    private final AtomicBoolean proving = new AtomicBoolean();
    private final AtomicInteger failedProofs = new AtomicInteger();
    private volatile State state;
    private volatile boolean split;

    /** @param possible whether the signature, and who made the rule, allow for it */
    RowIndependence(
            PredictionCache cache,
            ModelRunner runner,
            ModelMemory memory,
            Judges judges,
            String title,
            boolean possible) {
        this.cache = cache;
        this.runner = runner;
        this.memory = memory;
        this.judges = judges;
        this.title = title;
        this.state = possible ? State.UNPROVEN : State.COUPLED;
    }

    State state() {
        return state;
    }

    /** Whether rows of batches were kept, each on its own, and may be taken for answers to it. */
    boolean isRelied() {
        return split && state != State.COUPLED;
    }

    /** Rows of a batch are about to be kept, each on its own. */
    void rely() {
        if (!split) {
            split = true;
        }
    }

    /** Its signature says that rows can be told apart, its answers do not. */
    void refuted() {
        couple("a batch was not answered row by row");
        // Rows of other batches are not what they seemed to be either.
        memory.forget();
    }

    void couple(String why) {
        if (state != State.COUPLED) {
            state = State.COUPLED;
            judges.wholes();
            LOG.info("Model {}: {}; its batches are cached as wholes", title, why);
        }
    }

    /**
     * Finds out whether the rows of a batch are answered alike on their own. Some are asked for again, among fewer others and in
     * another order; beside the caller, if that has no time to spare.
     *
     * @param proven takes the answers to the rows, if they are
     */
    void prove(Tensors inputs, Tensors outputs, Deadline deadline, Consumer<List<Tensors>> proven) {
        if (state != State.UNPROVEN || !proving.compareAndSet(false, true)) {
            return;
        }
        if (runner.isQuick(deadline)) {
            attempt(inputs, outputs, deadline, proven);
            return;
        }
        try {
            cache.execute(() -> attempt(inputs, outputs, ModelRunner.limit(), proven));
        } catch (RejectedExecutionException e) {
            proving.set(false);
        }
    }

    private void attempt(Tensors inputs, Tensors outputs, Deadline deadline, Consumer<List<Tensors>> proven) {
        try {
            List<Tensors> answers = Rows.of(outputs, inputs.at(0).rows());
            if (answers == null) {
                refuted();
            } else {
                compare(inputs, outputs, answers.size(), deadline);
                if (state == State.INDEPENDENT) {
                    proven.accept(answers);
                }
            }
        } catch (TimedOutException | OverloadedException | ClosedException e) {
            LOG.debug("Model {} did not come to answer some rows of a batch on their own", title, e);
        } catch (RuntimeException e) {
            // The answer is there all the same; another batch may tell.
            LOG.debug("Model {} did not answer some rows of a batch on their own", title, e);
            if (failedProofs.incrementAndGet() >= PROOFS) {
                couple("rows of a batch were not answered on their own");
            }
        } finally {
            proving.set(false);
        }
    }

    private void compare(Tensors inputs, Tensors outputs, int count, Deadline deadline) {
        int other = count - 1;
        Tensors first = inputs.select(0);
        while (other > 0 && inputs.select(other).equals(first)) {
            other--;
        }
        if (other == 0) {
            // Rows that are all the same tell nothing.
            return;
        }
        // The last of all is the first one, which is asked for alone.
        int[] some = new int[Math.min(PROVED_ROWS, count - count / 2) + 1];
        for (int i = 0; i < some.length - 1; i++) {
            some[i] = i == 0 ? other : count - 1 - i;
        }
        Tensors among = runner.ask(inputs.select(Arrays.copyOf(some, some.length - 1)), deadline);
        Tensors alone = runner.ask(first, deadline);
        Tensors again =
                Rows.are(among, some.length - 1) && Rows.are(alone, 1) ? Rows.concat(List.of(among, alone)) : null;
        if (again != null && Agreement.ofRows(outputs.select(some), again)) {
            state = State.INDEPENDENT;
        } else if (Agreement.of(alone, runner.ask(first, deadline))) {
            couple("a row's answer depends on the rows beside it");
        } else {
            memory.refuse();
        }
    }
}
