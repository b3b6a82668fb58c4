package io.jvmlops.serving.cache;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.LoadedModel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/** A model that is any function, and counts its calls. */
final class FunctionModel extends LoadedModel {
    final LongAdder calls = new LongAdder();

    private final UnaryOperator<Tensors> function;

    FunctionModel(String content, ModelSignature signature, UnaryOperator<Tensors> function) {
        super(
                content,
                Digest.of(content.getBytes(StandardCharsets.UTF_8)),
                "function",
                ModelDescriptor.ofFile("function", "none"),
                signature);
        this.function = function;
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        calls.increment();
        return function.apply(inputs);
    }

    @Override
    protected void free() {}
}
