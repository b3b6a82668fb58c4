package io.jvmlops.api.model;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import java.util.Objects;

/** A model that is what it wraps: what a {@link ModelDecorator} extends to change only what it is about. */
public abstract class ForwardingModel implements InferenceModel {
    private final InferenceModel model;

    /** @param model closed with this one */
    protected ForwardingModel(InferenceModel model) {
        this.model = Objects.requireNonNull(model);
    }

    /** What is wrapped. */
    protected final InferenceModel wrapped() {
        return model;
    }

    @Override
    public ModelDescriptor descriptor() {
        return model.descriptor();
    }

    @Override
    public ModelSignature signature() {
        return model.signature();
    }

    @Override
    public String flavor() {
        return model.flavor();
    }

    @Override
    public Digest digest() {
        return model.digest();
    }

    @Override
    public boolean isDeterministic() {
        return model.isDeterministic();
    }

    /** Goes through {@link #predict(Tensors, Deadline)}, so that there is one place to override. */
    @Override
    public final Tensors predict(Tensors inputs) {
        return predict(inputs, Deadline.NONE);
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        return model.predict(inputs, deadline);
    }

    @Override
    public void close() {
        model.close();
    }
}
