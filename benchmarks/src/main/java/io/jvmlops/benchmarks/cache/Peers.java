package io.jvmlops.benchmarks.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.jvmlops.api.data.Tensors;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What people write around a model: Caffeine, set up as ours is, and keys made of rows of floats. */
final class Peers {
    /** What an entry is taken to weigh. */
    private static final int WEIGHT = 400;

    private Peers() {}

    /**
     * With room for so many entries. Bounded by weight, with maintenance on the caller's thread and a listener that counts: as
     * {@code PredictionCache} has it.
     */
    static Cache<Object, Tensors> caffeine(long entries) {
        LongAdder evictions = new LongAdder();
        return Caffeine.newBuilder()
                .evictionListener((key, value, cause) -> evictions.increment())
                .executor(Runnable::run)
                .maximumWeight(entries * WEIGHT)
                .weigher((Object key, Tensors value) -> WEIGHT)
                .build();
    }

    /** What most write: the library's hash of the row, and equality of its elements. */
    static final class HashCodeKey {
        private final float[] row;

        /** @param row not copied */
        HashCodeKey(float[] row) {
            this.row = row;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof HashCodeKey that && Arrays.equals(row, that.row);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(row);
        }
    }

    /**
     * The best key there can be: all bits of the row are mixed into 64 when it is made, and equality is of all elements. Nothing is
     * left to do when it is looked up.
     */
    static final class PerfectKey {
        private static final long GOLDEN = 0x9e3779b97f4a7c15L;

        private final float[] row;
        private final long hash;

        /** @param row not copied */
        PerfectKey(float[] row) {
            this.row = row;
            this.hash = mix(row);
        }

        private static long mix(float[] row) {
            long hash = row.length;
            for (float value : row) {
                // The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) after each element.
                hash = (hash ^ Float.floatToRawIntBits(value)) + GOLDEN;
                hash = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
                hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
                hash ^= hash >>> 31;
            }
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other
                    || other instanceof PerfectKey that && hash == that.hash && Arrays.equals(row, that.row);
        }

        @Override
        public int hashCode() {
            return (int) (hash ^ hash >>> 32);
        }
    }
}
