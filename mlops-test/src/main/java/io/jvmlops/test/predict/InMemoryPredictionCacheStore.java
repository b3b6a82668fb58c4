package io.jvmlops.test.predict;

import io.jvmlops.api.predict.PredictionCacheStore;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A second level of the prediction cache, in memory and without a bound. */
public final class InMemoryPredictionCacheStore implements PredictionCacheStore {
    private final Map<ByteBuffer, byte[]> values = new ConcurrentHashMap<>();

    @Override
    public Optional<byte[]> get(byte[] key) {
        return Optional.ofNullable(values.get(ByteBuffer.wrap(key))).map(byte[]::clone);
    }

    @Override
    public void put(byte[] key, byte[] value) {
        values.put(ByteBuffer.wrap(key.clone()), value.clone());
    }
}
