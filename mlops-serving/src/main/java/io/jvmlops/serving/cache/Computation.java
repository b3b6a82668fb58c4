package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.model.Deadline;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers to inputs that are not in memory: asked of the second level, and what that does not have of the model, in one call.
 * Whoever waits for one of its flights is told when it lands.
 */
final class Computation {
    private final CachedModel model;
    /** One for each row of the inputs, or one for all of them. */
    private final List<CacheKey> keys;

    private final List<Flight> flights;
    private final Tensors inputs;
    /** Of the caller who began it, whose time the second level must not use up. */
    private final Deadline patience;
    /** How long the model took, once it has answered. */
    private long modelNanos;
    /** Keys that the second level had. */
    private int stored;

    Computation(CachedModel model, List<CacheKey> keys, List<Flight> flights, Tensors inputs, Deadline patience) {
        this.model = model;
        this.keys = keys;
        this.flights = flights;
        this.inputs = inputs;
        this.patience = patience;
    }

    long modelNanos() {
        return modelNanos;
    }

    int stored() {
        return stored;
    }

    boolean isAwaited() {
        for (Flight flight : flights) {
            if (flight.isAwaited()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lands every flight.
     *
     * @return the answers, in the order of the keys
     * @throws MlopsException what the model threw; the flights are still in the air
     */
    List<Tensors> run(Deadline deadline) {
        @Nullable Tensors[] found = new Tensors[keys.size()];
        SecondLevel second = model.secondLevel(keys.get(0));
        AnswerForm form = model.form(keys.get(0));
        if (second != null) {
            found = second.get(keys, form, patience);
        }
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            if (found[i] == null) {
                missing.add(i);
            }
        }
        stored = found.length - missing.size();
        for (int i = 0; i < found.length; i++) {
            Tensors known = found[i];
            if (known != null) {
                model.land(keys.get(i), flights.get(i), known);
            }
        }
        if (!missing.isEmpty()) {
            List<Tensors> answers = ask(missing, deadline);
            for (int i = 0; i < missing.size(); i++) {
                int at = missing.get(i);
                Tensors answer = answers.get(i);
                found[at] = answer;
                model.land(keys.get(at), flights.get(at), answer);
                if (second != null) {
                    second.put(keys.get(at), answer, form);
                }
            }
        }
        List<Tensors> all = new ArrayList<>(found.length);
        for (Tensors each : found) {
            if (each == null) {
                throw new IllegalStateException("a row was not answered");
            }
            all.add(each);
        }
        return all;
    }

    private List<Tensors> ask(List<Integer> missing, Deadline deadline) {
        Tensors asked = missing.size() == keys.size()
                ? inputs
                : inputs.select(missing.stream().mapToInt(i -> i).toArray());
        long start = System.nanoTime();
        Tensors outputs = model.runner().ask(asked, deadline);
        modelNanos = System.nanoTime() - start;
        if (keys.size() == 1) {
            return List.of(outputs);
        }
        List<Tensors> rows = Rows.of(outputs, missing.size());
        if (rows == null) {
            model.independence().refuted();
            throw new OtherRowsException();
        }
        return rows;
    }

    /** Fails the flights that have not landed. Of several inputs nobody knows which was to blame. */
    void fail(Throwable failure) {
        boolean alone = keys.size() == 1;
        for (int i = 0; i < keys.size(); i++) {
            model.crash(keys.get(i), flights.get(i), failure, alone);
        }
    }

    /** A model that answered row by row before does not now: it is asked for the batch as it came. */
    static final class OtherRowsException extends RuntimeException {
        private static final long serialVersionUID = 1;

        OtherRowsException() {
            super("the model did not answer row by row", null, false, false);
        }
    }
}
