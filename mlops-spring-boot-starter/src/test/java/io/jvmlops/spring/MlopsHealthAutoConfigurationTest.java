package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.Serving;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.ApplicationContext;

class MlopsHealthAutoConfigurationTest {
    @TempDir
    private Path folder;

    private static Health tracking(ApplicationContext context) {
        return context.getBean("mlopsTrackingHealthIndicator", HealthIndicator.class)
                .health();
    }

    private static Health serving(ApplicationContext context) {
        return context.getBean("mlopsServingHealthIndicator", HealthIndicator.class)
                .health();
    }

    @Test
    void theTrackingIsUpWhileItsStoreAnswers() {
        Contexts.in(folder).run(context -> {
            assertThat(tracking(context).getStatus()).isEqualTo(Status.UP);
            assertThat(tracking(context).getDetails()).isEqualTo(Map.of("location", folder.toString()));
            context.getBean(Tracking.class).close();
            assertThat(tracking(context).getStatus()).isEqualTo(Status.DOWN);
            assertThat(tracking(context).getDetails())
                    .containsEntry("location", folder.toString())
                    .hasEntrySatisfying(
                            "error", error -> assertThat(error.toString()).contains("has been closed"));
        });
    }

    @Test
    void theServingSaysWhatIsLive() {
        Contexts.in(folder).run(context -> {
            assertThat(serving(context))
                    .isEqualTo(Health.up().withDetail("models", Map.of()).build());
            ModelVersion version = promote(context, IrisModel.register(context.getBean(Tracking.class)));
            context.getBean(Serving.class).predictor("iris@champion", Flower.class, Classification.class);
            assertThat(serving(context).getStatus()).isEqualTo(Status.UP);
            assertThat(iris(serving(context)))
                    .containsEntry("version", 1)
                    .containsEntry("digest", version.digest().toString())
                    .containsEntry("flavor", "onnx")
                    .containsKey("since")
                    .doesNotContainKey("lastFailure");
        });
    }

    @Test
    void theServingWarnsWhileANewerVersionCannotGoLive() {
        Contexts.in(folder).run(context -> {
            Tracking tracking = context.getBean(Tracking.class);
            Serving serving = context.getBean(Serving.class);
            ModelVersion good = promote(context, IrisModel.register(tracking));
            serving.predictor("iris@champion", Flower.class, Classification.class);
            promote(context, IrisModel.registerBroken(tracking));
            serving.refresh();

            Health health = serving(context);
            assertThat(health.getStatus()).isEqualTo(new Status("WARNING"));
            assertThat(iris(health))
                    .containsEntry("version", 1)
                    .hasEntrySatisfying(
                            "lastFailure",
                            failure -> assertThat(failure.toString()).startsWith("iris/2: "));
            assertThat(StatusAggregator.getDefault().getAggregateStatus(Status.UP, health.getStatus()))
                    .as("the application's own status: it answers, and stays in the balance")
                    .isEqualTo(Status.UP);

            promote(context, good);
            serving.refresh();
            assertThat(serving(context).getStatus()).isEqualTo(Status.UP);
            assertThat(iris(serving(context))).doesNotContainKey("lastFailure");
        });
    }

    private static ModelVersion promote(ApplicationContext context, ModelVersion version) {
        context.getBean(ModelRegistry.class).setAlias("iris", "champion", version);
        return version;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> iris(Health health) {
        Map<String, Object> models = (Map<String, Object>) health.getDetails().get("models");
        return (Map<String, Object>) models.get("iris@champion");
    }

    @Test
    void eachCanBeSwitchedOff() {
        Contexts.in(folder)
                .withPropertyValues("management.health.mlops-tracking.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean("mlopsTrackingHealthIndicator")
                        .hasBean("mlopsServingHealthIndicator"));
        Contexts.in(folder)
                .withPropertyValues("management.health.mlops-serving.enabled=false")
                .run(context -> assertThat(context)
                        .hasBean("mlopsTrackingHealthIndicator")
                        .doesNotHaveBean("mlopsServingHealthIndicator"));
    }

    @Test
    void eachBacksOff() {
        HealthIndicator own = () -> Health.outOfService().build();
        Contexts.in(folder)
                .withBean("mlopsTrackingHealthIndicator", HealthIndicator.class, () -> own)
                .withBean("mlopsServingHealthIndicator", HealthIndicator.class, () -> own)
                .run(context -> {
                    assertThat(tracking(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    assertThat(serving(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                });
    }

    @Test
    void thereIsNoneOfWhatIsNotThere() {
        Contexts.in(folder)
                .withPropertyValues("mlops.tracking.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HealthIndicator.class));
    }

    @Test
    void healthIsOptional() {
        Contexts.in(folder)
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(Serving.class)
                        .doesNotHaveBean(MlopsHealthAutoConfiguration.class));
    }
}
