package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cache remembers of one loaded version: the scopes that keys are of at the moment, and when all of it is forgotten.
 * Thread-safe.
 */
final class ModelMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);

    private final PredictionCache cache;
    private final Judges judges;
    private final String title;
    private final boolean byRow;
    private final @Nullable FloatAnswer floats;
    private volatile Scope row;
    private volatile Scope whole;

    /**
     * @param title of the version, for the log
     * @param floats null if the model gives something else
     * @param row null where rows have no keys of their own
     */
    ModelMemory(
            PredictionCache cache,
            Judges judges,
            String title,
            @Nullable FloatAnswer floats,
            @Nullable Scope row,
            Scope whole) {
        this.cache = cache;
        this.judges = judges;
        this.title = title;
        this.byRow = row != null;
        this.floats = floats;
        this.row = row == null ? whole : row;
        this.whole = whole;
    }

    /** Of a row's key; where rows have none, that of wholes. */
    Scope row() {
        return row;
    }

    /** Of a key of a whole call. */
    Scope whole() {
        return whole;
    }

    boolean isRow(CacheKey key) {
        return byRow && Arrays.equals(key.scope().header(), row.header());
    }

    boolean isCurrent(Scope scope) {
        return scope.equals(row) || scope.equals(whole);
    }

    void keep(CacheKey key, Tensors outputs) {
        // What was forgotten meanwhile is not remembered again.
        if (isCurrent(key.scope()) && !judges.refused()) {
            cache.keep(key, key.isOfFloats() && floats != null ? floats.pack(outputs) : outputs);
        }
    }

    /** Whether an answer that is asked for with arrays is remembered as numbers alone. */
    boolean packs() {
        return floats != null;
    }

    @Nullable
    Tensors find(KeyBuffer key) {
        Object known = cache.find(key);
        return known == null ? null : unpack(known);
    }

    @Nullable
    Tensors find(CacheKey key) {
        Object known = cache.find(key);
        return known == null ? null : unpack(known);
    }

    /** As it is remembered, for {@link #unpack}. */
    @Nullable
    Object findPacked(KeyBuffer key) {
        return cache.find(key);
    }

    Tensors unpack(Object known) {
        return known instanceof float[] numbers && floats != null ? floats.unpack(numbers) : (Tensors) known;
    }

    /** The model draws lots: nothing of it is remembered any more. */
    void refuse() {
        judges.refuse("the same input was answered differently");
        forget();
        LOG.warn("Model {} answers the same input differently from call to call; it is not cached from now on", title);
    }

    void forget() {
        forget(cache.nextEpoch());
    }

    /** Answers from before an epoch are not given any more, and given up. */
    void forget(int epoch) {
        renew(epoch);
        cache.sweep(this::isOld);
    }

    /** Answers from before an epoch are not given any more. */
    synchronized void renew(int epoch) {
        Scope last = row;
        if (epoch > last.epoch()) {
            Scope next = last.at(epoch);
            whole = byRow ? whole.at(epoch) : next;
            row = next;
        }
    }

    private boolean isOld(CacheKey key) {
        Scope scope = key.scope();
        return scope.epoch() < row.epoch()
                && (Arrays.equals(scope.header(), row.header()) || Arrays.equals(scope.header(), whole.header()));
    }
}
