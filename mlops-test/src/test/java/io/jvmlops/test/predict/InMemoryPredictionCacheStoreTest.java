package io.jvmlops.test.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.predict.PredictionCacheStore;
import org.junit.jupiter.api.Test;

class InMemoryPredictionCacheStoreTest extends PredictionCacheStoreContract {
    @Override
    protected PredictionCacheStore store() {
        return new InMemoryPredictionCacheStore();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void forgetsNothingWithinItsBound() {
        InMemoryPredictionCacheStore store = new InMemoryPredictionCacheStore(400);
        for (int i = 0; i < 100; i++) {
            store.put(bytes(i, 0), bytes(i, 1));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(store.get(bytes(i, 0)).orElseThrow()).isEqualTo(bytes(i, 1));
        }
        assertThat(store.bytes()).isEqualTo(400);
        assertThat(store.entries()).isEqualTo(100);
    }

    @Test
    void forgetsWhatWasAskedForLongestAgo() {
        InMemoryPredictionCacheStore store = new InMemoryPredictionCacheStore(8);
        store.put(bytes(1), bytes(1));
        store.put(bytes(2), bytes(2));
        store.put(bytes(3), bytes(3, 3, 3));
        assertThat(store.get(bytes(1))).isPresent();
        store.put(bytes(4), bytes(4));
        assertThat(store.get(bytes(2))).isEmpty();
        assertThat(store.get(bytes(1))).isPresent();
        assertThat(store.get(bytes(3))).isPresent();
        assertThat(store.bytes()).isEqualTo(8);
    }

    @Test
    void aValueThatIsReplacedCountsOnce() {
        InMemoryPredictionCacheStore store = new InMemoryPredictionCacheStore(8);
        for (int i = 0; i < 20; i++) {
            store.put(bytes(1), bytes(1, 2, i));
        }
        assertThat(store.bytes()).isEqualTo(4);
        // What is too large is not kept, and what was there before is not the last any more.
        store.put(bytes(1), new byte[8]);
        assertThat(store.get(bytes(1))).isEmpty();
        assertThat(store.bytes()).isZero();
        assertThat(store.entries()).isZero();
    }

    @Test
    void needsRoom() {
        assertThatThrownBy(() -> new InMemoryPredictionCacheStore(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
