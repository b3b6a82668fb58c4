package io.jvmlops.spring;

import io.jvmlops.api.model.ModelDecorator;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.monitoring.Monitor;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.serving.cache.CacheSpec;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * A {@link Serving} of the application's {@link ModelRegistry}, unless the application has its own. Takes what is there of
 * {@link ModelLoader}, {@link ModelVerifier}, {@link ModelDecorator}, {@link PredictionListener}, {@link CacheSpec},
 * {@link PredictionCacheStore}, {@link ServingMetrics} and {@link InstantSource} beans. A {@link Monitor} is told of the
 * model that it is named after, every other listener of all models.
 */
@AutoConfiguration(after = {MlopsTrackingAutoConfiguration.class, MlopsMetricsAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "mlops.serving.enabled", matchIfMissing = true)
@EnableConfigurationProperties(MlopsProperties.class)
public final class MlopsServingAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(ModelRegistry.class)
    Serving mlopsServing(
            MlopsProperties properties,
            ModelRegistry registry,
            ObjectProvider<ModelLoader> loaders,
            ObjectProvider<ModelVerifier> verifiers,
            ObjectProvider<ModelDecorator> decorators,
            ObjectProvider<PredictionListener> listeners,
            ObjectProvider<CacheSpec> cache,
            ObjectProvider<PredictionCacheStore> secondLevel,
            ObjectProvider<ServingMetrics> metrics,
            ObjectProvider<InstantSource> clock,
            ObjectProvider<ServingCustomizer> customizers) {
        MlopsProperties.Serving settings = properties.serving();
        Serving.Builder builder = Serving.builder(registry)
                .pollEvery(settings.pollInterval())
                .listenerQueue(settings.listenerQueue())
                .listenerQueueBytes(settings.listenerQueueBytes().toBytes());
        settings.flavors().forEach(builder::flavor);
        if (settings.timeout() != null) {
            builder.timeout(settings.timeout());
        }
        loaders.orderedStream().forEach(builder::loader);
        verifiers.orderedStream().forEach(builder::verifier);
        decorators.orderedStream().forEach(builder::decorator);
        listeners.orderedStream().forEach(listener -> {
            if (listener instanceof Monitor monitor) {
                builder.monitor(monitor.name(), monitor);
            } else {
                builder.listener(listener);
            }
        });
        CacheSpec spec = cache.getIfAvailable();
        if (spec == null) {
            spec = cache(settings.cache(), secondLevel.getIfAvailable());
        }
        if (spec != null) {
            builder.cache(spec);
        }
        metrics.ifAvailable(builder::metrics);
        clock.ifUnique(builder::clock);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private static @Nullable CacheSpec cache(MlopsProperties.Cache settings, @Nullable PredictionCacheStore store) {
        CacheSpec spec;
        if (settings.maxBytes() != null) {
            spec = CacheSpec.maxBytes(settings.maxBytes().toBytes());
        } else if (settings.maxEntries() != null) {
            spec = CacheSpec.maxEntries(settings.maxEntries());
        } else {
            return null;
        }
        spec = spec.checkEvery(settings.checkEvery());
        if (settings.expireAfterWrite() != null) {
            spec = spec.expireAfterWrite(settings.expireAfterWrite());
        }
        if (settings.expireAfterAccess() != null) {
            spec = spec.expireAfterAccess(settings.expireAfterAccess());
        }
        return store == null ? spec : spec.backedBy(store, settings.storeTimeout());
    }
}
