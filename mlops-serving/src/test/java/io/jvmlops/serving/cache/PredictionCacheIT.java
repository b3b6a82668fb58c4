package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.test.predict.InMemoryPredictionCacheStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PredictionCacheIT {
    private static final Fixture CANCER = Fixture.load("breast_cancer");

    private static InferenceModel open() {
        return Models.load(ModelSource.bytes("model.onnx", CANCER.onnx).trusted());
    }

    /** How many of 20 rows the model was not asked for. */
    private static int hits(PredictionCache cache, InferenceModel model) {
        AtomicInteger asked = new AtomicInteger();
        InferenceModel counted = new ForwardingModel(model) {
            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                asked.incrementAndGet();
                return super.predict(inputs, deadline);
            }
        };
        InferenceModel cached = cache.around("cancer", counted);
        for (int row = 0; row < 20; row++) {
            Tensors input = CANCER.rows(row, row + 1);
            assertThat(cached.predict(input)).isEqualTo(model.predict(input));
        }
        return 20 - asked.get();
    }

    @Test
    void staysWithinItsBound() {
        try (InferenceModel model = open()) {
            PredictionCache tiny = new PredictionCache(CacheSpec.maxBytes(5_000).checkEvery(0));
            hits(tiny, model);
            assertThat(tiny.entries()).isBetween(1L, 15L);
            assertThat(tiny.bytes()).isBetween(1L, 5_000L);
            PredictionCache large =
                    new PredictionCache(CacheSpec.maxBytes(1_000_000).checkEvery(0));
            assertThat(hits(large, model)).isZero();
            assertThat(large.entries()).isEqualTo(20);
            assertThat(hits(large, model)).isEqualTo(20);
            large.invalidateAll();
            assertThat(hits(large, model)).isZero();
        }
    }

    @Test
    void aSecondLevelAnswersWhatTheFirstHasLost() {
        try (InferenceModel model = open()) {
            CacheSpec spec = CacheSpec.maxBytes(1_000_000).checkEvery(0).backedBy(new InMemoryPredictionCacheStore());
            try (PredictionCache first = new PredictionCache(spec)) {
                assertThat(hits(first, model)).isZero();
            }
            assertThat(hits(new PredictionCache(spec), model)).isEqualTo(20);
        }
    }

    @Test
    void aSecondLevelThatFailsOrLiesChangesNoAnswer() {
        PredictionCacheStore down = new PredictionCacheStore() {
            @Override
            public Optional<byte[]> get(byte[] key) {
                throw new IllegalStateException("down");
            }

            @Override
            public void put(byte[] key, byte[] value) {
                throw new IllegalStateException("down");
            }
        };
        PredictionCacheStore garbage = new PredictionCacheStore() {
            @Override
            public Optional<byte[]> get(byte[] key) {
                return Optional.of(new byte[] {1, 2, 3});
            }

            @Override
            public void put(byte[] key, byte[] value) {}
        };
        PredictionCacheStore anotherKeys = new PredictionCacheStore() {
            private byte[] last = {};

            @Override
            public Optional<byte[]> get(byte[] key) {
                return last.length == 0 ? Optional.empty() : Optional.of(last);
            }

            @Override
            public void put(byte[] key, byte[] value) {
                last = value.clone();
            }
        };
        try (InferenceModel model = open()) {
            for (PredictionCacheStore store : List.of(down, garbage, anotherKeys)) {
                PredictionCache cache = new PredictionCache(
                        CacheSpec.maxBytes(1_000_000).checkEvery(0).backedBy(store));
                assertThat(hits(cache, model)).isZero();
            }
        }
    }
}
