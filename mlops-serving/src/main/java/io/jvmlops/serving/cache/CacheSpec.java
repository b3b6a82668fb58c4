package io.jvmlops.serving.cache;

import io.jvmlops.api.predict.PredictionCacheStore;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How large the prediction cache of a serving may get, over all its models, what counts as the same input, and what stands
 * behind it. Immutable.
 *
 * <p>An answer is a function of the model's bytes and the input's bits, both of which are in the key, so an entry is
 * never stale: bounds and ages only free memory.
 */
public final class CacheSpec {
    private static final int CHECK_EVERY = 4096;
    private static final Duration STORE_TIMEOUT = Duration.ofMillis(50);

    /** Zero where entries are counted. */
    private final long maxBytes;
    /** Zero where bytes are. */
    private final long maxEntries;

    private final @Nullable Duration afterWrite;
    private final @Nullable Duration afterAccess;
    private final @Nullable PredictionCacheStore store;
    private final Duration storeTimeout;
    private final int checkEvery;
    private final Map<String, CacheRule> rules;

    private CacheSpec(
            long maxBytes,
            long maxEntries,
            @Nullable Duration afterWrite,
            @Nullable Duration afterAccess,
            @Nullable PredictionCacheStore store,
            Duration storeTimeout,
            int checkEvery,
            Map<String, CacheRule> rules) {
        this.checkEvery = checkEvery;
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
        this.afterWrite = afterWrite;
        this.afterAccess = afterAccess;
        this.store = store;
        this.storeTimeout = storeTimeout;
        this.rules = rules;
    }

    /**
     * Bounded by the memory of keys, answers and what surrounds them, as the cache reckons it: within 15 % of what the heap
     * holds.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    public static CacheSpec maxBytes(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("cache of " + bytes + " bytes: expected more than 0");
        }
        return new CacheSpec(bytes, 0, null, null, null, STORE_TIMEOUT, CHECK_EVERY, Map.of());
    }

    /**
     * Bounded by the number of answers, whatever their size: a row of a batch is one, or a call that is kept as a whole.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    public static CacheSpec maxEntries(long entries) {
        if (entries <= 0) {
            throw new IllegalArgumentException("cache of " + entries + " entries: expected more than 0");
        }
        return new CacheSpec(0, entries, null, null, null, STORE_TIMEOUT, CHECK_EVERY, Map.of());
    }

    /**
     * Forgets an answer so long after it was given.
     *
     * @throws IllegalArgumentException if that is not positive
     */
    public CacheSpec expireAfterWrite(Duration age) {
        return new CacheSpec(maxBytes, maxEntries, positive(age), afterAccess, store, storeTimeout, checkEvery, rules);
    }

    /**
     * Forgets an answer that nobody has asked for so long.
     *
     * @throws IllegalArgumentException if that is not positive
     */
    public CacheSpec expireAfterAccess(Duration age) {
        return new CacheSpec(maxBytes, maxEntries, afterWrite, positive(age), store, storeTimeout, checkEvery, rules);
    }

    /** As {@link #backedBy(PredictionCacheStore, Duration)} with 50 ms. */
    public CacheSpec backedBy(PredictionCacheStore store) {
        return backedBy(store, STORE_TIMEOUT);
    }

    /**
     * With a second level that is asked on a miss, and told of every answer of the model. One that fails or is slow is left alone
     * for a while, and the model asked.
     *
     * @param timeout the longest that a prediction waits for it
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public CacheSpec backedBy(PredictionCacheStore store, Duration timeout) {
        return new CacheSpec(
                maxBytes,
                maxEntries,
                afterWrite,
                afterAccess,
                Objects.requireNonNull(store),
                positive(timeout),
                checkEvery,
                rules);
    }

    /**
     * With a rule for the versions of one model, in place of the one it had. Others have {@link CacheRule#exact}.
     *
     * @param model the name by which it is registered, or given to {@link PredictionCache#around}
     */
    public CacheSpec rule(String model, CacheRule rule) {
        Map<String, CacheRule> more = new TreeMap<>(rules);
        more.put(Objects.requireNonNull(model), Objects.requireNonNull(rule));
        return new CacheSpec(maxBytes, maxEntries, afterWrite, afterAccess, store, storeTimeout, checkEvery, more);
    }

    /**
     * Has one known answer of so many asked for again, and some of the first, beside the callers: a model that does not say the
     * same is not deterministic, and is not cached from then on. After the first, a hundred times as long as it took passes before
     * the next. 4096 if not said; zero for never. Only where the model's rule
     * takes no two inputs for the same.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public CacheSpec checkEvery(int hits) {
        if (hits < 0) {
            throw new IllegalArgumentException("check every " + hits + " hits: expected zero or more");
        }
        return new CacheSpec(maxBytes, maxEntries, afterWrite, afterAccess, store, storeTimeout, hits, rules);
    }

    private static Duration positive(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("duration of " + duration + ": expected more than zero");
        }
        return duration;
    }

    /** The bound in bytes, or 0 if entries are counted. */
    public long maxBytes() {
        return maxBytes;
    }

    /** The bound in entries, or 0 if bytes are counted. */
    public long maxEntries() {
        return maxEntries;
    }

    @Nullable
    Duration afterWrite() {
        return afterWrite;
    }

    @Nullable
    Duration afterAccess() {
        return afterAccess;
    }

    @Nullable
    PredictionCacheStore store() {
        return store;
    }

    int checkEvery() {
        return checkEvery;
    }

    Duration storeTimeout() {
        return storeTimeout;
    }

    CacheRule rule(String model) {
        return rules.getOrDefault(model, CacheRule.exact());
    }
}
