package io.jvmlops.serving.internal;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import org.jspecify.annotations.Nullable;

/** What every loader's model has in common: what it says of itself, and that nothing is asked of it once it is closed. */
public abstract class LoadedModel implements InferenceModel, FloatRows.Source {
    /** What a Java array can hold, less some. */
    private static final long MAX_SIZE = Integer.MAX_VALUE - 16L;

    private final String subject;
    /** What is said of a call that came too late; made once, not on every call. */
    private final String late;

    private final Digest digest;
    private final String flavor;
    private final ModelDescriptor descriptor;
    private final ModelSignature signature;
    private final Gate gate = new Gate(this::free);

    /** @param name what messages call the model */
    protected LoadedModel(
            String name, Digest digest, String flavor, ModelDescriptor descriptor, ModelSignature signature) {
        this.subject = "input of model " + name;
        this.late = subject + " was not answered";
        this.digest = digest;
        this.flavor = flavor;
        this.descriptor = descriptor;
        this.signature = signature;
    }

    /** Answers inputs that fit the signature, before a deadline that had not passed; nothing is freed meanwhile. */
    protected abstract Tensors answer(Tensors inputs, Deadline deadline);

    /** Frees what the model holds: once, when it is closed and the last answer has been given. */
    protected abstract void free();

    /** What messages about an input begin with. */
    protected final String subject() {
        return subject;
    }

    /** The elements of a row if its only input is rows of floats, as many as there are; else 0. */
    protected int floatWidth() {
        return 0;
    }

    /** Whether its only output is floats too. */
    protected boolean givesFloats() {
        return false;
    }

    /**
     * Answers rows of floats, at least one, as {@link #answer(Tensors, Deadline)} does; asked where they have a width.
     *
     * @param size of all rows
     */
    protected Tensors answer(FloatRows.Writer rows, int count, int size, Deadline deadline) {
        throw new IllegalStateException("does not take rows of floats");
    }

    /** As above, asked where {@link #givesFloats()}. */
    protected float[] answer(float[] rows, int count, Deadline deadline) {
        throw new IllegalStateException("does not give rows of floats");
    }

    @Override
    public final @Nullable FloatRows floatRows() {
        int width = floatWidth();
        return width == 0 ? null : new Rows(width, givesFloats());
    }

    private final class Rows implements FloatRows {
        private final int width;
        private final boolean givesFloats;

        Rows(int width, boolean givesFloats) {
            this.width = width;
            this.givesFloats = givesFloats;
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public boolean givesFloats() {
            return givesFloats;
        }

        @Override
        public float[] predict(float[] rows, Deadline deadline) {
            enter();
            try {
                int count = rows.length / width;
                if (count * width != rows.length) {
                    throw new InvalidInputException(subject + ": an array of " + rows.length
                            + " elements, expected a multiple of " + width + ": whole rows of "
                            + signature.inputs().get(0));
                }
                deadline.check(late);
                return count == 0 ? new float[0] : answer(rows, count, deadline);
            } finally {
                gate.leave();
            }
        }

        @Override
        public Tensors predict(Writer rows, int count, Deadline deadline) {
            enter();
            try {
                long size = (long) count * width;
                if (size > MAX_SIZE) {
                    throw new InvalidInputException(subject + ": " + count + " rows have " + size
                            + " elements, more than fit in a tensor; send fewer at a time");
                }
                deadline.check(late);
                return answer(rows, count, (int) size, deadline);
            } finally {
                gate.leave();
            }
        }
    }

    private void enter() {
        if (!gate.enter()) {
            throw new ClosedException(
                    "model " + digest.abbreviated() + " is closed; ask the serving for the version that is live");
        }
    }

    @Override
    public final Tensors predict(Tensors inputs, Deadline deadline) {
        enter();
        try {
            signature.checkInputs(subject, inputs);
            deadline.check(late);
            return answer(inputs, deadline);
        } finally {
            gate.leave();
        }
    }

    @Override
    public final ModelDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public final ModelSignature signature() {
        return signature;
    }

    @Override
    public final String flavor() {
        return flavor;
    }

    @Override
    public final Digest digest() {
        return digest;
    }

    @Override
    public final void close() {
        gate.close();
    }
}
