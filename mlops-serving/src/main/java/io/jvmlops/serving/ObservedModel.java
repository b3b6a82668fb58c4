package io.jvmlops.serving;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ServingMetrics.ModelMetrics;
import io.jvmlops.serving.ServingMetrics.Outcome;
import io.jvmlops.serving.internal.FloatRows;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures every call and hands it to the listeners. The outermost decorator: it sees cached answers too.
 *
 * <p>Which rows a listener gets is drawn before the call; nothing is made or copied for the others. The rest is done after the
 * call, in as little as can be, and as {@link Handed} on the listener's own thread.
 */
final class ObservedModel extends ForwardingModel implements FloatRows.Source {
    /** In place of a number of rows: the call is one. */
    private static final int WHOLE = -1;

    /** So many floats are written once more for the listeners of a failed call; of larger ones they are not told. */
    private static final int MAX_WRITTEN_AGAIN = 1 << 24;

    private final ModelMetrics metrics;
    private final ListenerQueue[] listeners;
    private final InstantSource clock;
    private final Handed.Source source;
    private final boolean batched;

    ObservedModel(
            InferenceModel model,
            String name,
            int version,
            ModelMetrics metrics,
            List<ListenerQueue> listeners,
            InstantSource clock) {
        super(model);
        this.metrics = metrics;
        this.listeners = listeners.toArray(ListenerQueue[]::new);
        this.clock = clock;
        this.source = new Handed.Source(name, version, model.digest(), model.signature());
        this.batched = source.isBatched();
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        int count = rowsOf(inputs);
        @Nullable Sample @Nullable [] samples = draw(count);
        Instant at = samples == null ? Instant.EPOCH : clock.instant();
        long start = System.nanoTime();
        Tensors outputs;
        try {
            outputs = wrapped().predict(inputs, deadline);
        } catch (RuntimeException e) {
            long nanos = System.nanoTime() - start;
            metrics.predicted(nanos, outcome(e));
            if (samples != null) {
                hand(samples, Handed.Call.of(at, nanos, e), inputs, null, count);
            }
            throw e;
        }
        long nanos = System.nanoTime() - start;
        metrics.predicted(nanos, Outcome.SUCCESS);
        if (samples != null) {
            hand(samples, Handed.Call.of(at, nanos, null), inputs, outputs, isRows(outputs, count) ? count : WHOLE);
        }
        return outputs;
    }

    /** The rows of a call, or {@link #WHOLE}. Nobody has checked the inputs yet. */
    private int rowsOf(Tensors inputs) {
        if (!batched || inputs.size() == 0 || inputs.at(0).shape().rank() == 0) {
            return WHOLE;
        }
        int count = inputs.at(0).rows();
        return isRows(inputs, count) ? count : WHOLE;
    }

    private static boolean isRows(Tensors tensors, int count) {
        if (count == WHOLE) {
            return false;
        }
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.at(i);
            if (tensor.shape().rank() == 0 || tensor.shape().dim(0) != count) {
                return false;
            }
        }
        return true;
    }

    /**
     * What each listener gets of a call.
     *
     * @param count its rows, or {@link #WHOLE}
     * @return null if nobody gets anything
     */
    private @Nullable Sample @Nullable [] draw(int count) {
        @Nullable Sample @Nullable [] samples = null;
        for (int i = 0; i < listeners.length; i++) {
            ListenerQueue listener = listeners[i];
            int rows = count == WHOLE ? 1 : count;
            Sample sample = Sample.draw(rows, listener.sampling());
            if (sample != null) {
                if (samples == null) {
                    samples = new @Nullable Sample[listeners.length];
                }
                samples[i] = sample;
                rows -= sample.taken(rows);
            }
            if (rows > 0) {
                listener.passOver(rows);
            }
        }
        return samples;
    }

    /**
     * Offers each listener its rows of a call that has ended. The caller's arrays are copied, as far as they are taken.
     *
     * @param inputs {@link Tensors}, {@code float[]} of all rows, or {@link Copying}
     * @param outputs {@link Tensors} or {@code float[]} of all rows; null if the call failed
     * @param count rows of the call, or {@link #WHOLE}, which may have turned out since the rows were drawn
     */
    private void hand(
            @Nullable Sample[] samples, Handed.Call call, Object inputs, @Nullable Object outputs, int count) {
        Handed all = null;
        for (int i = 0; i < samples.length; i++) {
            Sample sample = samples[i];
            if (sample == null || count == WHOLE && !sample.hasFirst()) {
                continue;
            }
            Handed handed = all;
            if (handed == null || sample != Sample.ALL) {
                Object in = inputs instanceof Copying copying
                        ? copying.rows(i, count == WHOLE)
                        : taken(inputs, sample, count);
                if (in == null) {
                    // It could not be written: nobody is told, as of all that is no tensor.
                    continue;
                }
                Object out = outputs == null ? null : taken(outputs, sample, count);
                handed = count == WHOLE
                        ? Handed.ofWhole(source, call, in, out, sample.sampling())
                        : Handed.ofRows(source, call, in, out, count, sample);
            }
            if (sample == Sample.ALL) {
                all = handed;
            }
            listeners[i].offer(handed);
        }
    }

    /** Of tensors, which nobody changes, all: the rows are picked later. */
    private static Object taken(Object values, Sample sample, int count) {
        if (!(values instanceof float[] floats)) {
            return values;
        }
        return count <= 0 ? floats.clone() : sample.of(floats, floats.length / count, count);
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

    /** With listeners, only where tensors can be made of the floats afterwards. */
    @Override
    public @Nullable FloatRows floatRows() {
        FloatRows rows = FloatRows.of(wrapped());
        if (rows == null) {
            return null;
        }
        if (listeners.length == 0) {
            return new MeasuredRows(rows);
        }
        return batched && source.givesShapedFloats() ? new ObservedRows(rows) : null;
    }

    /** Where nobody listens. */
    private class MeasuredRows implements FloatRows {
        final FloatRows rows;

        MeasuredRows(FloatRows rows) {
            this.rows = rows;
        }

        @Override
        public final int width() {
            return rows.width();
        }

        @Override
        public final boolean givesFloats() {
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

    private final class ObservedRows extends MeasuredRows {
        private final int width;

        ObservedRows(FloatRows rows) {
            super(rows);
            width = rows.width();
        }

        @Override
        public float[] predict(float[] input, Deadline deadline) {
            int count = input.length / width;
            // What is no rows is refused, and nobody is told, as of all that is no tensor.
            @Nullable Sample @Nullable [] samples = count * width == input.length ? draw(count) : null;
            Instant at = samples == null ? Instant.EPOCH : clock.instant();
            long start = System.nanoTime();
            float[] answer;
            try {
                answer = rows.predict(input, deadline);
            } catch (RuntimeException e) {
                long nanos = System.nanoTime() - start;
                metrics.predicted(nanos, outcome(e));
                if (samples != null) {
                    hand(samples, Handed.Call.of(at, nanos, e), input, null, count);
                }
                throw e;
            }
            long nanos = System.nanoTime() - start;
            metrics.predicted(nanos, Outcome.SUCCESS);
            if (samples != null) {
                boolean isRows = count == 0 ? answer.length == 0 : answer.length % count == 0;
                hand(samples, Handed.Call.of(at, nanos, null), input, answer, isRows ? count : WHOLE);
            }
            return answer;
        }

        @Override
        public Tensors predict(Writer input, int count, Deadline deadline) {
            @Nullable Sample @Nullable [] samples = draw(count);
            if (samples == null) {
                return super.predict(input, count, deadline);
            }
            Instant at = clock.instant();
            Copying writer = new Copying(input, samples, count, width);
            long start = System.nanoTime();
            Tensors answer;
            try {
                answer = rows.predict(writer, count, deadline);
            } catch (RuntimeException e) {
                long nanos = System.nanoTime() - start;
                metrics.predicted(nanos, outcome(e));
                hand(samples, Handed.Call.of(at, nanos, e), writer, null, count);
                throw e;
            }
            long nanos = System.nanoTime() - start;
            metrics.predicted(nanos, Outcome.SUCCESS);
            hand(samples, Handed.Call.of(at, nanos, null), writer, answer, isRows(answer, count) ? count : WHOLE);
            return answer;
        }
    }

    /** Writes rows, and copies those that are taken out of what was written, which is another call's soon. */
    private static final class Copying implements FloatRows.Writer {
        private final FloatRows.Writer writer;
        private final @Nullable Sample[] samples;
        private final int count;
        private final int width;
        /** Arrays of floats. */
        private final @Nullable Object[] taken;

        private boolean failed;

        Copying(FloatRows.Writer writer, @Nullable Sample[] samples, int count, int width) {
            this.writer = writer;
            this.samples = samples;
            this.count = count;
            this.width = width;
            this.taken = new @Nullable Object[samples.length];
        }

        @Override
        public void write(float[] target) {
            failed = true;
            writer.write(target);
            failed = false;
            for (int i = 0; i < samples.length; i++) {
                Sample sample = samples[i];
                if (sample != null) {
                    taken[i] = sample.of(target, width, count);
                }
            }
        }

        /** What a listener gets; null if it could not be written. */
        @Nullable
        Object rows(int listener, boolean all) {
            Sample sample = samples[listener];
            Object rows = taken[listener];
            if (failed || sample == null) {
                return null;
            }
            if (rows != null && (!all || sample.isAll())) {
                return rows;
            }
            // The call failed before this, or turned out to be one row: seldom enough to write once more.
            long size = (long) count * width;
            if (size > MAX_WRITTEN_AGAIN) {
                return null;
            }
            try {
                float[] again = new float[(int) size];
                writer.write(again);
                return all ? again : sample.of(again, width, count);
            } catch (RuntimeException e) {
                return null;
            }
        }
    }

    private static Outcome outcome(RuntimeException error) {
        if (error instanceof InvalidInputException) {
            return Outcome.INVALID_INPUT;
        }
        return error instanceof TimedOutException ? Outcome.TIMED_OUT : Outcome.FAILURE;
    }
}
