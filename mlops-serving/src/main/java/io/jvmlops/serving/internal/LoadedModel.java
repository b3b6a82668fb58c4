package io.jvmlops.serving.internal;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;

/** What every loader's model has in common: what it says of itself, and that nothing is asked of it once it is closed. */
public abstract class LoadedModel implements InferenceModel {
    private final String subject;
    private final Digest digest;
    private final String flavor;
    private final ModelDescriptor descriptor;
    private final ModelSignature signature;
    private final Gate gate = new Gate(this::free);

    /** @param name what messages call the model */
    protected LoadedModel(
            String name, Digest digest, String flavor, ModelDescriptor descriptor, ModelSignature signature) {
        this.subject = "input of model " + name;
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

    @Override
    public final Tensors predict(Tensors inputs, Deadline deadline) {
        if (!gate.enter()) {
            throw new ClosedException(
                    "model " + digest.abbreviated() + " is closed; ask the serving for the version that is live");
        }
        try {
            signature.checkInputs(subject, inputs);
            deadline.check(subject + " was not answered");
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
