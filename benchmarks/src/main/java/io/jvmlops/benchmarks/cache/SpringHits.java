package io.jvmlops.benchmarks.cache;

import com.github.benmanes.caffeine.cache.Cache;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.benchmarks.predict.Fixture;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A bean whose method is {@code @Cacheable}, over Caffeine; keys are Spring's own, a {@code SimpleKey} around the array. */
final class SpringHits implements Hits {
    private static final String CACHE = "answers";

    private final HitInputs inputs;
    private final Cache<Object, Tensors> cache;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Scorer scorer;

    /** What the application asks. */
    interface Scorer {
        Tensors score(float[] row);
    }

    /** Asks the model. */
    static class ModelScorer implements Scorer {
        private final InferenceModel model;

        ModelScorer(InferenceModel model) {
            this.model = model;
        }

        @Override
        @Cacheable(CACHE)
        public Tensors score(float[] row) {
            // The key holds the array that was given, so the caller must not change it; ours need not know.
            return model.predict(Tensors.of(Fixture.INPUT, Tensor.copyOf(row, 1, row.length)));
        }
    }

    /** As an application switches it on. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Caching {}

    SpringHits(HitInputs inputs) {
        this.inputs = inputs;
        cache = Peers.caffeine(inputs.room());
        context.register(Caching.class);
        context.registerBean(CaffeineCacheManager.class, this::manager);
        context.registerBean(Scorer.class, () -> new ModelScorer(inputs.model()));
        context.refresh();
        scorer = context.getBean(Scorer.class);
        for (int i = 0; i < inputs.count(); i++) {
            // A copy, so that the key that is found is another object than the one that was put, as with all.
            Tensors unused = scorer.score(inputs.row(i).clone());
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // it keeps anything
    private CaffeineCacheManager manager() {
        CaffeineCacheManager manager = new CaffeineCacheManager();
        manager.registerCustomCache(CACHE, (Cache) cache);
        return manager;
    }

    @Override
    public Tensors ask(int row) {
        return scorer.score(inputs.row(row));
    }

    @Override
    public float number(Object answer) {
        return (float) ((Tensors) answer).get(Fixture.OUTPUT).doubleAt(0);
    }

    @Override
    public long entries() {
        cache.cleanUp();
        return cache.estimatedSize();
    }

    @Override
    public void close() {
        context.close();
    }
}
