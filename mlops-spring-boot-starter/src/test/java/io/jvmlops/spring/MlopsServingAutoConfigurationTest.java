package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDecorator;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.serving.cache.CacheRule;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.onnx.OnnxModelLoader;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.predict.InMemoryPredictionCacheStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.Order;

class MlopsServingAutoConfigurationTest {
    @TempDir
    private Path folder;

    private ApplicationContextRunner runner() {
        return Contexts.in(folder);
    }

    /** Registers the model, makes it the champion, and gives a predictor that follows it. */
    private static Predictor<Flower, Classification> champion(ApplicationContext context) {
        Tracking tracking = context.getBean(Tracking.class);
        tracking.registry().setAlias("iris", "champion", IrisModel.register(tracking));
        return context.getBean(Serving.class).predictor("iris@champion", Flower.class, Classification.class);
    }

    @Test
    void servesTheModelsOfTheTracking() {
        runner().run(context -> {
            Predictor<Flower, Classification> iris = champion(context);
            IrisModel.ANSWERS.forEach(
                    (flower, kind) -> assertThat(iris.predict(flower).label()).isEqualTo(kind));
        });
    }

    @Test
    void backsOffForTheApplicationsServing() {
        ModelRegistry registry = new InMemoryModelRegistry(new InMemoryArtifactStore());
        Serving own = Serving.builder(registry).build();
        runner().withBean("own", Serving.class, () -> own)
                .run(context -> assertThat(context.getBean(Serving.class)).isSameAs(own));
    }

    @Test
    void servesTheApplicationsRegistryWhereThereIsNoTracking() {
        runner().withPropertyValues("mlops.tracking.enabled=false")
                .withBean("own", ModelRegistry.class, () -> new InMemoryModelRegistry(new InMemoryArtifactStore()))
                .run(context -> assertThat(context).hasSingleBean(Serving.class).doesNotHaveBean(Tracking.class));
    }

    @Test
    void thereIsNoneWhereItIsDisabled() {
        runner().withPropertyValues("mlops.serving.enabled=false")
                .run(context ->
                        assertThat(context).doesNotHaveBean(Serving.class).hasSingleBean(Tracking.class));
    }

    @Test
    void thereIsNoneWhereItIsNotClearWhichRegistryIsMeant() {
        runner().withBean("one", ModelRegistry.class, MlopsServingAutoConfigurationTest::emptyRegistry)
                .withBean("two", ModelRegistry.class, MlopsServingAutoConfigurationTest::emptyRegistry)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Serving.class));
    }

    private static ModelRegistry emptyRegistry() {
        return new InMemoryModelRegistry(new InMemoryArtifactStore());
    }

    @Test
    void listenersAreToldOfEveryModel() {
        List<PredictionEvent> told = new CopyOnWriteArrayList<>();
        runner().withBean("listener", PredictionListener.class, () -> told::add).run(context -> {
            champion(context).predict(IrisModel.SETOSA);
            assertThat(context.getBean(Serving.class).flushListeners(Duration.ofSeconds(10)))
                    .isTrue();
            assertThat(told)
                    .singleElement()
                    .satisfies(event -> assertThat(event.model()).isEqualTo("iris"));
        });
    }

    @Test
    void aVerifierCanRefuseAModel() {
        ModelVerifier refuses = files -> {
            throw new IntegrityException(files.name() + " is not signed");
        };
        runner().withBean("verifier", ModelVerifier.class, () -> refuses)
                .run(context -> assertThatThrownBy(() -> champion(context))
                        .isInstanceOf(IntegrityException.class)
                        .hasMessageContaining("is not signed"));
    }

    @Test
    void aLoaderOfTheApplicationComesBeforeThoseOfTheClassPath() {
        AtomicInteger loads = new AtomicInteger();
        ModelLoader own = new ModelLoader() {
            private final OnnxModelLoader onnx = new OnnxModelLoader();

            @Override
            public String flavor() {
                return "onnx";
            }

            @Override
            public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
                loads.incrementAndGet();
                return onnx.load(files, descriptor);
            }
        };
        runner().withBean("loader", ModelLoader.class, () -> own).run(context -> {
            champion(context);
            assertThat(loads).hasValue(1);
        });
    }

    @Test
    void decoratorsWrapInTheirOrder() {
        List<String> order = new ArrayList<>();
        @Order(2)
        class Second implements ModelDecorator {
            @Override
            public InferenceModel decorate(InferenceModel model) {
                order.add("second");
                return model;
            }
        }
        @Order(1)
        class First implements ModelDecorator {
            @Override
            public InferenceModel decorate(InferenceModel model) {
                order.add("first");
                return model;
            }
        }
        runner().withBean("b", ModelDecorator.class, Second::new)
                .withBean("a", ModelDecorator.class, First::new)
                .run(context -> {
                    champion(context);
                    assertThat(order).containsExactly("first", "second");
                });
    }

    @Test
    void cachesWhereTheApplicationSaysHowMuch() {
        assertThat(modelCalls(runner())).isEqualTo(2);
        // Without the calls that would ask again, to see whether the model still says so.
        ApplicationContextRunner quiet = runner().withPropertyValues("mlops.serving.cache.check-every=0");
        assertThat(modelCalls(quiet.withPropertyValues("mlops.serving.cache.max-bytes=1MB")))
                .isEqualTo(1);
        assertThat(modelCalls(quiet.withPropertyValues(
                        "mlops.serving.cache.max-entries=10",
                        "mlops.serving.cache.expire-after-write=1h",
                        "mlops.serving.cache.expire-after-access=1h")))
                .isEqualTo(1);
        assertThat(modelCalls(runner().withBean(
                                "spec",
                                CacheSpec.class,
                                () -> CacheSpec.maxBytes(1_000_000).checkEvery(0))))
                .isEqualTo(1);
        assertThat(modelCalls(runner().withBean(
                                "spec",
                                CacheSpec.class,
                                () -> CacheSpec.maxBytes(1_000_000).rule("iris", CacheRule.never()))))
                .isEqualTo(2);
    }

    /** How often the model itself is asked for two equal predictions. */
    private static int modelCalls(ApplicationContextRunner runner) {
        AtomicInteger calls = new AtomicInteger();
        ModelLoader counting = new ModelLoader() {
            @Override
            public String flavor() {
                return "onnx";
            }

            @Override
            public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
                return new ForwardingModel(new OnnxModelLoader().load(files, descriptor)) {
                    @Override
                    public Tensors predict(Tensors inputs, Deadline deadline) {
                        calls.incrementAndGet();
                        return super.predict(inputs, deadline);
                    }
                };
            }
        };
        runner.withBean("loader", ModelLoader.class, () -> counting).run(context -> {
            Predictor<Flower, Classification> iris = champion(context);
            // The warm-up is none of them.
            calls.set(0);
            assertThat(iris.predict(IrisModel.SETOSA)).isEqualTo(iris.predict(IrisModel.SETOSA));
        });
        return calls.get();
    }

    @Test
    void theCacheIsBackedByTheApplicationsStore() {
        AtomicInteger puts = new AtomicInteger();
        PredictionCacheStore store = new PredictionCacheStore() {
            private final PredictionCacheStore memory = new InMemoryPredictionCacheStore();

            @Override
            public Optional<byte[]> get(byte[] key) {
                return memory.get(key);
            }

            @Override
            public void put(byte[] key, byte[] value) {
                puts.incrementAndGet();
                memory.put(key, value);
            }
        };
        runner().withPropertyValues("mlops.serving.cache.max-bytes=1MB")
                .withBean("second", PredictionCacheStore.class, () -> store)
                .run(context -> champion(context).predict(IrisModel.SETOSA));
        assertThat(puts).hasValue(1);
    }

    @Test
    void aFlavorThatTheModelLacksIsRefused() {
        runner().withPropertyValues("mlops.serving.flavors.iris=tribuo")
                .run(context -> assertThatThrownBy(() -> champion(context))
                        .isInstanceOf(ModelLoadException.class)
                        .hasMessageContaining("has no flavor 'tribuo'"));
    }

    @Test
    void numbersGoToTheApplicationsMetrics() {
        List<String> loaded = new ArrayList<>();
        ServingMetrics own = (model, version, flavor) -> {
            loaded.add(model + "/" + version + " " + flavor);
            return ServingMetrics.ModelMetrics.NONE;
        };
        runner().withBean("own", ServingMetrics.class, () -> own).run(context -> {
            champion(context);
            assertThat(loaded).containsExactly("iris/1 onnx");
        });
    }

    @Test
    void readsTheTimeFromTheApplicationsClock() {
        Instant then = Instant.parse("2001-02-03T04:05:06Z");
        runner().withBean("clock", InstantSource.class, () -> InstantSource.fixed(then))
                .run(context -> {
                    champion(context);
                    assertThat(context.getBean(Serving.class)
                                    .live("iris@champion")
                                    .since())
                            .isEqualTo(then);
                });
    }

    @Test
    void customizersHaveTheLastWord() {
        List<PredictionEvent> told = new CopyOnWriteArrayList<>();
        runner().withBean(
                        "own",
                        ServingCustomizer.class,
                        () -> builder -> builder.monitor("another", told::add).monitor("iris", told::add))
                .run(context -> {
                    champion(context).predict(IrisModel.SETOSA);
                    assertThat(context.getBean(Serving.class).flushListeners(Duration.ofSeconds(10)))
                            .isTrue();
                });
        assertThat(told).hasSize(1);
    }

    @Test
    void theRuntimesAreOptional() {
        runner().withClassLoader(new FilteredClassLoader("ai.onnxruntime", "org.tribuo"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Serving.class));
    }

    @Test
    void followsTheAlias() {
        runner().run(context -> {
            champion(context);
            Tracking tracking = context.getBean(Tracking.class);
            tracking.registry().setAlias("iris", "champion", IrisModel.register(tracking));
            Serving serving = context.getBean(Serving.class);
            serving.refresh();
            assertThat(serving.live("iris@champion").version()).isEqualTo(2);
        });
    }

    @Test
    void theTimeLimitOfThePropertiesIsThatOfEveryCall() {
        List<Deadline> deadlines = new CopyOnWriteArrayList<>();
        ModelDecorator watching = model -> new ForwardingModel(model) {
            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                deadlines.add(deadline);
                return super.predict(inputs, deadline);
            }
        };
        ApplicationContextRunner watched = runner().withBean("watching", ModelDecorator.class, () -> watching);
        watched.run(context -> champion(context).predict(IrisModel.SETOSA));
        watched.withPropertyValues("mlops.serving.timeout=10m")
                .run(context -> champion(context).predict(IrisModel.SETOSA));
        assertThat(deadlines).hasSize(2);
        assertThat(deadlines.get(0).isNone()).isTrue();
        assertThat(deadlines.get(1).remainingNanos())
                .isBetween(1L, Duration.ofMinutes(10).toNanos());
    }

    /** Models are freed while the registry is still open, and after the context nothing answers. */
    @Test
    void closesBeforeTheTracking() {
        AtomicReference<ModelRegistry> registry = new AtomicReference<>();
        AtomicReference<List<String>> whenFreed = new AtomicReference<>();
        AtomicReference<Predictor<Flower, Classification>> left = new AtomicReference<>();
        ModelDecorator watching = model -> new ForwardingModel(model) {
            @Override
            public void close() {
                super.close();
                whenFreed.set(registry.get().models());
            }
        };
        runner().withBean("watching", ModelDecorator.class, () -> watching).run(context -> {
            left.set(champion(context));
            registry.set(context.getBean(ModelRegistry.class));
            assertThat(whenFreed).hasNullValue();
        });
        assertThat(whenFreed.get()).containsExactly("iris");
        assertThatThrownBy(() -> left.get().predict(IrisModel.SETOSA)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> registry.get().models()).isInstanceOf(ClosedException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("mlops-serving-refresh");
    }
}
