package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.tracking.Tracking;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.FilteredClassLoader;

class MlopsMetricsAutoConfigurationTest {
    @TempDir
    private Path folder;

    @Test
    void predictionsAreCountedInTheApplicationsRegistry() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Contexts.in(folder)
                .withBean("meters", MeterRegistry.class, () -> meters)
                .withPropertyValues("mlops.serving.cache.max-bytes=1MB")
                .run(context -> {
                    Tracking tracking = context.getBean(Tracking.class);
                    tracking.registry().setAlias("iris", "champion", IrisModel.register(tracking));
                    Predictor<Flower, Classification> iris = context.getBean(Serving.class)
                            .predictor("iris@champion", Flower.class, Classification.class);
                    iris.predict(IrisModel.SETOSA);
                    iris.predict(IrisModel.SETOSA);
                    assertThat(meters.get("mlops.predictions")
                                    .tags("model", "iris", "version", "1", "flavor", "onnx", "outcome", "success")
                                    .timer()
                                    .count())
                            .isEqualTo(2);
                    assertThat(meters.get("mlops.cache.lookups")
                                    .tags("model", "iris", "result", "hit")
                                    .functionCounter()
                                    .count())
                            .isEqualTo(1);
                    assertThat(meters.get("mlops.cache.state")
                                    .tags("model", "iris", "rows", "1")
                                    .gauge()
                                    .value())
                            .isEqualTo(1);
                    assertThat(meters.get("mlops.cache.entries").gauge().value())
                            .isEqualTo(1);
                });
    }

    @Test
    void backsOffForTheApplicationsMetrics() {
        ServingMetrics own = (model, version, flavor) -> ServingMetrics.ModelMetrics.NONE;
        Contexts.in(folder)
                .withBean("meters", MeterRegistry.class, SimpleMeterRegistry::new)
                .withBean("own", ServingMetrics.class, () -> own)
                .run(context ->
                        assertThat(context.getBean(ServingMetrics.class)).isSameAs(own));
    }

    @Test
    void withoutARegistryThereAreNone() {
        Contexts.in(folder)
                .run(context -> assertThat(context).hasSingleBean(Serving.class).doesNotHaveBean(ServingMetrics.class));
    }

    @Test
    void micrometerIsOptional() {
        Contexts.in(folder)
                .withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(Serving.class)
                        .doesNotHaveBean(MlopsMetricsAutoConfiguration.class));
    }
}
