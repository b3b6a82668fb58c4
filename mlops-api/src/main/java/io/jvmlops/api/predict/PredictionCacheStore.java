package io.jvmlops.api.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A second level for answers that the first, in memory, no longer has: Redis, a disk, another process. Knows nothing of
 * models: the key holds the model's digest and flavor and every input element, so an answer never goes stale, and
 * the serving compares the whole key before it believes a value.
 *
 * <p>It may forget, it may fail, and it may be slow: an exception counts as a miss and is never seen by whoever predicts, and
 * nobody waits longer than the serving was told to; what fails again and again is left alone for a while. Called on threads of the
 * serving's, which are interrupted when the time is over. Keys and values have at most 1 MiB each, and are the same bytes in every
 * process. A value holds its key and a checksum, so that one that was damaged or belongs elsewhere is found out; one that was
 * forged is not: whoever may write to the store may write answers. Implementations are thread-safe and pass
 * {@code PredictionCacheStoreContract} of mlops-test.
 */
public interface PredictionCacheStore {
    /** The value last stored under a key with the same bytes, or empty. The array is the caller's. */
    Optional<byte[]> get(byte[] key);

    /** Stores a value, or does not; the key's last value is then not given any more. Neither array is kept or changed. */
    void put(byte[] key, byte[] value);

    /**
     * As {@link #get} for each, in their order. Called for what a batch misses; a store that has a call for many overrides it.
     *
     * @return as many as there are keys
     */
    default List<Optional<byte[]>> getAll(List<byte[]> keys) {
        List<Optional<byte[]>> values = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            values.add(get(key));
        }
        return values;
    }

    /** As {@link #put} for each entry, in their order. Called beside the predictions, for what has come together meanwhile. */
    default void putAll(List<Entry> entries) {
        for (Entry entry : entries) {
            put(entry.key(), entry.value());
        }
    }

    /** A key and its value, neither of which is copied. */
    final class Entry {
        private final byte[] key;
        private final byte[] value;

        public Entry(byte[] key, byte[] value) {
            this.key = key;
            this.value = value;
        }

        public byte[] key() {
            return key;
        }

        public byte[] value() {
            return value;
        }
    }
}
