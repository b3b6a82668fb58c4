package io.jvmlops.serving.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.Ticker;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.InferenceModel;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bounded cache that the models of a serving share. Each version is wrapped on its own ({@link #around}), inside its lease;
 * since its digest is in every key, versions never see each other's answers.
 *
 * <p>Keys are exact: model, form, signature, shapes and all elements are compared, not only hashed. Callers who ask the same
 * at once cause one call of the model. A batch asks the model for the rows that are not known, in one call, where the model answers
 * row by row. Failures are not kept.
 *
 * <p>It steps aside for calls of a model that it does not make cheaper, and tries again from time to time, see {@link #status}. A
 * model whose answers to the same input differ, which it says or is found out by asking some known answers again, is not cached.
 *
 * <p>Thread-safe. Its threads, {@code mlops-cache-<n>}, as many as there are processors at most, compute what callers with a
 * deadline ask for, since a deadline must not end what others wait for; {@code mlops-cache-judge} has it tried again where it
 * stepped aside. They end when they are idle.
 */
public final class PredictionCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PredictionCache.class);

    private static final int QUEUE = 1024;

    /** Keys, looked up by {@link KeyBuffer}s too. */
    // By KeyBuffer or CacheKey: Tensors, or the float[] of a FloatAnswer.
    private final Cache<Object, Object> cache;

    private final Policy<Object, Object> policy;
    /** Whether entries live longer if they are read. */
    private final boolean readsRenew;
    /** Changes when something comes in. */
    private volatile int writes;

    private final ConcurrentHashMap<CacheKey, Flight> flights = new ConcurrentHashMap<>();
    private final @Nullable SecondLevel second;
    private final CacheSpec spec;
    private final AtomicInteger epoch = new AtomicInteger();
    private final Set<CachedModel> models = ConcurrentHashMap.newKeySet();
    private final LongAdder evictions = new LongAdder();
    private final ThreadPoolExecutor executor;
    /** Begins trials. */
    private final ScheduledThreadPoolExecutor judge;

    private final WarmUp ofSingles = new WarmUp();
    private final WarmUp ofBatches = new WarmUp();

    private final Judges.Time time = new Judges.Time() {
        @Override
        public long now() {
            return System.nanoTime();
        }

        @Override
        public Runnable later(long nanos, Runnable task) {
            try {
                Future<?> waiting = judge.schedule(task, nanos, TimeUnit.NANOSECONDS);
                return () -> waiting.cancel(false);
            } catch (RejectedExecutionException e) {
                // Closed: nothing is tried any more.
                return () -> {};
            } catch (OutOfMemoryError e) {
                // No thread to be had. The task is put down all the same, and begins when there is one for the next.
                LOG.warn("The prediction cache got no thread to try again where it stands aside", e);
                return () -> {};
            }
        }

        @Override
        public WarmUp warmUp(boolean single) {
            return single ? ofSingles : ofBatches;
        }
    };
    private volatile boolean closed;

    /** An empty cache, which begins its threads when there is something to do for them. */
    public PredictionCache(CacheSpec spec) {
        this(spec, Ticker.systemTicker());
    }

    PredictionCache(CacheSpec spec, Ticker ticker) {
        this(spec, ticker, Thread::new);
    }

    /** @param maker of its threads, for tests of a machine that has no more to give */
    PredictionCache(CacheSpec spec, Ticker ticker, BiFunction<Runnable, String, Thread> maker) {
        this.spec = spec;
        Caffeine<Object, Object> builder = Caffeine.newBuilder()
                .ticker(ticker)
                .evictionListener((key, value, cause) -> evictions.increment())
                // Maintenance on the caller's thread, a few entries at a time: none of ours runs on the common pool.
                .executor(Runnable::run);
        if (spec.afterWrite() != null) {
            builder.expireAfterWrite(spec.afterWrite());
        }
        if (spec.afterAccess() != null) {
            builder.expireAfterAccess(spec.afterAccess());
        }
        if (spec.maxBytes() > 0) {
            Weight weight = new Weight(spec.afterWrite() != null, spec.afterAccess() != null);
            cache = builder.maximumWeight(spec.maxBytes())
                    .weigher((Object key, Object value) -> weight.of((CacheKey) key, value))
                    .build();
        } else {
            cache = builder.maximumSize(spec.maxEntries()).build();
        }
        policy = cache.policy();
        readsRenew = spec.afterAccess() != null;
        second = spec.store() == null ? null : new SecondLevel(spec.store(), spec.storeTimeout(), ticker::read, maker);
        AtomicInteger threads = new AtomicInteger();
        int processors = Runtime.getRuntime().availableProcessors();
        executor = new ThreadPoolExecutor(
                processors, processors, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), task -> {
                    Thread thread = maker.apply(task, "mlops-cache-" + threads.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        judge = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = maker.apply(task, "mlops-cache-judge");
            thread.setDaemon(true);
            return thread;
        });
        judge.setRemoveOnCancelPolicy(true);
        judge.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // Longer than anything waits there: it is not woken to find that it is not time yet.
        judge.setKeepAliveTime(2 * Judge.MAX_PAUSE_NANOS, TimeUnit.NANOSECONDS);
        judge.allowCoreThreadTimeOut(true);
    }

    /** As {@link #around(String, InferenceModel)}, named after its digest. */
    public InferenceModel around(InferenceModel model) {
        return around(model.digest().abbreviated(), model);
    }

    /**
     * A model that answers from the cache what it has answered before. It closes the one it wraps.
     *
     * @param name of the model, for its {@link CacheSpec#rule}, for {@link #invalidate} and for numbers; the same for all its
     *     versions
     * @throws InvalidInputException if the rule does not fit the model
     */
    public InferenceModel around(String name, InferenceModel model) {
        return around(name, model, -1);
    }

    /** @param hashMask the bits of hashes that count, for tests that want keys to collide */
    InferenceModel around(String name, InferenceModel model, long hashMask) {
        CachedModel cached = new CachedModel(this, name, model, spec.rule(name), hashMask);
        models.add(cached);
        // Answers may have been forgotten before it was known here.
        cached.memory().renew(epoch.get());
        return cached;
    }

    /**
     * Forgets the answers of all versions of a model, in memory; a second level keeps its own. What is under way is
     * not kept either.
     */
    public void invalidate(String name) {
        // Versions that are closed now do not find what they knew when they are opened again.
        int next = nextEpoch();
        for (CachedModel model : models) {
            if (model.name().equals(name)) {
                model.memory().forget(next);
            }
        }
    }

    /** Forgets every answer in memory, as {@link #invalidate} does; a second level keeps its own. */
    public void invalidateAll() {
        int next = nextEpoch();
        for (CachedModel model : models) {
            model.memory().renew(next);
        }
        cache.invalidateAll();
    }

    /** What it does for each version that is open, in the order of their names. */
    public List<CacheStatus> status() {
        return models.stream()
                .map(CachedModel::status)
                .sorted(Comparator.comparing(CacheStatus::model))
                .toList();
    }

    /**
     * What it does for a version.
     *
     * @param cached what {@link #around} returned; it may be closed by now
     * @throws IllegalArgumentException if that was another's
     */
    public CacheStatus status(InferenceModel cached) {
        if (cached instanceof CachedModel model && model.isOf(this)) {
            return model.status();
        }
        throw new IllegalArgumentException(
                "model " + cached.digest().abbreviated() + " is not one that this cache is around");
    }

    /** What its second level was asked and told, if it has one. */
    public Optional<CacheStatus.Store> store() {
        return second == null ? Optional.empty() : Optional.of(second.numbers());
    }

    /** Entries in memory, about. */
    public long entries() {
        cache.cleanUp();
        return cache.estimatedSize();
    }

    /** As they are at the moment, with those that have yet to be cleaned up. */
    long entriesNow() {
        return cache.estimatedSize();
    }

    /** What the entries in memory take, as {@link CacheSpec#maxBytes} counts; 0 if entries are counted. */
    public long bytes() {
        cache.cleanUp();
        return cache.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    /** Entries that went because of the bound or their age. */
    public long evictions() {
        return evictions.sum();
    }

    /**
     * The answer to what a caller asks. Reads are told to the policy of eviction, which costs as much as the rest of a hit,
     * while it has something to decide; while nothing comes in, and so nothing goes, only some are.
     */
    @Nullable
    Object find(KeyBuffer key) {
        return readsRenew || key.isRecorded(writes) ? cache.getIfPresent(key) : policy.getIfPresentQuietly(key);
    }

    @Nullable
    Object find(CacheKey key) {
        return cache.getIfPresent(key);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // that it changes is enough
    void keep(CacheKey key, Object outputs) {
        if (!closed) {
            cache.put(key, outputs);
            writes++;
        }
    }

    void sweep(Predicate<CacheKey> old) {
        for (Iterator<Object> keys = cache.asMap().keySet().iterator(); keys.hasNext(); ) {
            if (old.test((CacheKey) keys.next())) {
                keys.remove();
            }
        }
    }

    ConcurrentHashMap<CacheKey, Flight> flights() {
        return flights;
    }

    @Nullable
    SecondLevel secondLevel() {
        return second;
    }

    int checkEvery() {
        return spec.checkEvery();
    }

    Judges.Time time() {
        return time;
    }

    int epoch() {
        return epoch.get();
    }

    int nextEpoch() {
        return epoch.incrementAndGet();
    }

    void closed(CachedModel model) {
        models.remove(model);
    }

    /** @throws RejectedExecutionException if too much waits, there is no thread to be had, or this is closed */
    void execute(Runnable task) {
        execute(executor, task);
    }

    /** A machine that begins no more threads says so by an error, which is none of the caller's. */
    static void execute(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (OutOfMemoryError e) {
            throw new RejectedExecutionException("no thread could be begun", e);
        }
    }

    /** Ends its threads, and forgets everything; models that were wrapped go on without it. Closing twice is harmless. */
    @Override
    public void close() {
        judge.shutdown();
        closed = true;
        executor.shutdown();
        if (second != null) {
            second.close();
        }
        cache.invalidateAll();
    }
}
