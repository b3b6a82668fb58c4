package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.TestRegistry.Constants;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.folder.GoldenRows;
import io.jvmlops.serving.folder.InputExample;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a version goes through before it goes live. */
class RehearsalIT {
    private final TestRegistry models = new TestRegistry();
    private final Constants constants = new Constants();
    private final Asked asked = new Asked();

    private static final Tensors ROWS = Tensors.of("x", Tensor.copyOf(new double[] {1, 2, 3}, 3));

    @TempDir
    Path folder;

    private record X(double x) {}

    /** The constants, and what they were asked. */
    private final class Asked implements ModelLoader {
        final List<Tensors> inputs = new ArrayList<>();
        UnaryOperator<Tensors> answer = UnaryOperator.identity();

        @Override
        public String flavor() {
            return "constant";
        }

        @Override
        public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
            return new ForwardingModel(constants.load(files, descriptor)) {
                @Override
                public Tensors predict(Tensors rows, Deadline deadline) {
                    inputs.add(rows);
                    return answer.apply(super.predict(rows, deadline));
                }
            };
        }
    }

    @AfterEach
    void closeRegistry() {
        models.close();
        assertThat(constants.open).hasValue(0);
    }

    private Serving.Builder serving() {
        return Serving.builder(models.registry).loader(asked).pollEvery(Duration.ZERO);
    }

    private ModelExporter constant(String value) {
        return (where, runId) -> {
            try {
                Files.writeString(where.resolve("value.txt"), value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return ModelFolder.write(where, ModelDescriptor.ofFile("constant", "value.txt"));
        };
    }

    private ModelVersion register(ModelExporter exporter) {
        try {
            Path model = Files.createTempDirectory(folder, "model");
            exporter.export(model, null);
            return TestRegistry.register(models.artifacts, models.registry, "c", model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GoldenRows golden(double... values) {
        return GoldenRows.of(ROWS, Tensors.of("value", Tensor.copyOf(values, values.length)));
    }

    @Test
    void aVersionThatMissesItsGoldenRowsDoesNotGoLive() {
        models.registry.setAlias("c", "live", register(golden(1, 1, 1).attachTo(constant("1"))));
        try (Serving serving = serving().warmUp(0).build()) {
            Predictor<X, Regression> c = serving.predictor("c@live", X.class, Regression.class);
            assertThat(asked.inputs).containsExactly(ROWS);
            models.registry.setAlias("c", "live", register(golden(2, 2.5, 2).attachTo(constant("2"))));
            serving.refresh();
            assertThat(c.predict(new X(0)).value()).isEqualTo(1);
            assertThat(serving.live("c@live").version()).isEqualTo(1);
            assertThat(serving.live("c@live").lastFailure())
                    .startsWith(
                            "c/2: model c/2 does not reproduce its golden rows: output 'value' row 1 differs by 0.5");
            assertThat(constants.open).hasValue(1);
            assertThatThrownBy(() -> serving.predictor("c/2", X.class, Regression.class))
                    .isInstanceOf(ModelLoadException.class);
            assertThat(constants.open).hasValue(1);
            models.registry.setAlias(
                    "c", "live", register(golden(3, 3.5, 3).within(0.5, 0).attachTo(constant("3"))));
            serving.refresh();
            assertThat(c.predict(new X(0)).value()).isEqualTo(3);
            assertThat(serving.live("c@live").lastFailure()).isNull();
        }
    }

    @Test
    void theHostsRowsCountBesideThoseOfTheFolder() {
        models.registry.setAlias("c", "live", register(golden(1, 1, 1).attachTo(constant("1"))));
        models.constant("d", "5");
        try (Serving serving = serving()
                .golden("c", golden(1, 1, 1))
                .golden("c", golden(1, 1, 1.5).within(0.5, 0))
                .build()) {
            Predictor<X, Regression> c = serving.predictor("c@live", X.class, Regression.class);
            models.registry.setAlias("c", "live", models.constant("c", "2"));
            serving.refresh();
            assertThat(c.predict(new X(0)).value()).isEqualTo(1);
            assertThat(serving.live("c@live").lastFailure()).contains("golden rows");
            assertThat(serving.live("d/1").version())
                    .as("another model's are its own")
                    .isEqualTo(1);
        }
    }

    @Test
    void modelsAreCheckedAsWellThatAreInNoRegistry() {
        golden(2, 2, 2).attachTo(constant("1")).export(folder, null);
        assertThatThrownBy(() -> Models.loader()
                        .loader(asked)
                        .load(ModelSource.folder(folder).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("does not reproduce its golden rows");
        golden(1, 1, 1).attachTo(constant("1")).export(folder, null);
        asked.inputs.clear();
        Models.loader().loader(asked).load(ModelSource.folder(folder).trusted()).close();
        assertThat(asked.inputs).as("no warm-up unless asked for").hasSize(1);
        Models.loader()
                .loader(asked)
                .warmUp(4)
                .golden(golden(1, 1, 1))
                .load(ModelSource.folder(folder).trusted())
                .close();
        assertThat(asked.inputs).hasSize(1 + 2 + 4);
        assertThatThrownBy(() -> Models.loader()
                        .loader(asked)
                        .golden(golden(4, 4, 4))
                        .load(ModelSource.folder(folder).trusted()))
                .isInstanceOf(ModelLoadException.class);
    }

    @Test
    void isWarmedUpOutsideOfCacheMetricsListenersAndDecorators() throws Exception {
        models.constant("c", "1");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        List<PredictionEvent> told = new ArrayList<>();
        List<Tensors> decorated = new ArrayList<>();
        try (Serving serving = serving()
                .cache(CacheSpec.maxBytes(1 << 20))
                .metrics(MicrometerServingMetrics.of(meters))
                .listener(told::add)
                .decorator(model -> new ForwardingModel(model) {
                    @Override
                    public Tensors predict(Tensors inputs, Deadline deadline) {
                        decorated.add(inputs);
                        return super.predict(inputs, deadline);
                    }
                })
                .build()) {
            assertThat(serving.live("c/1").version()).isEqualTo(1);
            assertThat(asked.inputs).hasSize(10).containsOnly(Tensors.of("x", Tensor.copyOf(new double[1], 1)));
            assertThat(serving.flushListeners(Duration.ofSeconds(10))).isTrue();
            assertThat(told).isEmpty();
            assertThat(decorated).isEmpty();
            assertThat(meters.getMeters().stream().flatMap(m -> values(m).stream()))
                    .containsOnly(0.0);
        }
    }

    private static List<Double> values(Meter meter) {
        List<Double> values = new ArrayList<>();
        if (meter.getId().getName().startsWith("mlops.predictions")
                || meter.getId().getName().startsWith("mlops.cache.lookups")) {
            meter.measure().forEach(m -> values.add(m.getValue()));
        }
        values.add(0.0);
        return values;
    }

    @Test
    void isWarmedUpWithItsExampleIfItHasOne() {
        register(InputExample.of(ROWS).attachTo(constant("1")));
        try (Serving serving = serving().warmUp(3).build()) {
            assertThat(serving.live("c/1").version()).isEqualTo(1);
            assertThat(asked.inputs).containsExactly(ROWS, ROWS, ROWS);
        }
        asked.inputs.clear();
        try (Serving serving = serving().warmUp(0).build()) {
            assertThat(serving.live("c/1").version()).isEqualTo(1);
            assertThat(asked.inputs).isEmpty();
        }
    }

    @Test
    void whatFailsInTheWarmUpGoesLiveAllTheSame() {
        register(InputExample.of(Tensors.of("other", Tensor.copyOf(new double[2], 2)))
                .attachTo(constant("1")));
        register(InputExample.of(ROWS).attachTo(constant("2")));
        try (Serving serving = serving().warmUp(2).build()) {
            assertThat(serving.live("c/1").version()).isEqualTo(1);
            assertThat(asked.inputs)
                    .as("zeros, where the example is none")
                    .containsOnly(Tensors.of("x", Tensor.copyOf(new double[1], 1)));
            for (RuntimeException e : List.of(new ModelFailureException("no"), new TimedOutException("too slow"))) {
                serving.unload("c/2");
                asked.inputs.clear();
                asked.answer = answers -> {
                    throw e;
                };
                assertThat(serving.live("c/2").version()).isEqualTo(2);
                assertThat(asked.inputs).isNotEmpty();
            }
        }
    }

    @Test
    void endsWithItsTime() {
        models.constant("c", "1");
        asked.answer = answers -> {
            long end = System.nanoTime() + 2_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return answers;
        };
        try (Serving serving =
                serving().warmUp(1_000_000_000, Duration.ofMillis(20)).build()) {
            assertThat(serving.live("c/1").version()).isEqualTo(1);
            assertThat(asked.inputs).hasSizeBetween(1, 10);
        }
    }

    @Test
    void onnxModelsOfNumbersAreWarmedUpAndThoseOfTextAreNot() {
        for (String name : List.of("breast_cancer", "mixed_columns")) {
            models.onnx(name, Fixture.load(name).onnx);
        }
        try (Serving serving = serving().build()) {
            for (String name : List.of("breast_cancer", "mixed_columns")) {
                Fixture fixture = Fixture.load(name);
                assertThat(serving.predictor(name + "/1", Tensors.class, Tensors.class)
                                .predict(fixture.inputs)
                                .size())
                        .isPositive();
            }
        }
    }
}
