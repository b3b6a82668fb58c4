package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.monitoring.Monitor;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.Serving;
import io.jvmlops.tracking.Tracking;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Applications that are really started, with everything that Spring Boot configures by itself. */
class IrisApplicationIT {
    @TempDir
    private Path folder;

    private String inFolder() {
        return "--mlops.tracking.folder=" + folder;
    }

    @Test
    void registersAndPredicts() {
        Predictor<Flower, Classification> left;
        try (ConfigurableApplicationContext context = IrisApplication.start(IrisApplication.class, inFolder())) {
            Tracking tracking = context.getBean(Tracking.class);
            context.getBean(ModelRegistry.class).setAlias("iris", "champion", IrisModel.register(tracking));
            Predictor<Flower, Classification> iris = IrisApplication.predictor(context);
            IrisModel.ANSWERS.forEach(
                    (flower, kind) -> assertThat(iris.predict(flower).label()).isEqualTo(kind));

            HealthContributorRegistry health = context.getBean(HealthContributorRegistry.class);
            assertThat(((HealthIndicator) health.getContributor("mlopsTracking"))
                            .health()
                            .getStatus())
                    .isEqualTo(Status.UP);
            assertThat(((HealthIndicator) health.getContributor("mlopsServing"))
                            .health()
                            .getDetails()
                            .toString())
                    .contains("iris@champion");
            assertThat(context.getBean(MeterRegistry.class)
                            .get("mlops.predictions")
                            .tags("model", "iris", "outcome", "success")
                            .timer()
                            .count())
                    .isEqualTo(IrisModel.ANSWERS.size());
            left = iris;
        }
        assertThatThrownBy(() -> left.predict(IrisModel.SETOSA)).isInstanceOf(ClosedException.class);
    }

    @Test
    void aMonitorBeanWatchesTheModelThatItIsNamedAfter() throws InterruptedException {
        try (ConfigurableApplicationContext context = IrisApplication.start(MonitoredApplication.class, inFolder())) {
            Tracking tracking = context.getBean(Tracking.class);
            ModelVersion version = IrisModel.register(tracking);
            tracking.registry().setAlias("iris", "champion", version);
            tracking.registry().setAlias("iris", "challenger", version);
            IrisApplication.predictor(context).predictAll(List.copyOf(IrisModel.ANSWERS.keySet()));
            assertThat(context.getBean(Serving.class).flushListeners(Duration.ofSeconds(10)))
                    .isTrue();
            assertThat(context.getBean("iris monitor", Monitor.class).rowsSeen())
                    .isEqualTo(IrisModel.ANSWERS.size());
            assertThat(context.getBean("another monitor", Monitor.class).rowsSeen())
                    .isZero();
            assertThat(context.getBean(MeterRegistry.class)
                            .get("mlops.monitor.rows")
                            .tag("model", "iris")
                            .functionCounter()
                            .count())
                    .isEqualTo(IrisModel.ANSWERS.size());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(IrisApplication.class)
    static class MonitoredApplication {
        @Bean("iris monitor")
        Monitor irisMonitor() {
            return Monitor.builder(reference()).name("iris").build();
        }

        @Bean("another monitor")
        Monitor anotherMonitor() {
            return Monitor.builder(reference()).name("another").build();
        }
    }

    /** A profile of the flowers and of what the model says of them. */
    private static ReferenceProfile reference() {
        List<Flower> flowers = new ArrayList<>(IrisModel.ANSWERS.keySet());
        float[] values = new float[4 * flowers.size()];
        for (int row = 0; row < flowers.size(); row++) {
            Flower flower = flowers.get(row);
            values[4 * row] = flower.sepalLength();
            values[4 * row + 1] = flower.sepalWidth();
            values[4 * row + 2] = flower.petalLength();
            values[4 * row + 3] = flower.petalWidth();
        }
        Tensors inputs = Tensors.of("X", Tensor.transfer(values, flowers.size(), 4));
        try (InferenceModel model =
                Models.load(ModelSource.bytes("iris.onnx", IrisModel.bytes()).trusted())) {
            return ReferenceProfile.builder(model.signature())
                    .add(inputs, model.predict(inputs))
                    .build();
        }
    }

    @Test
    void whatIsWrongIsSaidInOurWords() {
        FailureReports.forget();
        assertThatThrownBy(() -> IrisApplication.start(EagerApplication.class, inFolder()))
                .hasRootCauseInstanceOf(NotFoundException.class);
        assertThat(FailureReports.last().getDescription()).contains("no model 'iris' is registered");
        assertThat(FailureReports.last().getAction()).contains("@Lazy");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class EagerApplication {
        @Bean
        Predictor<Flower, Classification> iris(Serving serving) {
            return serving.predictor(new ModelRef.Alias("iris", "champion"), Flower.class, Classification.class);
        }
    }
}
