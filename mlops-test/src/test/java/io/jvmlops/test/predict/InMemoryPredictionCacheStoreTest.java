package io.jvmlops.test.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.predict.PredictionCacheStore;
import org.junit.jupiter.api.Test;

class InMemoryPredictionCacheStoreTest extends PredictionCacheStoreContract {
    @Override
    protected PredictionCacheStore store() {
        return new InMemoryPredictionCacheStore();
    }

    @Test
    void forgetsNothing() {
        PredictionCacheStore store = store();
        store.put(new byte[] {1}, new byte[] {2});
        assertThat(store.get(new byte[] {1}))
                .hasValueSatisfying(v -> assertThat(v).containsExactly(2));
    }
}
