package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a call hands over to its listeners: as little as can be, since the caller waits for it. The event is made of it on the
 * listener's thread. Immutable, and may wait for several listeners.
 */
final class Handed {
    /** Rows of a call of more bytes than this are copied out at once, so that few rows do not keep all the others. */
    private static final int LARGE = 1 << 16;

    /** What is counted for each, besides elements: objects, headers, references. */
    private static final int OVERHEAD = 256;

    /** A string's own object and that of its bytes. */
    private static final int STRING = 48;

    /** Makes ids unique over processes; the counter makes them unique within this one. */
    private static final String PROCESS = String.format("%016x", new SecureRandom().nextLong());

    private static final AtomicLong CALLS = new AtomicLong();

    /** Whose calls these are; one per loaded version. */
    record Source(String model, int version, Digest digest, ModelSignature signature) {
        /** Whether every tensor that goes in and out has a batch axis. */
        boolean isBatched() {
            return !signature.inputs().isEmpty()
                    && signature.inputs().stream().allMatch(Source::isBatch)
                    && signature.outputs().stream().allMatch(Source::isBatch);
        }

        private static boolean isBatch(TensorSpec spec) {
            return spec.shape().rank() > 0 && spec.shape().dim(0) == Shape.DYNAMIC;
        }

        /** Whether the shape of the only output follows from how many floats it has, and in how many rows. */
        boolean givesShapedFloats() {
            if (signature.outputs().size() != 1) {
                return false;
            }
            Shape shape = signature.outputs().get(0).shape();
            int unknown = 0;
            for (int axis = 1; axis < shape.rank(); axis++) {
                unknown += shape.dim(axis) == Shape.DYNAMIC ? 1 : 0;
            }
            return shape.rank() > 0 && unknown <= 1;
        }
    }

    /** When a call began, and what it is called. */
    record Call(
            long number, Instant at, long nanos, @Nullable RuntimeException error) {
        static Call of(Instant at, long nanos, @Nullable RuntimeException error) {
            return new Call(CALLS.incrementAndGet(), at, nanos, error);
        }
    }

    private final Source source;
    private final Call call;
    /** {@link Tensors}, of which {@link #pick} are meant, or a {@code float[]} of just the rows that are meant. */
    private final Object inputs;
    /** As the inputs; null if the call failed. */
    private final @Nullable Object outputs;
    /** Null for all. */
    private final @Nullable Sample pick;
    /** How many are meant; 1 if the call is one row. */
    private final int rows;
    /** Whether the call is one row. */
    private final boolean whole;

    private final int sampling;
    private final long bytes;

    private Handed(
            Source source,
            Call call,
            Object inputs,
            @Nullable Object outputs,
            @Nullable Sample pick,
            int rows,
            boolean whole,
            int sampling,
            long bytes) {
        this.source = source;
        this.call = call;
        this.inputs = inputs;
        this.outputs = outputs;
        this.pick = pick;
        this.rows = rows;
        this.whole = whole;
        this.sampling = sampling;
        this.bytes = bytes;
    }

    /**
     * Rows of a call.
     *
     * @param inputs {@link Tensors}, or the {@code float[]} of just the rows that were taken
     * @param outputs as the inputs; null if the call failed
     * @param count rows of the call
     */
    static Handed ofRows(Source source, Call call, Object inputs, @Nullable Object outputs, int count, Sample sample) {
        long bytes = OVERHEAD + bytes(inputs) + (outputs == null ? 0 : bytes(outputs));
        int rows = sample.taken(count);
        int sampling = sample.sampling();
        if (sample.isAll()) {
            return new Handed(source, call, inputs, outputs, null, rows, false, sampling, bytes);
        }
        if (bytes <= LARGE) {
            return new Handed(source, call, inputs, outputs, sample, rows, false, sampling, bytes);
        }
        Object in = inputs instanceof Tensors tensors ? tensors.select(sample.rows(count)) : inputs;
        Object out = outputs instanceof Tensors tensors ? tensors.select(sample.rows(count)) : outputs;
        long left = OVERHEAD + bytes(in) + (out == null ? 0 : bytes(out));
        return new Handed(source, call, in, out, null, rows, false, sampling, left);
    }

    /** A call that is one row. */
    static Handed ofWhole(Source source, Call call, Object inputs, @Nullable Object outputs, int sampling) {
        long bytes = OVERHEAD + bytes(inputs) + (outputs == null ? 0 : bytes(outputs));
        return new Handed(source, call, inputs, outputs, null, 1, true, sampling, bytes);
    }

    private static long bytes(Object values) {
        if (values instanceof float[] floats) {
            return (long) floats.length * Float.BYTES;
        }
        Tensors tensors = (Tensors) values;
        long sum = 0;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.at(i);
            if (tensor.type() == DataType.BYTES) {
                for (int element = 0; element < tensor.size(); element++) {
                    sum += STRING + 2L * tensor.stringAt(element).length();
                }
            } else {
                sum += (long) tensor.size() * tensor.type().bytes();
            }
        }
        return sum;
    }

    /** About what it keeps from being freed. */
    long bytes() {
        return bytes;
    }

    /** A call that is one row counts as one. */
    int rows() {
        return rows;
    }

    int sampling() {
        return sampling;
    }

    /**
     * Such rows as are left if each is taken with a smaller probability than it was.
     *
     * @param wanted at least {@link #sampling}
     * @return null if none is left
     */
    @Nullable
    Handed thinned(int wanted, RandomGenerator random) {
        Sample left = Sample.draw(rows, wanted - sampling, random);
        if (left == null) {
            return null;
        }
        if (whole || left.isAll()) {
            return new Handed(source, call, inputs, outputs, pick, rows, whole, wanted, bytes);
        }
        int[] of = left.rows(rows);
        Tensors in = tensors(inputs, source.signature.inputs()).select(of);
        Tensors out = outputs == null
                ? null
                : tensors(outputs, source.signature.outputs()).select(of);
        return new Handed(source, call, in, out, null, of.length, false, wanted, bytes);
    }

    PredictionEvent event() {
        return new PredictionEvent(
                PROCESS + "-" + call.number,
                source.model,
                source.version,
                source.digest,
                source.signature,
                tensors(inputs, source.signature.inputs()),
                outputs == null ? null : tensors(outputs, source.signature.outputs()),
                call.at,
                call.nanos,
                call.error,
                sampling);
    }

    private Tensors tensors(Object values, List<TensorSpec> specs) {
        if (values instanceof Tensors tensors) {
            return pick == null ? tensors : tensors.select(pick.rows(0));
        }
        float[] floats = (float[]) values;
        TensorSpec spec = specs.get(0);
        return Tensors.of(spec.name(), Tensor.transfer(floats, shape(floats.length, spec)));
    }

    /** That of so many floats; of a call that is one row, and answered otherwise than it declares, they are in no shape. */
    private long[] shape(int length, TensorSpec spec) {
        long[] dims = spec.shape().dims();
        dims[0] = whole ? Shape.DYNAMIC : rows;
        long known = 1;
        int unknowns = 0;
        int unknown = 0;
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == Shape.DYNAMIC) {
                unknowns++;
                unknown = axis;
            } else {
                known *= dims[axis];
            }
        }
        if (unknowns == 1) {
            dims[unknown] = known == 0 ? 0 : length / known;
            known *= dims[unknown];
        }
        return unknowns <= 1 && known == length ? dims : new long[] {length};
    }
}
