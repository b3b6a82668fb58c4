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

    /** Answers whole rows of floats, at least one, as {@link #answer} does; only asked of a model with such a width. */
    protected float[] answer(float[] rows, int count, Deadline deadline) {
        throw new IllegalStateException("not made of rows of floats");
    }

    /** The elements of a row if the model is asked best through {@link #answer(float[], int, Deadline)}, or 0. */
    protected int floatWidth() {
        return 0;
    }

    @Override
    public final @Nullable FloatRows floatRows() {
        int width = floatWidth();
        return width == 0 ? null : new Rows(width);
    }

    private final class Rows implements FloatRows {
        private final int width;

        Rows(int width) {
            this.width = width;
        }

        @Override
        public int width() {
            return width;
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
