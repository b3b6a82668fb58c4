package io.jvmlops.serving.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.PredictionCacheStore;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bounded cache that the models of a serving share. Each model is wrapped on its own ({@link #around}), inside its
 * lease; since its digest is in every key, versions never see each other's answers.
 *
 * <p>A whole call is one entry. Two callers that miss at once both ask the model; nothing is locked while it runs.
 */
public final class PredictionCache {
    private static final Logger LOG = LoggerFactory.getLogger(PredictionCache.class);

    /** What an entry takes beyond elements: the table's node, key, tensors, names' references, array headers. */
    private static final int ENTRY_OVERHEAD = 320;

    private static final int TENSOR_OVERHEAD = 160;

    private final Cache<CacheKey, Tensors> cache;
    private final @Nullable PredictionCacheStore store;
    private final AtomicBoolean storeFailed = new AtomicBoolean();

    public PredictionCache(CacheSpec spec) {
        cache = Caffeine.newBuilder()
                .maximumWeight(spec.maxBytes())
                .weigher((CacheKey key, Tensors value) -> weigh(key, value))
                // Maintenance on the caller's thread, a few entries at a time: none of ours runs on the common pool.
                .executor(Runnable::run)
                .build();
        store = spec.store();
    }

    private static int weigh(CacheKey key, Tensors value) {
        long bytes = ENTRY_OVERHEAD + weigh(key.inputs()) + weigh(value);
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    private static long weigh(Tensors tensors) {
        long bytes = 0;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.at(i);
            bytes += TENSOR_OVERHEAD;
            if (tensor.type() == DataType.BYTES) {
                for (int e = 0; e < tensor.size(); e++) {
                    bytes += 56 + 2L * tensor.stringAt(e).length();
                }
            } else {
                bytes += (long) tensor.size() * tensor.type().bytes();
            }
        }
        return bytes;
    }

    /**
     * A model that answers from the cache what it has answered before.
     *
     * @param lookups told of every lookup: whether the answer was there
     */
    public InferenceModel around(InferenceModel model, Consumer<Boolean> lookups) {
        return new CachedModel(model, lookups);
    }

    /** Forgets every answer in memory; a second level keeps its own. */
    public void invalidateAll() {
        cache.invalidateAll();
    }

    /** Entries in memory, about. */
    public long entries() {
        cache.cleanUp();
        return cache.estimatedSize();
    }

    private @Nullable Tensors fromStore(PredictionCacheStore second, byte[] key) {
        try {
            Optional<byte[]> value = second.get(key);
            return value.isEmpty() ? null : TensorsCodec.decode(key, value.get());
        } catch (IOException | RuntimeException e) {
            warn(e);
            return null;
        }
    }

    private void toStore(PredictionCacheStore second, byte[] key, Tensors outputs) {
        try {
            second.put(key, TensorsCodec.encode(key, outputs));
        } catch (RuntimeException e) {
            warn(e);
        }
    }

    private void warn(Exception e) {
        if (storeFailed.compareAndSet(false, true)) {
            LOG.warn("The second level of the prediction cache failed; its answers count as misses. Said once", e);
        }
    }

    private final class CachedModel extends ForwardingModel {
        private final Consumer<Boolean> lookups;
        private final Digest digest;
        private final String flavor;
        private final String[] order;
        private volatile boolean closed;

        CachedModel(InferenceModel model, Consumer<Boolean> lookups) {
            super(model);
            this.lookups = lookups;
            this.digest = model.digest();
            this.flavor = model.flavor();
            this.order =
                    model.signature().inputs().stream().map(TensorSpec::name).toArray(String[]::new);
        }

        @Override
        public Tensors predict(Tensors inputs, Deadline deadline) {
            if (closed) {
                // What is closed does not answer, whatever it remembers.
                throw new ClosedException("model " + digest.abbreviated() + " is closed");
            }
            // A key is made of what the model takes: what does not fit gets the model's own complaint.
            signature().checkInputs("input of model " + digest.abbreviated(), inputs);
            CacheKey key = CacheKey.of(digest, flavor, order, inputs);
            Tensors known = cache.getIfPresent(key);
            if (known != null) {
                lookups.accept(Boolean.TRUE);
                return known;
            }
            byte[] bytes = store == null ? null : TensorsCodec.encode(key);
            Tensors outputs = store == null || bytes == null ? null : fromStore(store, bytes);
            lookups.accept(outputs != null);
            if (outputs == null) {
                outputs = wrapped().predict(inputs, deadline);
                if (store != null && bytes != null) {
                    toStore(store, bytes, outputs);
                }
            }
            cache.put(key, outputs);
            return outputs;
        }

        @Override
        public void close() {
            closed = true;
            super.close();
        }
    }
}
