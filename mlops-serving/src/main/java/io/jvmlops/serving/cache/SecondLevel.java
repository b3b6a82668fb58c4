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

    /**
     * What has happened so far.
     *
     * @param hits keys that the store had an answer for
     * @param misses keys that it said it does not have
     * @param failures calls that threw, or gave something that is no answer to what was asked
     * @param timeouts calls that took too long
     * @param skipped keys that it was not asked for: it is left alone, all threads are busy, or the key is too large
     * @param written answers that it took
     * @param dropped answers that it was not given, since there was no room to wait, it is left alone or failed, or they are too large
     * @param open whether it is left alone at the moment, because it failed or was too slow
     */
    record Numbers(
            long hits,
            long misses,
            long failures,
            long timeouts,
            long skipped,
            long written,
            long dropped,
            boolean open) {}

    Numbers numbers() {
        return new Numbers(0, 0, 0, 0, 0, 0, 0, false);
    }

    private void warn(Exception e) {
        if (failed.compareAndSet(false, true)) {
            LOG.warn("The second level of the prediction cache failed; its answers count as misses. Said once", e);
        }
    }

    void close() {}
}
