package io.jvmlops.spring;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * A {@link Tracking} and its {@link ModelRegistry}, unless the application has its own. Stores that are beans are used in
 * place of the defaults in {@code mlops.tracking.folder}; a registry that is a bean is used by the tracking if the
 * {@link ArtifactStore} that it reads from is a bean too.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "mlops.tracking.enabled", matchIfMissing = true)
@EnableConfigurationProperties(MlopsProperties.class)
public final class MlopsTrackingAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(Tracking.class)
    @ConditionalOnSingleCandidate(ModelRegistry.class)
    @ConditionalOnBean(ArtifactStore.class)
    Tracking mlopsTrackingOfRegistry(
            MlopsProperties properties,
            ModelRegistry registry,
            ObjectProvider<TrackingStore> store,
            ObjectProvider<MetricStore> metrics,
            ObjectProvider<ArtifactStore> artifacts,
            ObjectProvider<DatasetStore> datasets,
            ObjectProvider<InstantSource> clock,
            ObjectProvider<TrackingCustomizer> customizers) {
        return build(
                builder(properties, store, metrics, artifacts, datasets, clock).registry(registry), customizers);
    }

    @Bean
    @ConditionalOnMissingBean(Tracking.class)
    Tracking mlopsTracking(
            MlopsProperties properties,
            ObjectProvider<TrackingStore> store,
            ObjectProvider<MetricStore> metrics,
            ObjectProvider<ArtifactStore> artifacts,
            ObjectProvider<DatasetStore> datasets,
            ObjectProvider<InstantSource> clock,
            ObjectProvider<TrackingCustomizer> customizers) {
        return build(builder(properties, store, metrics, artifacts, datasets, clock), customizers);
    }

    private static Tracking.Builder builder(
            MlopsProperties properties,
            ObjectProvider<TrackingStore> store,
            ObjectProvider<MetricStore> metrics,
            ObjectProvider<ArtifactStore> artifacts,
            ObjectProvider<DatasetStore> datasets,
            ObjectProvider<InstantSource> clock) {
        MlopsProperties.Tracking settings = properties.tracking();
        Tracking.Builder builder = Tracking.builder()
                .folder(Path.of(settings.folder()))
                .lease(settings.lease())
                .recordSource(settings.recordSource())
                .failFast(settings.failFast());
        store.ifAvailable(builder::store);
        metrics.ifAvailable(builder::metrics);
        artifacts.ifAvailable(builder::artifacts);
        datasets.ifAvailable(builder::datasets);
        clock.ifUnique(builder::clock);
        return builder;
    }

    private static Tracking build(Tracking.Builder builder, ObjectProvider<TrackingCustomizer> customizers) {
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    /** The tracking closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(Tracking.class)
    ModelRegistry mlopsModelRegistry(Tracking tracking) {
        return tracking.registry();
    }
}
