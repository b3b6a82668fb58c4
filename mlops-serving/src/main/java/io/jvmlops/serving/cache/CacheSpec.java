package io.jvmlops.serving.cache;

import io.jvmlops.api.predict.PredictionCacheStore;
import org.jspecify.annotations.Nullable;

/**
 * How large the prediction cache of a serving may get, over all its models, and what stands behind it. Immutable.
 *
 * <p>An answer is a function of the model's bytes and the input's bits, both of which are in the key, so an entry is
 * never stale: a bound only frees memory.
 */
public final class CacheSpec {
    private final long maxBytes;
    private final @Nullable PredictionCacheStore store;

    private CacheSpec(long maxBytes, @Nullable PredictionCacheStore store) {
        this.maxBytes = maxBytes;
        this.store = store;
    }

    /**
     * Bounded by the memory of keys, values and what surrounds them, estimated from above.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    public static CacheSpec maxBytes(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("cache of " + bytes + " bytes: expected more than 0");
        }
        return new CacheSpec(bytes, null);
    }

    /** With a second level that is asked on a miss, and told of every answer of the model. */
    public CacheSpec backedBy(PredictionCacheStore store) {
        return new CacheSpec(maxBytes, store);
    }

    /** The bound. */
    public long maxBytes() {
        return maxBytes;
    }

    @Nullable
    PredictionCacheStore store() {
        return store;
    }
}
