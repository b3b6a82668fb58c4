package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of one batch that are not in memory: one call of the model has those that nobody else asks for. */
final class MissingRows {
    private final CachedModel model;
    private final ModelRunner runner;
    private final PredictionCache cache;
    private final Tensors inputs;
    private final List<CacheKey> keys;
    private final int[] rows;
    /** What the model was asked for, and how long it took. */
    private int modelRows;

    private long modelNanos;

    /**
     * Of a batch.
     *
     * @param inputs all rows
     * @param keys of those that are missing
     * @param rows which they are
     */
    MissingRows(CachedModel model, PredictionCache cache, Tensors inputs, List<CacheKey> keys, int[] rows) {
        this.model = model;
        this.runner = model.runner();
        this.cache = cache;
        this.inputs = inputs;
        this.keys = keys;
        this.rows = rows;
    }

    int modelRows() {
        return modelRows;
    }

    long modelNanos() {
        return modelNanos;
    }

    /**
     * Puts the answers where they belong.
     *
     * @throws Computation.OtherRowsException if the model does not answer row by row any more
     */
    void fill(@Nullable Tensors[] answers, Deadline deadline, Judge judge) {
        // Room for all, so that a flight which has begun cannot fail to be put down here.
        List<CacheKey> own = new ArrayList<>(rows.length);
        List<Flight> flights = new ArrayList<>(rows.length);
        int[] ownRows = new int[rows.length];
        // Of the same row twice in a batch, the second waits for the first, which lands before anybody waits.
        @Nullable Flight[] others = new Flight[rows.length];
        int waiting = 0;
        Computation computation = null;
        try {
            for (int i = 0; i < rows.length; i++) {
                CacheKey key = keys.get(i);
                Flight mine = new Flight();
                Flight other = cache.flights().putIfAbsent(key, mine);
                if (other != null) {
                    others[i] = other;
                    waiting++;
                    continue;
                }
                ownRows[own.size()] = rows[i];
                own.add(key);
                flights.add(mine);
                Tensors known = model.memory().find(key);
                if (known != null) {
                    model.land(key, mine, known);
                    judge.shared(1);
                    answers[rows[i]] = known;
                    own.remove(own.size() - 1);
                    flights.remove(flights.size() - 1);
                }
            }
            if (!own.isEmpty()) {
                Tensors asked =
                        own.size() == inputs.at(0).rows() ? inputs : inputs.select(Arrays.copyOf(ownRows, own.size()));
                computation = new Computation(model, own, flights, asked, deadline);
                if (own.size() > 1) {
                    model.independence().rely();
                }
            }
        } catch (Throwable e) {
            for (int i = 0; i < own.size() && i < flights.size(); i++) {
                model.crash(own.get(i), flights.get(i), e, false);
            }
            throw e;
        }
        if (computation != null) {
            List<Tensors> computed = runner.run(computation, deadline);
            for (int i = 0; i < own.size(); i++) {
                answers[ownRows[i]] =
                        computed == null ? flights.get(i).await(deadline, runner.late(), true) : computed.get(i);
            }
            judge.stored(computation.stored());
            modelRows = own.size() - computation.stored();
            modelNanos = computation.modelNanos();
        }
        for (int i = 0; waiting > 0 && i < rows.length; i++) {
            Flight other = others[i];
            if (other != null) {
                Tensors answer = other.awaitOther(deadline, runner.late());
                answers[rows[i]] = answer;
                judge.shared(answer == null ? 0 : 1);
            }
        }
        askAgain(answers, deadline);
    }

    /** What others had under way, and were stopped from. */
    private void askAgain(@Nullable Tensors[] answers, Deadline deadline) {
        int[] left = Arrays.stream(rows).filter(row -> answers[row] == null).toArray();
        if (left.length == 0) {
            return;
        }
        List<Tensors> found = Rows.of(model.bypass(inputs.select(left), deadline), left.length);
        if (found == null) {
            model.independence().refuted();
            throw new Computation.OtherRowsException();
        }
        for (int i = 0; i < left.length; i++) {
            answers[left[i]] = found.get(i);
        }
    }
}
