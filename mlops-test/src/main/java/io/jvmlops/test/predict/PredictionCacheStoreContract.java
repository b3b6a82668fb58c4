package io.jvmlops.test.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.test.Concurrently;
import java.util.ArrayList;
import java.util.List;
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
    void manyAreGivenInTheOrderTheyWereAskedFor() {
        PredictionCacheStore store = store();
        store.put(new byte[] {1}, new byte[] {10});
        store.put(new byte[] {2}, new byte[] {20});
        byte[][] keys = {{2}, {9}, {1}, {2}, {}};
        List<Optional<byte[]>> found = store.getAll(List.of(keys));
        assertThat(found).hasSize(5).doesNotContainNull();
        assertOneOf(found.get(0), new byte[] {20});
        assertThat(found.get(1)).isEmpty();
        assertOneOf(found.get(2), new byte[] {10});
        assertOneOf(found.get(3), new byte[] {20});
        assertThat(found.get(4)).isEmpty();
        // Two that are equal are not one array.
        found.get(0).ifPresent(value -> value[0] = 21);
        assertOneOf(found.get(3), new byte[] {20});
        assertOneOf(store.get(new byte[] {2}), new byte[] {20});
    }

    @Test
    void noneAreGivenForNoKeys() {
        assertThat(store().getAll(List.of())).isEmpty();
        assertThatCode(() -> store().putAll(List.of())).doesNotThrowAnyException();
    }

    @Test
    void manyAreStoredAsIfOneByOne() {
        PredictionCacheStore store = store();
        byte[] key = {1};
        byte[] value = {10};
        store.putAll(List.of(
                new PredictionCacheStore.Entry(key, value),
                new PredictionCacheStore.Entry(new byte[] {2}, new byte[] {20}),
                new PredictionCacheStore.Entry(new byte[] {2}, new byte[] {21, 22})));
        key[0] = 3;
        value[0] = 30;
        assertOneOf(store.get(new byte[] {1}), new byte[] {10});
        // The last of two with the same key counts.
        assertOneOf(store.get(new byte[] {2}), new byte[] {21, 22});
        assertThat(store.get(new byte[] {3})).isEmpty();
        assertOneOf(store.getAll(List.of(new byte[] {1})).get(0), new byte[] {10});
    }

    @Test
    void doesNotChangeWhatItIsGiven() {
        PredictionCacheStore store = store();
        byte[] key = {1, 2, 3};
        byte[] value = {4, 5};
        List<byte[]> keys = new ArrayList<>(List.of(key));
        List<PredictionCacheStore.Entry> entries = new ArrayList<>(List.of(new PredictionCacheStore.Entry(key, value)));
        store.putAll(entries);
        List<Optional<byte[]>> found = store.getAll(keys);
        assertThat(found).hasSize(1);
        assertThat(key).containsExactly(1, 2, 3);
        assertThat(value).containsExactly(4, 5);
        assertThat(keys).hasSize(1);
        assertThat(entries).hasSize(1);
    }

    @Test
    void tellsKeysApartThatDifferInOneBit() {
        PredictionCacheStore store = store();
        byte[] key = new byte[300];
        store.put(key, new byte[] {1});
        for (int bit = 0; bit < 8 * key.length; bit++) {
            byte[] other = key.clone();
            other[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(store.get(other)).isEmpty();
        }
        assertThat(store.get(new byte[299])).isEmpty();
        assertThat(store.get(new byte[301])).isEmpty();
        assertOneOf(store.get(key), new byte[] {1});
    }

    @Test
    void takesAnEmptyValue() {
        PredictionCacheStore store = store();
        store.put(new byte[] {1}, new byte[] {});
        assertOneOf(store.get(new byte[] {1}), new byte[] {});
    }

    @Test
    void eightThreadsNeverSeeAnotherKeysValue() {
        PredictionCacheStore store = store();
        Concurrently.run(8, thread -> {
            for (int i = 0; i < 500; i++) {
                byte k = (byte) (i % 50);
                store.put(new byte[] {k}, new byte[] {k, (byte) thread});
                store.get(new byte[] {k}).ifPresent(v -> assertThat(v[0]).isEqualTo(k));
                byte next = (byte) ((i + 1) % 50);
                List<Optional<byte[]>> both = store.getAll(List.of(new byte[] {next}, new byte[] {k}));
                both.get(0).ifPresent(v -> assertThat(v[0]).isEqualTo(next));
                both.get(1).ifPresent(v -> assertThat(v[0]).isEqualTo(k));
            }
            return thread;
        });
    }

    private static void assertOneOf(Optional<byte[]> found, byte[] expected) {
        found.ifPresent(value -> assertThat(value).isEqualTo(expected));
    }
}
