package io.jvmlops.benchmarks.cache;

import com.github.benmanes.caffeine.cache.Cache;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.benchmarks.predict.Fixture;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Caffeine, asked by a program of its user's. */
abstract class PeerHits implements Hits {
    private final Cache<Object, Tensors> cache;

    private PeerHits(HitInputs inputs) {
        cache = Peers.caffeine(inputs.room());
    }

    static Hits perfect(HitInputs inputs, boolean identical) {
        return new MadeAhead(inputs, identical);
    }

    static Hits hashCode(HitInputs inputs) {
        return new HashCodes(inputs);
    }

    static Hits text(HitInputs inputs) {
        return new Texts(inputs);
    }

    final void keep(Object key, HitInputs inputs, int row) {
        cache.put(key, inputs.model().predict(inputs.tensors(row)));
    }

    final Tensors known(Object key) {
        @Nullable Tensors known = cache.getIfPresent(key);
        return Objects.requireNonNull(known, "a row is not known");
    }

    @Override
    public final float number(Object answer) {
        return (float) ((Tensors) answer).get(Fixture.OUTPUT).doubleAt(0);
    }

    @Override
    public final long entries() {
        cache.cleanUp();
        return cache.estimatedSize();
    }

    @Override
    public final void close() {
        cache.invalidateAll();
    }

    private static final class MadeAhead extends PeerHits {
        private final Peers.PerfectKey[] keys;

        MadeAhead(HitInputs inputs, boolean identical) {
            super(inputs);
            keys = new Peers.PerfectKey[inputs.count()];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = new Peers.PerfectKey(inputs.row(i));
            }
            for (int i = 0; i < keys.length; i++) {
                keep(identical ? keys[i] : new Peers.PerfectKey(inputs.row(i).clone()), inputs, i);
            }
        }

        @Override
        public Tensors ask(int row) {
            return known(keys[row]);
        }
    }

    private static final class HashCodes extends PeerHits {
        private final HitInputs inputs;

        HashCodes(HitInputs inputs) {
            super(inputs);
            this.inputs = inputs;
            for (int i = 0; i < inputs.count(); i++) {
                keep(new Peers.HashCodeKey(inputs.row(i).clone()), inputs, i);
            }
        }

        @Override
        public Tensors ask(int row) {
            return known(new Peers.HashCodeKey(inputs.row(row)));
        }
    }

    private static final class Texts extends PeerHits {
        private final HitInputs inputs;

        Texts(HitInputs inputs) {
            super(inputs);
            this.inputs = inputs;
            for (int i = 0; i < inputs.count(); i++) {
                keep(Arrays.toString(inputs.row(i)), inputs, i);
            }
        }

        @Override
        public Tensors ask(int row) {
            return known(Arrays.toString(inputs.row(row)));
        }
    }
}
