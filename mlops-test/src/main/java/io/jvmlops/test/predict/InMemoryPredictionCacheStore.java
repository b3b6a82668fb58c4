package io.jvmlops.test.predict;

import io.jvmlops.api.predict.PredictionCacheStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A second level of the prediction cache, in memory. Bounded by the bytes of its keys and values: what was asked for longest ago goes
 * first, and what is larger than the bound is not kept at all.
 */
public final class InMemoryPredictionCacheStore implements PredictionCacheStore {
    private static final long DEFAULT_BYTES = 64L << 20;

    private final long maxBytes;
    /** In the order of their last use. */
    private final Map<ByteBuffer, byte[]> values = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** Of 64 MiB. */
    public InMemoryPredictionCacheStore() {
        this(DEFAULT_BYTES);
    }

    /**
     * Of some size.
     *
     * @param maxBytes of keys and values together; objects around them come on top, about 100 bytes for each
     * @throws IllegalArgumentException if it is not positive
     */
    public InMemoryPredictionCacheStore(long maxBytes) {
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("store of " + maxBytes + " bytes: expected more than 0");
        }
        this.maxBytes = maxBytes;
    }

    @Override
    public synchronized Optional<byte[]> get(byte[] key) {
        return Optional.ofNullable(values.get(ByteBuffer.wrap(key))).map(byte[]::clone);
    }

    @Override
    public synchronized void put(byte[] key, byte[] value) {
        byte[] old = values.remove(ByteBuffer.wrap(key));
        if (old != null) {
            bytes -= key.length + (long) old.length;
        }
        long size = key.length + (long) value.length;
        if (size > maxBytes) {
            return;
        }
        values.put(ByteBuffer.wrap(key.clone()), value.clone());
        bytes += size;
        Iterator<Map.Entry<ByteBuffer, byte[]>> eldest = values.entrySet().iterator();
        while (bytes > maxBytes) {
            Map.Entry<ByteBuffer, byte[]> entry = eldest.next();
            bytes -= entry.getKey().capacity() + (long) entry.getValue().length;
            eldest.remove();
        }
    }

    @Override
    public synchronized List<Optional<byte[]>> getAll(List<byte[]> keys) {
        List<Optional<byte[]>> found = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            found.add(get(key));
        }
        return found;
    }

    @Override
    public synchronized void putAll(List<Entry> entries) {
        for (Entry entry : entries) {
            put(entry.key(), entry.value());
        }
    }

    /** How many values it holds. */
    public synchronized int entries() {
        return values.size();
    }

    /** The bytes of the keys and values that it holds. */
    public synchronized long bytes() {
        return bytes;
    }
}
