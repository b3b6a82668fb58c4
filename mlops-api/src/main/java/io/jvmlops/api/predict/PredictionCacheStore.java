package io.jvmlops.api.predict;

import java.util.Optional;

/**
 * A second level for answers that the first, in memory, no longer has: Redis, a disk, another process. Knows nothing of
 * models: the key holds the model's digest and flavor and every input element, so an answer never goes stale, and
 * the serving compares the whole key before it believes a value.
 *
 * <p>It may forget, and it may fail: an exception counts as a miss and is never seen by whoever predicts. Implementations
 * are thread-safe, bound their own waiting, and pass {@code PredictionCacheStoreContract} of mlops-test.
 */
public interface PredictionCacheStore {
    /** The value last stored under a key with the same bytes, or empty. The array is the caller's. */
    Optional<byte[]> get(byte[] key);

    /** Stores a value. Neither array is kept or changed. */
    void put(byte[] key, byte[] value);
}
