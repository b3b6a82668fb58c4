package io.jvmlops.test.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.test.Concurrently;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PredictionCacheStore} promises. A store may forget, so nothing here insists that a value is still
 * there; what is there must be the value of exactly that key.
 */
public abstract class PredictionCacheStoreContract {
    /** A store with room for a few thousand small values. */
    protected abstract PredictionCacheStore store();

    @Test
    void anUnknownKeyHasNoValue() {
        assertThat(store().get(new byte[] {1})).isEmpty();
    }

    @Test
    void givesTheLastValueOfExactlyThatKey() {
        PredictionCacheStore store = store();
        store.put(new byte[] {1, 2}, new byte[] {10});
        store.put(new byte[] {1}, new byte[] {20});
        store.put(new byte[] {}, new byte[] {30});
        store.put(new byte[] {1, 2}, new byte[] {40, 41});
        assertOneOf(store.get(new byte[] {1, 2}), new byte[] {40, 41});
        assertOneOf(store.get(new byte[] {1}), new byte[] {20});
        assertOneOf(store.get(new byte[] {}), new byte[] {30});
        assertThat(store.get(new byte[] {2})).isEmpty();
        assertThat(store.get(new byte[] {1, 2, 0})).isEmpty();
    }

    @Test
    void keepsNeitherArray() {
        PredictionCacheStore store = store();
        byte[] key = {5};
        byte[] value = {6};
        store.put(key, value);
        key[0] = 7;
        value[0] = 8;
        assertOneOf(store.get(new byte[] {5}), new byte[] {6});
        store.get(new byte[] {5}).ifPresent(found -> found[0] = 9);
        assertOneOf(store.get(new byte[] {5}), new byte[] {6});
        assertThat(store.get(new byte[] {7})).isEmpty();
    }

    @Test
    void takesLargeValues() {
        PredictionCacheStore store = store();
        byte[] large = new byte[1 << 20];
        large[large.length - 1] = 1;
        store.put(new byte[] {1}, large);
        assertOneOf(store.get(new byte[] {1}), large);
    }

    @Test
    void eightThreadsNeverSeeAnotherKeysValue() {
        PredictionCacheStore store = store();
        Concurrently.run(8, thread -> {
            for (int i = 0; i < 2000; i++) {
                byte k = (byte) (i % 50);
                store.put(new byte[] {k}, new byte[] {k, (byte) thread});
                store.get(new byte[] {k}).ifPresent(v -> assertThat(v[0]).isEqualTo(k));
            }
            return thread;
        });
    }

    private static void assertOneOf(Optional<byte[]> found, byte[] expected) {
        found.ifPresent(value -> assertThat(value).isEqualTo(expected));
    }
}
