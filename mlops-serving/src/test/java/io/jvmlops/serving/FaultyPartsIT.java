package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.TestRegistry.Constants;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host's loaders, decorators and listeners that fail in ways of their own. */
class FaultyPartsIT {
    private final TestRegistry models = new TestRegistry();
    private final Constants constants = new Constants();

    @AfterEach
    void closeRegistry() {
        models.close();
    }

    private record X(double x) {}

    private static final X ROW = new X(1);

    /** Loads what {@link Constants} does, and changes it. */
    private final class Loader implements ModelLoader {
        private volatile Function<InferenceModel, InferenceModel> change = m -> m;
        private final AtomicInteger loads = new AtomicInteger();

        @Override
        public String flavor() {
            return constants.flavor();
        }

        @Override
        public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
            loads.incrementAndGet();
            return change.apply(constants.load(files, descriptor));
        }
    }

    private final Loader loader = new Loader();

    private Serving.Builder serving() {
        return Serving.builder(models.registry).loader(loader).pollEvery(Duration.ZERO);
    }

    private void champion(ModelVersion version) {
        models.registry.setAlias("c", "champion", version);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable e) throws E {
        throw (E) e;
    }

    @Test
    void aVersionThatFailedIsTriedAgainWhenAsked() {
        champion(models.constant("c", "1"));
        ModelVersion second = models.constant("c", "2");
        try (Serving serving = serving().build()) {
            Predictor<X, Regression> predictor = serving.predictor("c@champion", X.class, Regression.class);
            loader.change = m -> {
                m.close();
                throw new ModelFailureException("out of luck");
            };
            champion(second);
            serving.refresh();
            assertThat(serving.live("c@champion").lastFailure()).contains("out of luck");
            loader.change = m -> m;
            serving.refresh();
            assertThat(predictor.predict(ROW).value()).isEqualTo(2);
            assertThat(serving.live("c@champion").lastFailure()).isNull();
        }
    }

    @Test
    void anErrorOnLoadingIsAFailureOfThatVersionOnly() {
        champion(models.constant("c", "1"));
        ModelVersion second = models.constant("c", "2");
        try (Serving serving = serving().build()) {
            Predictor<X, Regression> predictor = serving.predictor("c@champion", X.class, Regression.class);
            loader.change = m -> {
                m.close();
                throw new OutOfMemoryError("too large");
            };
            champion(second);
            serving.refresh();
            assertThat(serving.live("c@champion").lastFailure()).contains("too large");
            assertThat(predictor.predict(ROW).value()).isEqualTo(1);
        }
    }

    @Test
    void onlyAStoreThatFailedIsAskedAgainByThePoll() {
        champion(models.constant("c", "1"));
        ModelVersion second = models.constant("c", "2");
        try (Serving serving = serving().build()) {
            serving.predictor("c@champion", X.class, Regression.class);
            loader.change = m -> {
                m.close();
                throw new ModelFailureException("broken");
            };
            champion(second);
            serving.refresh();
            int loads = loader.loads.get();
            serving.poll();
            assertThat(loader.loads).hasValue(loads);
            loader.change = m -> {
                m.close();
                throw new StorageException("the disk is away", null);
            };
            serving.refresh();
            loader.change = m -> m;
            serving.poll();
            assertThat(serving.live("c@champion").version()).isEqualTo(2);
        }
    }

    @Test
    void aDecoratorThatFailsToCloseHurtsNeitherCallsNorOtherModels() {
        champion(models.constant("c", "1"));
        ModelVersion second = models.constant("c", "2");
        models.constant("d", "3");
        AtomicInteger told = new AtomicInteger();
        Serving serving = serving()
                .listener(event -> told.incrementAndGet())
                .decorator(model -> new ForwardingModel(model) {
                    @Override
                    public void close() {
                        super.close();
                        throw new IllegalStateException("cannot close");
                    }
                })
                .build();
        Predictor<X, Regression> c = serving.predictor("c@champion", X.class, Regression.class);
        Predictor<X, Regression> d = serving.predictor("d/1", X.class, Regression.class);
        champion(second);
        serving.refresh();
        assertThat(c.predict(ROW).value()).isEqualTo(2);
        serving.close();
        assertThatThrownBy(() -> d.predict(ROW)).isInstanceOf(ClosedException.class);
        assertThat(constants.open).hasValue(0);
        assertThat(told).hasValue(1);
    }

    @Test
    void askingForThePredictorOnEveryCallDoesNotGrowAnything() {
        champion(models.constant("c", "1"));
        AtomicInteger asked = new AtomicInteger();
        loader.change = model -> new ForwardingModel(model) {
            @Override
            public ModelSignature signature() {
                asked.incrementAndGet();
                return super.signature();
            }
        };
        ModelVersion second = models.constant("c", "2");
        try (Serving serving = serving().build()) {
            for (int i = 0; i < 1000; i++) {
                assertThat(serving.predictor("c@champion", X.class, Regression.class)
                                .predict(ROW)
                                .value())
                        .isEqualTo(1);
            }
            asked.set(0);
            champion(second);
            serving.refresh();
            assertThat(asked.get()).isLessThan(20);
        }
    }

    @Test
    void aModelThatAnswersForOtherRowsThanAskedHasFailed() {
        models.constant("c", "1");
        for (int rows : new int[] {0, 1, 5}) {
            loader.change = model -> new ForwardingModel(model) {
                @Override
                public Tensors predict(Tensors inputs, Deadline deadline) {
                    return Tensors.of("value", Tensor.transfer(new double[rows], rows));
                }
            };
            try (Serving serving = serving().build()) {
                assertThatThrownBy(() -> serving.predictor("c/1", X.class, Regression.class)
                                .predictAll(List.of(ROW, ROW)))
                        .isInstanceOf(ModelFailureException.class)
                        .hasMessageContaining(rows + " rows")
                        .hasMessageContaining("2");
            }
        }
    }

    @Test
    void aListenerThatThrowsWhatItMayNotIsStillTold() throws Exception {
        models.constant("c", "1");
        AtomicInteger told = new AtomicInteger();
        try (Serving serving = serving()
                .listener((PredictionEvent event) -> {
                    told.incrementAndGet();
                    FaultyPartsIT.<RuntimeException>sneak(new IOException("checked, from Kotlin"));
                })
                .build()) {
            Predictor<X, Regression> predictor = serving.predictor("c/1", X.class, Regression.class);
            predictor.predict(ROW);
            predictor.predict(ROW);
            assertThat(serving.flushListeners(Duration.ofSeconds(5))).isTrue();
            assertThat(told).hasValue(2);
        }
    }

    @Test
    void aServingThatCannotBeBuiltLeavesNoThread() {
        PredictionListener greedy = new PredictionListener() {
            @Override
            public void onPrediction(PredictionEvent event) {}

            @Override
            public OptionalDouble cpuBudget() {
                return OptionalDouble.of(2);
            }
        };
        Serving.Builder builder = serving().monitor("leaky", event -> {}).monitor("leaky", greedy);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CPU budget 2.0");
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("mlops-listener-leaky-0"));
    }
}
