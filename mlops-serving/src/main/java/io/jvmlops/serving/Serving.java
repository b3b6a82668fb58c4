package io.jvmlops.serving;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDecorator;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.ServingMetrics.ModelMetrics;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import io.jvmlops.serving.folder.GoldenRows;
import io.jvmlops.serving.internal.NativeMemory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the models of a registry within this JVM. A predictor made for an alias follows it: when the alias moves, the
 * new version is loaded and verified beside the old one, then takes over without a call being lost; if it cannot be
 * loaded, the old one stays.
 *
 * <p>Thread-safe. Threads: {@code mlops-serving-refresh}, which loads versions that aliases move to; {@code
 * mlops-listener-<name>} per listener; for asynchronous predictions {@code mlops-predict-<n>}, and {@code
 * mlops-predict-timer} and {@code mlops-predict-late-<n>} for deadlines, begun with the first such call; with a cache, those of
 * {@link PredictionCache}. All are daemons and end with {@link #close}, or shortly after.
 *
 * <p>Around every loaded version stand, from the inside: the prediction cache, the host's decorators in the order given,
 * and the observer that measures calls and hands them to listeners.
 */
public final class Serving implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How many polls in a row believe the registry's list of moves, which ends early if it was restored from a backup. */
    private static final int QUIET_POLLS = 11;

    /** From retiring a version to giving its memory back to the system. */
    private static final long TRIM_MILLIS = 200;

    private final ModelRegistry registry;
    private final ModelOpener opener;
    private final @Nullable PredictionCache cache;
    private final List<ModelDecorator> decorators;
    private final Map<String, String> flavors;
    private final Map<String, List<GoldenRows>> golden;
    private final Rehearsal rehearsal;
    private final ServingMetrics metrics;
    private final InstantSource clock;
    private final Map<String, List<ListenerQueue>> listeners = new HashMap<>();
    private final List<ListenerQueue> queues = new ArrayList<>();
    private final AsyncCalls async;
    private final long timeoutNanos;
    private final Map<String, Long> timeouts;
    private final ScheduledThreadPoolExecutor refresher;
    /** Whether a poll waits to be begun. */
    private final AtomicBoolean refreshing = new AtomicBoolean();
    /** Whether native memory is going to be given back. */
    private final AtomicBoolean trimming = new AtomicBoolean();

    private final ModelRegistry.Subscription subscription;

    /** Held by the poll that is under way; guards what is below. */
    private final Object polling = new Object();
    /** The last move of an alias that a poll has acted upon. */
    private long followed;
    /** For how many more polls nothing has to be done unless an alias moves. */
    private int quiet;

    /** Guarded by itself. */
    private final Map<ModelRef, ModelHandle> handles = new LinkedHashMap<>();

    /** What is being loaded for the first time, each with the lock of whoever wants it; guarded by handles. */
    private final Map<ModelRef, Object> loading = new HashMap<>();

    private volatile boolean closed;

    private Serving(Builder builder) {
        registry = builder.registry;
        opener = ModelOpener.of(builder.loaders, builder.verifiers);
        cache = builder.cache == null ? null : new PredictionCache(builder.cache);
        decorators = List.copyOf(builder.decorators);
        flavors = Map.copyOf(builder.flavors);
        Map<String, List<GoldenRows>> rows = new HashMap<>();
        builder.golden.forEach((model, each) -> rows.put(model, List.copyOf(each)));
        golden = rows;
        rehearsal = new Rehearsal(builder.warmUp, builder.warmUpTime);
        metrics = builder.metrics;
        if (cache != null) {
            metrics.opened(cache);
        }
        clock = builder.clock;
        async = builder.executor == null
                ? AsyncCalls.ofThreads(builder.asyncThreads, builder.asyncQueue)
                : AsyncCalls.on(builder.executor, builder.asyncQueue);
        timeoutNanos = builder.timeoutNanos;
        timeouts = Map.copyOf(builder.timeouts);
        for (Builder.Listening l : builder.listening) {
            ListenerQueue queue = new ListenerQueue(
                    (l.model == null ? "all" : l.model) + "-" + queues.size(),
                    l.listener,
                    builder.queueCapacity,
                    builder.queueBytes,
                    metrics);
            queues.add(queue);
            listeners
                    .computeIfAbsent(l.model == null ? "" : l.model, m -> new ArrayList<>())
                    .add(queue);
        }
        refresher = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "mlops-serving-refresh");
            thread.setDaemon(true);
            return thread;
        });
        refresher.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        subscription = registry.subscribe(change -> refreshSoon());
        long poll = Builder.nanos(builder.poll);
        if (poll > 0) {
            // Ends with the executor; poll() itself handles what goes wrong.
            Future<?> unused = refresher.scheduleWithFixedDelay(this::poll, poll, poll, TimeUnit.NANOSECONDS);
        }
    }

    /** A serving of the registry's models. The registry stays the caller's. */
    public static Builder builder(ModelRegistry registry) {
        return new Builder(registry);
    }

    /** {@link #predictor(ModelRef, Class, Class)} for {@code name@alias} or {@code name/version}. */
    public <I, O> Predictor<I, O> predictor(String ref, Class<I> input, Class<O> output) {
        return predictor(ModelRef.parse(ref), input, output);
    }

    /**
     * A predictor in the caller's types. Loads the model, unless it is loaded for this reference already, so that the
     * first call is as fast as the next.
     *
     * @param input a record, whose components are matched with the model's columns by name; {@code float[]} or {@code
     *     double[]} for a model with one floating input: a row, or several one after the other; or {@link
     *     io.jvmlops.api.data.Tensors}
     * @param output {@link io.jvmlops.api.predict.Classification}, {@link io.jvmlops.api.predict.Regression}, a record
     *     whose components are named like outputs, {@code float[]} or {@code double[]} for the one floating output, an
     *     embedding for instance, or {@link io.jvmlops.api.data.Tensors}. An array answers a record with one row, and arrays
     *     and tensors with all of theirs, one after the other
     * @throws NotFoundException if the registry has no such version
     * @throws ModelLoadException if it cannot be loaded
     * @throws io.jvmlops.api.error.IntegrityException if its bytes are not those registered
     * @throws InvalidInputException if the types do not fit the model; every difference is listed
     * @throws ClosedException after {@link #close}
     */
    public <I, O> Predictor<I, O> predictor(ModelRef ref, Class<I> input, Class<O> output) {
        Binding.Types<I, O> types = Binding.Types.of(input, output);
        while (true) {
            ModelHandle handle = handle(ref);
            try {
                return handle.predictor(types);
            } catch (ClosedException e) {
                if (closed) {
                    throw e;
                }
                // Unloaded between the two: it is asked for again.
            }
        }
    }

    private ModelHandle handle(ModelRef ref) {
        Object lock;
        synchronized (handles) {
            ModelHandle known = known(ref);
            if (known != null) {
                return known;
            }
            lock = loading.computeIfAbsent(ref, r -> new Object());
        }
        // One caller loads, others who want the same wait; nobody else does.
        synchronized (lock) {
            try {
                synchronized (handles) {
                    ModelHandle known = known(ref);
                    if (known != null) {
                        return known;
                    }
                }
                return publish(new ModelHandle(
                        ref,
                        registry.get(ref),
                        this::load,
                        metrics,
                        clock,
                        async,
                        timeouts.getOrDefault(ref.name(), timeoutNanos)));
            } finally {
                synchronized (handles) {
                    loading.remove(ref);
                }
            }
        }
    }

    private @Nullable ModelHandle known(ModelRef ref) {
        if (closed) {
            throw new ClosedException("the serving is closed");
        }
        return handles.get(ref);
    }

    private ModelHandle publish(ModelHandle loaded) {
        ModelHandle first;
        synchronized (handles) {
            first = closed ? null : handles.putIfAbsent(loaded.ref(), loaded);
            if (!closed && first == null) {
                first = loaded;
            }
        }
        if (first != loaded) {
            loaded.close();
        }
        if (first == null) {
            throw new ClosedException("the serving was closed while " + loaded.ref() + " was loaded");
        }
        if (first.ref() instanceof ModelRef.Alias) {
            // The alias may have moved while nobody knew yet that it is followed.
            if (first.refresh(registry::find, false)) {
                trimSoon();
            }
        }
        return first;
    }

    private InferenceModel load(ModelVersion version) {
        ModelFiles files = registry.files(version);
        InferenceModel model = opener.openFolder(files, flavors.get(version.name()));
        try {
            rehearsal.hold(files, model, golden.getOrDefault(version.name(), List.of()));
            ModelMetrics numbers = metrics.of(version.name(), version.version(), model.flavor());
            Supplier<CacheStatus> status = null;
            PredictionCache shared = cache;
            if (shared != null) {
                InferenceModel cached = shared.around(version.name(), model);
                status = () -> shared.status(cached);
                model = cached;
            }
            for (ModelDecorator decorator : decorators) {
                model = Objects.requireNonNull(decorator.decorate(model), "a decorator returned null");
            }
            List<ListenerQueue> told = new ArrayList<>(listeners.getOrDefault("", List.of()));
            told.addAll(listeners.getOrDefault(version.name(), List.of()));
            InferenceModel observed = new ObservedModel(model, version.name(), version.version(), numbers, told, clock);
            if (status != null) {
                numbers.cached(status);
            }
            return observed;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** Once the calls are out that were in what was retired; once for all that is retired until then. */
    private void trimSoon() {
        if (trimming.compareAndSet(false, true)) {
            try {
                Future<?> unused = refresher.schedule(
                        () -> {
                            trimming.set(false);
                            NativeMemory.trim();
                        },
                        TRIM_MILLIS,
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("A version was retired while the serving was closing", e);
            }
        }
    }

    /** Once for all the moves until then: who moves an alias a thousand times leaves one question behind, not a thousand. */
    private void refreshSoon() {
        if (refreshing.compareAndSet(false, true)) {
            try {
                refresher.execute(() -> {
                    refreshing.set(false);
                    poll();
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("An alias moved while the serving was closing", e);
            }
        }
    }

    /**
     * Looks where every followed alias points, and puts those versions into service, on the caller's thread. Happens by
     * itself when an alias moves in this process, and every few seconds for moves by others. Only this call tries a
     * version again that could not be loaded, unless it was its store that failed; {@link LiveModel#lastFailure()} says
     * why one is not live.
     */
    public void refresh() {
        // What could not be asked has been logged; the poll goes on asking.
        boolean unused = refresh(true);
    }

    /**
     * As {@link #refresh}, but leaves versions alone that have failed, and asks for one thing only if nothing has happened:
     * whether any alias has moved.
     */
    void poll() {
        synchronized (polling) {
            if (closed) {
                // What was to be done at once is still done after a shutdown; the registry may be gone by then.
                return;
            }
            boolean moved = hasMoved();
            if (moved || quiet == 0 || anyFailed()) {
                quiet = refresh(false) ? QUIET_POLLS : 0;
            } else {
                quiet--;
            }
        }
    }

    /** Whether an alias has moved since this was last asked, or that cannot be found out. */
    private boolean hasMoved() {
        boolean moved = false;
        try {
            List<AliasChange> moves;
            do {
                moves = registry.aliasChanges(followed, ModelRegistry.MAX_CHANGES);
                if (!moves.isEmpty()) {
                    followed = moves.get(moves.size() - 1).sequence();
                    moved = true;
                }
                if (moves.size() == ModelRegistry.MAX_CHANGES) {
                    skipToNewest();
                }
            } while (moves.size() == ModelRegistry.MAX_CHANGES);
        } catch (RuntimeException | Error e) {
            LOG.debug("The registry could not be asked for moves; each alias is looked up", e);
            return true;
        }
        return moved;
    }

    /** Of a long history, as when a serving starts, only the end is read: where it is, a few dozen questions tell. */
    private void skipToNewest() {
        for (long step = ModelRegistry.MAX_CHANGES; step > 0; ) {
            List<AliasChange> beyond = registry.aliasChanges(followed + step, 1);
            if (beyond.isEmpty()) {
                step /= 2;
            } else {
                followed = beyond.get(0).sequence();
                step *= 2;
            }
        }
    }

    private boolean anyFailed() {
        synchronized (handles) {
            return handles.values().stream().anyMatch(handle -> handle.status().lastFailure() != null);
        }
    }

    /** Whether the registry could be asked about every alias. */
    private boolean refresh(boolean again) {
        List<ModelHandle> all;
        synchronized (handles) {
            all = List.copyOf(handles.values());
        }
        boolean asked = true;
        for (ModelHandle handle : all) {
            if (handle.ref() instanceof ModelRef.Alias) {
                try {
                    if (handle.refresh(registry::find, again)) {
                        trimSoon();
                    }
                } catch (RuntimeException | Error e) {
                    // An error that got out of here would end the poll without a word.
                    LOG.warn("The registry could not be asked where {} points; what is live stays", handle.ref(), e);
                    asked = false;
                }
            }
        }
        return asked;
    }

    /**
     * What answers for a reference now; loads the model if this is the first time that it is asked for.
     *
     * @throws NotFoundException as {@link #predictor(ModelRef, Class, Class)}, and the rest of what it throws on loading
     */
    public LiveModel live(String ref) {
        return handle(ModelRef.parse(ref)).status();
    }

    /** What answers now, for every reference that was asked for. */
    public List<LiveModel> live() {
        synchronized (handles) {
            return handles.values().stream().map(ModelHandle::status).toList();
        }
    }

    /**
     * Lets go of what answers for a reference, so that versions that were asked for once do not stay forever. Calls that run
     * or wait are answered, and the last one out frees the model. Predictors that were made for the reference throw {@link
     * ClosedException} from then on; whoever asks for one again gets it loaded anew. A load that is under way is left alone.
     *
     * @return whether it was loaded
     */
    public boolean unload(String ref) {
        ModelHandle handle;
        synchronized (handles) {
            handle = handles.remove(ModelRef.parse(ref));
        }
        if (handle == null) {
            return false;
        }
        handle.unload();
        trimSoon();
        LOG.info("Model {} is unloaded", ref);
        return true;
    }

    /** The prediction cache, if there is one: its numbers, and what it is to forget. Closed with the serving. */
    public Optional<PredictionCache> cache() {
        return Optional.ofNullable(cache);
    }

    /**
     * Waits until every listener has been told of every prediction so far.
     *
     * @return whether that was so within the time
     */
    public boolean flushListeners(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + Builder.nanos(timeout);
        boolean all = true;
        for (ListenerQueue queue : queues) {
            all &= queue.flush(Math.max(0, deadline - System.nanoTime()));
        }
        return all;
    }

    /** How many asynchronous predictions may be asked for now; for tests, and as many as ever if none is lost. */
    int asyncRoom() {
        return async.room();
    }

    int asyncCapacity() {
        return async.capacity();
    }

    /**
     * Refuses new predictions, fails asynchronous ones that wait for a thread with {@link ClosedException}, waits up to ten
     * seconds for those that run and for listeners, and frees the models. Not to be called by what depends on a future of
     * this serving's: it would wait for itself. Closing twice is harmless.
     */
    @Override
    public void close() {
        List<ModelHandle> all;
        synchronized (handles) {
            if (closed) {
                return;
            }
            closed = true;
            all = List.copyOf(handles.values());
        }
        subscription.close();
        refresher.shutdown();
        all.forEach(ModelHandle::close);
        CountDownLatch told = async.close();
        long deadline = System.nanoTime() + CLOSE_NANOS;
        try {
            if (!told.await(CLOSE_NANOS, TimeUnit.NANOSECONDS)) {
                LOG.warn("What depends on predictions that were not begun still runs");
            }
            for (ModelHandle handle : all) {
                if (!handle.awaitFreed(deadline - System.nanoTime())) {
                    LOG.warn("Predictions of {} still run; the last one to end frees the model", handle.ref());
                }
            }
            for (ListenerQueue queue : queues) {
                queue.close(Math.max(0, deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            queues.forEach(ListenerQueue::stop);
            Thread.currentThread().interrupt();
        }
        if (cache != null) {
            // Last, since a version's numbers are asked for when its last call is out.
            metrics.closed(cache);
            cache.close();
        }
    }

    /** Says how a serving is to be. Not thread-safe. */
    public static final class Builder {
        private final ModelRegistry registry;
        private final List<ModelLoader> loaders = new ArrayList<>();
        private final List<ModelVerifier> verifiers = new ArrayList<>();
        private final List<ModelDecorator> decorators = new ArrayList<>();
        private final List<Listening> listening = new ArrayList<>();
        private final Map<String, String> flavors = new HashMap<>();
        private @Nullable CacheSpec cache;
        private ServingMetrics metrics = ServingMetrics.NONE;
        private InstantSource clock = InstantSource.system();
        private Duration poll = Duration.ofSeconds(5);
        private int queueCapacity = 4096;
        private long queueBytes = 32L << 20;
        private int asyncThreads = Runtime.getRuntime().availableProcessors();
        private int asyncQueue = 1024;
        private @Nullable Executor executor;
        private long timeoutNanos;
        private final Map<String, Long> timeouts = new HashMap<>();
        private final Map<String, List<GoldenRows>> golden = new HashMap<>();
        private int warmUp = Rehearsal.DEFAULT_CALLS;
        private Duration warmUpTime = Rehearsal.DEFAULT_TIME;

        private record Listening(@Nullable String model, PredictionListener listener) {}

        private Builder(ModelRegistry registry) {
            this.registry = Objects.requireNonNull(registry);
        }

        /** Answers again what was answered before. Without this there is no cache. */
        public Builder cache(CacheSpec spec) {
            cache = spec;
            return this;
        }

        /** Tells the listener, a monitor for one, of every prediction of one model, or of a sample if it has a CPU budget. */
        public Builder monitor(String model, PredictionListener listener) {
            listening.add(new Listening(ModelRef.checkName(model), Objects.requireNonNull(listener)));
            return this;
        }

        /** Tells the listener of every prediction of every model, or of a sample if it has a CPU budget. */
        public Builder listener(PredictionListener listener) {
            listening.add(new Listening(null, Objects.requireNonNull(listener)));
            return this;
        }

        /** Loads a model's versions in this form, where they have several. The default is the version's own first. */
        public Builder flavor(String model, String flavor) {
            flavors.put(ModelRef.checkName(model), Objects.requireNonNull(flavor));
            return this;
        }

        /** Adds a loader, before those of the class path. */
        public Builder loader(ModelLoader loader) {
            loaders.add(Objects.requireNonNull(loader));
            return this;
        }

        /** Adds a condition that every version must meet before anything of it is parsed. */
        public Builder verifier(ModelVerifier verifier) {
            verifiers.add(Objects.requireNonNull(verifier));
            return this;
        }

        /** Adds a wrap around every loaded version, outside the cache and the wraps before. */
        public Builder decorator(ModelDecorator decorator) {
            decorators.add(Objects.requireNonNull(decorator));
            return this;
        }

        public Builder metrics(ServingMetrics metrics) {
            this.metrics = Objects.requireNonNull(metrics);
            return this;
        }

        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /** How often to look for aliases that another process moved; zero for never. Five seconds if not said. */
        public Builder pollEvery(Duration interval) {
            if (interval.isNegative()) {
                throw new IllegalArgumentException("poll every " + interval + ": expected zero or more");
            }
            poll = interval;
            return this;
        }

        /** How many events may wait for each slow listener before they are dropped. 4096 if not said. */
        public Builder listenerQueue(int capacity) {
            if (capacity < 1 || capacity > 1 << 30) {
                throw new IllegalArgumentException(
                        "listener queue of " + capacity + ": expected 1 or more, and 2^30 or less");
            }
            queueCapacity = capacity;
            return this;
        }

        /**
         * How many bytes of inputs and outputs may wait for each slow listener before events are dropped; one event that is larger
         * may wait alone. 32 MiB if not said.
         */
        public Builder listenerQueueBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("listener queue of " + bytes + " bytes: expected 1 or more");
            }
            queueBytes = bytes;
            return this;
        }

        /**
         * Adds rows that every version of a model must reproduce before it goes live, besides those in its folder. The
         * version itself is asked, without cache and decorators.
         */
        public Builder golden(String model, GoldenRows rows) {
            golden.computeIfAbsent(ModelRef.checkName(model), m -> new ArrayList<>())
                    .add(Objects.requireNonNull(rows));
            return this;
        }

        /** As {@link #warmUp(int, Duration)}, for at most two seconds. */
        public Builder warmUp(int calls) {
            return warmUp(calls, Rehearsal.DEFAULT_TIME);
        }

        /**
         * Asks every version so often before it goes live, so that the first callers do not wait for what a runtime does late:
         * with its golden rows, else its input example, else zeros where it takes no text. Neither cache, metrics, listeners
         * nor decorators see that. An example that the model does not answer is logged, and the version goes live. Ten calls if
         * not said; zero for none.
         *
         * @param time for all of them
         */
        public Builder warmUp(int calls, Duration time) {
            if (calls < 0 || time.isNegative()) {
                throw new IllegalArgumentException(
                        "warm-up of " + calls + " calls in " + time + ": expected zero or more of both");
            }
            warmUp = calls;
            warmUpTime = time;
            return this;
        }

        /**
         * The most that a prediction may take, of every model that is not given its own; none if not said. A caller's deadline
         * counts if it is earlier.
         */
        public Builder timeout(Duration timeout) {
            timeoutNanos = positive(timeout);
            return this;
        }

        /** As {@link #timeout(Duration)}, for one model, which may be given more time than others. */
        public Builder timeout(String model, Duration timeout) {
            timeouts.put(ModelRef.checkName(model), positive(timeout));
            return this;
        }

        private static long positive(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("timeout of " + timeout + ": expected more than zero");
            }
            return nanos(timeout);
        }

        /** Three years are as good as more, and fit; what is negative is none. */
        private static long nanos(Duration time) {
            if (time.isNegative()) {
                return 0;
            }
            return time.compareTo(Duration.ofDays(1_000)) > 0 ? TimeUnit.DAYS.toNanos(1_000) : time.toNanos();
        }

        /** How many asynchronous predictions run at once, over all models. As many as there are processors if not said. */
        public Builder asyncThreads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("async threads " + threads + ": expected 1 or more");
            }
            asyncThreads = threads;
            return this;
        }

        /**
         * How many asynchronous predictions may wait for a thread, over all models, before they are refused with {@link
         * io.jvmlops.api.error.OverloadedException}. 1024 if not said.
         */
        public Builder asyncQueue(int calls) {
            if (calls < 1) {
                throw new IllegalArgumentException("async queue of " + calls + ": expected 1 or more");
            }
            asyncQueue = calls;
            return this;
        }

        /**
         * Runs asynchronous predictions, in place of threads of the serving's. It stays the host's; what it rejects is
         * answered with {@link io.jvmlops.api.error.OverloadedException}, and so is what is asked while {@link #asyncQueue} of
         * them wait or run.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor);
            return this;
        }

        public Serving build() {
            return new Serving(this);
        }
    }
}
