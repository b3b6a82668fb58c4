package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.PredictionCacheStore;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's store, behind what keeps it from doing harm. */
final class SecondLevel {
    private static final Logger LOG = LoggerFactory.getLogger(SecondLevel.class);

    private final PredictionCacheStore store;
    private final AtomicBoolean failed = new AtomicBoolean();

    SecondLevel(PredictionCacheStore store) {
        this.store = store;
    }

    /** The answers it has, null where it has none, or has not by the deadline; never throws. */
    @Nullable
    Tensors[] get(CacheKey[] keys, Deadline deadline) {
        @Nullable Tensors[] found = new Tensors[keys.length];
        for (int i = 0; i < keys.length; i++) {
            byte[] key = StoreCodec.encode(keys[i]);
            try {
                Optional<byte[]> value = store.get(key);
                found[i] = value.isEmpty() ? null : StoreCodec.decode(key, value.get());
            } catch (IOException | RuntimeException e) {
                warn(e);
            }
        }
        return found;
    }

    /** Tells it of an answer, some time; never throws. */
    void put(CacheKey key, Tensors outputs) {
        byte[] bytes = StoreCodec.encode(key);
        try {
            store.put(bytes, StoreCodec.encode(bytes, outputs));
        } catch (RuntimeException e) {
            warn(e);
        }
    }

    private void warn(Exception e) {
        if (failed.compareAndSet(false, true)) {
            LOG.warn("The second level of the prediction cache failed; its answers count as misses. Said once", e);
        }
    }

    void close() {}
}
