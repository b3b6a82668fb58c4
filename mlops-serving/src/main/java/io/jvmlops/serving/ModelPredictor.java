package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Predictor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Asks one model, which others close; the model's own lease makes that safe. */
final class ModelPredictor<I, O> implements Predictor<I, O> {
    private static final int QUEUE = 1024;

    private final Binding<I, O> binding;
    private final String subject;
    private final AsyncCalls async = AsyncCalls.ofThreads(Runtime.getRuntime().availableProcessors(), QUEUE);

    ModelPredictor(Binding<I, O> binding, Digest digest) {
        this.binding = binding;
        this.subject = "model " + digest.abbreviated();
    }

    @Override
    public O predict(I input, Deadline deadline) {
        return binding.predict(input, deadline);
    }

    @Override
    public List<O> predictAll(List<? extends I> inputs, Deadline deadline) {
        return binding.predictAll(inputs, deadline);
    }

    @Override
    public CompletableFuture<O> predictAsync(I input, Deadline deadline) {
        return submit(() -> binding.prepare(input), deadline);
    }

    @Override
    public CompletableFuture<List<O>> predictAllAsync(List<? extends I> inputs, Deadline deadline) {
        return submit(() -> binding.prepareAll(inputs), deadline);
    }

    private <T> CompletableFuture<T> submit(Supplier<Function<Deadline, T>> prepare, Deadline deadline) {
        Function<Deadline, T> question;
        try {
            question = prepare.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
        return async.submit(subject, deadline, () -> question.apply(deadline), () -> {}, why -> {});
    }

    @Override
    public String toString() {
        return "predictor of " + subject;
    }
}
