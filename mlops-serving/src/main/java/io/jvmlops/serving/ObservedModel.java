package io.jvmlops.serving;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.serving.ServingMetrics.ModelMetrics;
import io.jvmlops.serving.ServingMetrics.Outcome;
import io.jvmlops.serving.internal.FloatRows;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Measures every call and hands it to the listeners. The outermost decorator: it sees cached answers too. */
final class ObservedModel extends ForwardingModel implements FloatRows.Source {
    /** Makes ids unique over processes; the counter makes them unique within this one. */
    private static final String PROCESS = String.format("%016x", new SecureRandom().nextLong());

    private static final AtomicLong CALLS = new AtomicLong();

    private final String name;
    private final int version;
    private final ModelMetrics metrics;
    private final ListenerQueue[] listeners;
    private final InstantSource clock;

    ObservedModel(
            InferenceModel model,
            String name,
            int version,
            ModelMetrics metrics,
            List<ListenerQueue> listeners,
            InstantSource clock) {
        super(model);
        this.name = name;
        this.version = version;
        this.metrics = metrics;
        this.listeners = listeners.toArray(ListenerQueue[]::new);
        this.clock = clock;
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        Instant at = listeners.length == 0 ? Instant.EPOCH : clock.instant();
        long start = System.nanoTime();
        try {
            Tensors outputs = wrapped().predict(inputs, deadline);
            ended(inputs, outputs, at, System.nanoTime() - start, null);
            return outputs;
        } catch (RuntimeException e) {
            ended(inputs, null, at, System.nanoTime() - start, e);
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            super.close();
        } finally {
            metrics.closed();
        }
    }

    /** Counts an input that could not be made into tensors. */
    void refused() {
        metrics.predicted(0, Outcome.INVALID_INPUT);
    }

    /** Only where nobody keeps inputs and outputs: a listener's event holds both as tensors. */
    @Override
    public @Nullable FloatRows floatRows() {
        FloatRows rows = listeners.length > 0 ? null : FloatRows.of(wrapped());
        return rows == null ? null : new ObservedRows(rows);
    }

    private final class ObservedRows implements FloatRows {
        private final FloatRows rows;

        ObservedRows(FloatRows rows) {
            this.rows = rows;
        }

        @Override
        public int width() {
            return rows.width();
        }

        @Override
        public boolean givesFloats() {
            return rows.givesFloats();
        }

        @Override
        public float[] predict(float[] input, Deadline deadline) {
            long start = System.nanoTime();
            try {
                float[] answer = rows.predict(input, deadline);
                metrics.predicted(System.nanoTime() - start, Outcome.SUCCESS);
                return answer;
            } catch (RuntimeException e) {
                metrics.predicted(System.nanoTime() - start, outcome(e));
                throw e;
            }
        }

        @Override
        public Tensors predict(Writer input, int count, Deadline deadline) {
            long start = System.nanoTime();
            try {
                Tensors answer = rows.predict(input, count, deadline);
                metrics.predicted(System.nanoTime() - start, Outcome.SUCCESS);
                return answer;
            } catch (RuntimeException e) {
                metrics.predicted(System.nanoTime() - start, outcome(e));
                throw e;
            }
        }
    }

    private void ended(
            Tensors inputs, @Nullable Tensors outputs, Instant at, long nanos, @Nullable RuntimeException error) {
        metrics.predicted(nanos, outcome(error));
        if (listeners.length > 0) {
            PredictionEvent event = new PredictionEvent(
                    PROCESS + "-" + CALLS.incrementAndGet(),
                    name,
                    version,
                    digest(),
                    signature(),
                    inputs,
                    outputs,
                    at,
                    nanos,
                    error);
            for (ListenerQueue listener : listeners) {
                listener.offer(event);
            }
        }
    }

    private static Outcome outcome(@Nullable RuntimeException error) {
        if (error == null) {
            return Outcome.SUCCESS;
        }
        if (error instanceof InvalidInputException) {
            return Outcome.INVALID_INPUT;
        }
        return error instanceof TimedOutException ? Outcome.TIMED_OUT : Outcome.FAILURE;
    }
}
