package io.jvmlops.serving;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.ServingMetrics.NotBegun;
import io.jvmlops.serving.internal.Gate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reference and the version that answers for it. A new version is published first, then the old one is retired: calls
 * that are in it finish there, and the last one out frees it.
 */
final class ModelHandle {
    private static final Logger LOG = LoggerFactory.getLogger(ModelHandle.class);

    private final ModelRef ref;
    private final Function<ModelVersion, InferenceModel> loader;
    private final ServingMetrics metrics;
    private final InstantSource clock;
    private final AsyncCalls async;
    /** The most that a call may take; zero for however long. */
    private final long timeoutNanos;
    /** What is asked, in messages. */
    private final String subject;

    private final Consumer<NotBegun> notBegun;

    /** Guarded by this. Every version must fit all of them before it goes live. */
    private final List<Binding.Types<?, ?>> types = new ArrayList<>();

    private volatile Live live;
    private volatile boolean closed;
    private volatile boolean unloaded;
    private volatile @Nullable String lastFailure;
    /** The version that could not be loaded, so that it is not tried, and logged, on every poll. */
    private int failedVersion;

    ModelHandle(
            ModelRef ref,
            ModelVersion version,
            Function<ModelVersion, InferenceModel> loader,
            ServingMetrics metrics,
            InstantSource clock,
            AsyncCalls async,
            long timeoutNanos) {
        this.ref = ref;
        this.subject = "model " + ref;
        this.notBegun = this::countNotBegun;
        this.async = async;
        this.timeoutNanos = timeoutNanos;
        this.loader = loader;
        this.metrics = metrics;
        this.clock = clock;
        this.live = load(version, List.of());
    }

    /** One loaded version. The bindings stand in the order of the types they were fitted to. */
    private record Live(
            ModelVersion version, InferenceModel model, Gate gate, Instant since, List<Binding<?, ?>> bindings) {}

    private Live load(ModelVersion version, List<Binding.Types<?, ?>> types) {
        InferenceModel model = loader.apply(version);
        try {
            List<Binding<?, ?>> bindings = new ArrayList<>();
            for (Binding.Types<?, ?> type : types) {
                bindings.add(type.fit(model));
            }
            Live loaded = new Live(version, model, new Gate(() -> free(model)), clock.instant(), List.copyOf(bindings));
            LOG.info(
                    "Model {} is live as {}: version {}, {}, flavor {}",
                    ref.name(),
                    ref,
                    version.version(),
                    version.digest(),
                    model.flavor());
            return loaded;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** A decorator of the host's that fails to close may neither fail the call that came last nor stop a swap. */
    private void free(InferenceModel model) {
        try {
            model.close();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("A version of {} did not close; what it holds may be lost until the process ends", ref, e);
        }
    }

    /** Metrics of the host's that throw would leave a future open for ever. */
    private void countNotBegun(NotBegun why) {
        try {
            metrics.notBegun(ref.name(), why);
        } catch (RuntimeException | Error e) {
            LOG.warn("Metrics failed to count a call of {} that was not begun", ref, e);
        }
    }

    synchronized <I, O> Predictor<I, O> predictor(Binding.Types<I, O> wanted) {
        if (closed) {
            throw closed();
        }
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).input() == wanted.input() && types.get(i).output() == wanted.output()) {
                // Whoever asks on every call gets what was fitted the first time.
                return new HandlePredictor<>(i);
            }
        }
        int index = types.size();
        List<Binding<?, ?>> bindings = new ArrayList<>(live.bindings);
        bindings.add(wanted.fit(live.model));
        types.add(wanted);
        live = new Live(live.version, live.model, live.gate, live.since, List.copyOf(bindings));
        return new HandlePredictor<>(index);
    }

    /**
     * Puts the version that the reference means now into service, unless it is already; on failure the old one stays.
     *
     * @param lookup asked under the lock, so that of two refreshes at once the later look wins
     * @param again whether to try a version that has failed before
     * @return whether another version is live now
     */
    synchronized boolean refresh(Function<ModelRef, Optional<ModelVersion>> lookup, boolean again) {
        ModelVersion version = lookup.apply(ref).orElse(null);
        if (version == null) {
            // An alias that was removed leaves what is live alone: no answer is worse than an old one.
            return false;
        }
        Live old = live;
        if (closed || !again && version.version() == failedVersion) {
            return false;
        }
        if (version.version() == old.version.version()) {
            // Somebody went back to what is live: what failed is wanted no more, and tried anew when it is again.
            failedVersion = 0;
            lastFailure = null;
            return false;
        }
        try {
            live = load(version, types);
        } catch (RuntimeException | Error e) {
            // What a store could not give now it may give later; what is wrong with the version itself stays wrong.
            failedVersion = e instanceof StorageException ? 0 : version.version();
            String failure = version.ref() + ": " + e.getMessage();
            boolean known = failure.equals(lastFailure);
            lastFailure = failure;
            metrics.reloaded(ref.name(), false);
            if (!known) {
                LOG.warn(
                        "Version {} cannot go live as {}; version {} stays",
                        version.version(),
                        ref,
                        old.version.version(),
                        e);
            }
            return false;
        }
        failedVersion = 0;
        lastFailure = null;
        old.gate.close();
        metrics.reloaded(ref.name(), true);
        return true;
    }

    ModelRef ref() {
        return ref;
    }

    LiveModel status() {
        Live now = live;
        return new LiveModel(
                ref,
                now.version.version(),
                now.version.digest(),
                now.model.flavor(),
                now.model.signature(),
                now.since,
                lastFailure);
    }

    /** Refuses new calls; those that run end in peace. */
    synchronized void close() {
        closed = true;
        live.gate.close();
    }

    /** Closes while the serving goes on. */
    void unload() {
        unloaded = true;
        close();
    }

    boolean awaitFreed(long nanos) throws InterruptedException {
        return live.gate.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    private Live enter() {
        while (true) {
            Live now = live;
            if (now.gate.enter()) {
                return now;
            }
            if (closed) {
                throw closed();
            }
            // Retired between the two lines above: its successor is there already.
            Thread.onSpinWait();
        }
    }

    /** Enters for a call that ends on another thread. */
    private Stay begin() {
        while (true) {
            Live now = live;
            int ticket = now.gate.begin();
            if (ticket >= 0) {
                return new Stay(now, ticket);
            }
            if (closed) {
                throw closed();
            }
            Thread.onSpinWait();
        }
    }

    private record Stay(Live live, int ticket) {
        void end() {
            live.gate.end(ticket);
        }
    }

    private ClosedException closed() {
        return new ClosedException(
                unloaded
                        ? subject + " was unloaded; ask the serving for a predictor again"
                        : "the serving of " + ref + " is closed");
    }

    /** The caller's deadline, or the serving's if that is earlier. */
    private Deadline limited(Deadline deadline) {
        return timeoutNanos == 0 ? deadline : deadline.or(Deadline.afterNanos(timeoutNanos));
    }

    private final class HandlePredictor<I, O> implements Predictor<I, O> {
        private final int index;

        HandlePredictor(int index) {
            this.index = index;
        }

        @SuppressWarnings("unchecked")
        private Binding<I, O> binding(Live now) {
            return (Binding<I, O>) now.bindings.get(index);
        }

        @Override
        public O predict(I input, Deadline deadline) {
            Live now = enter();
            try {
                return binding(now).predict(input, limited(deadline));
            } finally {
                now.gate.leave();
            }
        }

        @Override
        public List<O> predictAll(List<? extends I> inputs, Deadline deadline) {
            Live now = enter();
            try {
                return binding(now).predictAll(inputs, limited(deadline));
            } finally {
                now.gate.leave();
            }
        }

        @Override
        public CompletableFuture<O> predictAsync(I input, Deadline deadline) {
            return submit(binding -> binding.prepare(input), deadline);
        }

        @Override
        public CompletableFuture<List<O>> predictAllAsync(List<? extends I> inputs, Deadline deadline) {
            return submit(binding -> binding.prepareAll(inputs), deadline);
        }

        /** The version that is live now answers later: it was asked, and its form of the input cannot be another's. */
        private <T> CompletableFuture<T> submit(
                Function<Binding<I, O>, Function<Deadline, T>> prepare, Deadline deadline) {
            Deadline limited = limited(deadline);
            Stay stay;
            try {
                stay = begin();
            } catch (ClosedException e) {
                return CompletableFuture.failedFuture(e);
            }
            Function<Deadline, T> question;
            try {
                question = prepare.apply(binding(stay.live));
            } catch (RuntimeException | Error e) {
                stay.end();
                return CompletableFuture.failedFuture(e);
            }
            return async.submit(subject, limited, () -> question.apply(limited), stay::end, notBegun);
        }

        @Override
        public String toString() {
            return "predictor of " + ref;
        }
    }
}
