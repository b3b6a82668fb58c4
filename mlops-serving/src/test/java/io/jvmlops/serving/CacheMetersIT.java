package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.cache.CacheRule;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.jvmlops.test.predict.InMemoryPredictionCacheStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache's numbers as meters, over loading and unloading. */
class CacheMetersIT {
    private final TestRegistry models = new TestRegistry();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Fixture fixture = Fixture.load("breast_cancer");

    @BeforeEach
    void register() {
        models.onnx("cancer", fixture.onnx);
    }

    @AfterEach
    void close() {
        models.close();
    }

    private Serving.Builder serving(CacheSpec spec) {
        return Serving.builder(models.registry).cache(spec.checkEvery(0)).metrics(MicrometerServingMetrics.of(meters));
    }

    private void ask(Serving serving, int rows) {
        Predictor<Tensors, Tensors> cancer = serving.predictor("cancer/1", Tensors.class, Tensors.class);
        for (int row = 0; row < rows; row++) {
            assertThat(cancer.predict(fixture.rows(row, row + 1)).size()).isPositive();
        }
    }

    private double lookups(String result) {
        FunctionCounter counter = meters.find("mlops.cache.lookups")
                .tags("model", "cancer", "version", "1", "flavor", "onnx", "result", result)
                .functionCounter();
        return counter == null ? -1 : counter.count();
    }

    private double state(String rows) {
        Gauge gauge = meters.find("mlops.cache.state")
                .tags("model", "cancer", "rows", rows)
                .gauge();
        return gauge == null ? Double.NaN : gauge.value();
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    @Test
    void countsGoOnWhenAVersionIsLoadedAgain() {
        try (Serving serving = serving(CacheSpec.maxBytes(1_000_000)).build()) {
            ask(serving, 5);
            ask(serving, 5);
            assertThat(lookups("hit")).isEqualTo(5);
            assertThat(lookups("miss")).isEqualTo(5);
            assertThat(lookups("shared")).isZero();
            assertThat(state("1")).isEqualTo(1);
            assertThat(state("128+")).isEqualTo(1);
            assertThat(gauge("mlops.cache.entries")).isEqualTo(5);
            assertThat(gauge("mlops.cache.bytes")).isBetween(500.0, 50_000.0);
            assertThat(serving.unload("cancer/1")).isTrue();
            assertThat(lookups("hit")).isEqualTo(5);
            assertThat(state("1")).as("there is no state of what is not loaded").isNaN();
            ask(serving, 3);
            assertThat(state("1")).isEqualTo(1);
            assertThat(lookups("hit") + lookups("miss")).isEqualTo(13);
            serving.cache().orElseThrow().invalidateAll();
            assertThat(gauge("mlops.cache.entries")).isZero();
        }
        assertThat(lookups("hit") + lookups("miss")).isEqualTo(13);
        assertThat(meters.find("mlops.cache.state").gauges()).isEmpty();
    }

    @Test
    void twoReferencesToOneVersionAddUpAndSoDoServings() {
        models.registry.setAlias("cancer", "champion", models.registry.get(ModelRef.parse("cancer/1")));
        MicrometerServingMetrics metrics = MicrometerServingMetrics.of(meters);
        CacheSpec spec = CacheSpec.maxEntries(100).checkEvery(0);
        try (Serving one = Serving.builder(models.registry)
                        .cache(spec)
                        .metrics(metrics)
                        .build();
                Serving other = Serving.builder(models.registry)
                        .cache(spec)
                        .metrics(metrics)
                        .build()) {
            ask(one, 4);
            one.predictor("cancer@champion", Tensors.class, Tensors.class).predict(fixture.rows(0, 1));
            ask(other, 3);
            assertThat(lookups("miss")).isEqualTo(7);
            assertThat(lookups("hit")).as("the same bytes know the same").isEqualTo(1);
            assertThat(gauge("mlops.cache.entries")).isEqualTo(7);
            assertThat(one.unload("cancer/1")).isTrue();
            assertThat(state("1")).as("still loaded for the alias").isEqualTo(1);
            assertThat(lookups("miss")).isEqualTo(7);
        }
        assertThat(lookups("miss")).isEqualTo(7);
    }

    @Test
    void anAdapterOfItsOwnTakesThePlaceOfOneThatIsGone() {
        try (Serving serving = serving(CacheSpec.maxEntries(100)).build()) {
            ask(serving, 5);
        }
        try (Serving serving = serving(CacheSpec.maxEntries(100)).build()) {
            ask(serving, 2);
            assertThat(lookups("miss")).isEqualTo(2);
            assertThat(gauge("mlops.cache.entries")).isEqualTo(2);
        }
    }

    @Test
    void aRuleThatSaysNeverIsSeen() {
        try (Serving serving = serving(CacheSpec.maxEntries(100).rule("cancer", CacheRule.never()))
                .build()) {
            ask(serving, 2);
            assertThat(state("1")).isEqualTo(-1);
            assertThat(lookups("miss")).isZero();
        }
    }

    @Test
    void theSecondLevelAndEvictionsAreCounted() {
        PredictionCacheStore store = new InMemoryPredictionCacheStore();
        try (Serving serving =
                serving(CacheSpec.maxEntries(100).backedBy(store)).build()) {
            ask(serving, 5);
        }
        assertThat(meters.get("mlops.cache.store")
                        .tag("result", "miss")
                        .functionCounter()
                        .count())
                .isEqualTo(5);
        try (Serving serving = serving(CacheSpec.maxEntries(2).backedBy(store)).build()) {
            ask(serving, 5);
            assertThat(lookups("stored")).isEqualTo(5);
            assertThat(lookups("miss")).isZero();
            assertThat(meters.get("mlops.cache.store")
                            .tag("result", "hit")
                            .functionCounter()
                            .count())
                    .isEqualTo(5);
            assertThat(gauge("mlops.cache.store.open")).isZero();
            assertThat(gauge("mlops.cache.entries")).isEqualTo(2);
            assertThat(meters.get("mlops.cache.evictions").functionCounter().count())
                    .isEqualTo(3);
        }
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
        try (Serving serving = serving(CacheSpec.maxEntries(100).backedBy(down)).build()) {
            ask(serving, 20);
            assertThat(meters.get("mlops.cache.store")
                            .tag("result", "failure")
                            .functionCounter()
                            .count())
                    .isPositive();
            assertThat(gauge("mlops.cache.store.open")).isEqualTo(1);
            assertThat(lookups("miss")).isEqualTo(20);
        }
    }

    @Test
    void whatIsRetiredIsNotHeldByItsMeters() {
        List<WeakReference<InferenceModel>> loaded = new ArrayList<>();
        try (Serving serving = serving(CacheSpec.maxBytes(1_000_000))
                .decorator(model -> {
                    loaded.add(new WeakReference<>(model));
                    return model;
                })
                .build()) {
            ask(serving, 5);
            assertThat(serving.unload("cancer/1")).isTrue();
            assertThat(loaded).hasSize(1);
            long end = System.nanoTime() + 20_000_000_000L;
            while (loaded.get(0).get() != null && System.nanoTime() < end) {
                System.gc();
            }
            assertThat(loaded.get(0).get()).isNull();
            assertThat(lookups("miss")).isEqualTo(5);
        }
    }
}
