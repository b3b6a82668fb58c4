package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.TestRegistry.Constants;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.jvmlops.test.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServingIT {
    private final TestRegistry models = new TestRegistry();
    private final Constants constants = new Constants();

    @AfterEach
    void closeRegistry() {
        models.close();
    }

    private Serving.Builder serving() {
        return Serving.builder(models.registry).loader(constants);
    }

    private record Flower(double sepalLength, double sepalWidth, double petalLength, double petalWidth) {}

    private record X(double x) {}

    private static Flower flower(Tensors rows, int row) {
        Tensor x = rows.get("X");
        return new Flower(
                x.doubleAt(4 * row), x.doubleAt(4 * row + 1), x.doubleAt(4 * row + 2), x.doubleAt(4 * row + 3));
    }

    @Test
    void recordsInClassificationsOut() {
        Fixture fixture = Fixture.load("iris_zipmap");
        ModelVersion v = models.onnx("iris", fixture.onnx);
        models.registry.setAlias("iris", "champion", v);
        double[] expected = fixture.expected("output_probability");
        try (Serving serving = serving().build()) {
            Predictor<Flower, Classification> iris =
                    serving.predictor("iris@champion", Flower.class, Classification.class);
            List<Flower> flowers = new ArrayList<>();
            for (int row = 0; row < 20; row++) {
                flowers.add(flower(fixture.inputs, row));
            }
            List<Classification> batch = iris.predictAll(flowers);
            for (int row = 0; row < 20; row++) {
                Classification c = iris.predict(flowers.get(row));
                assertThat(c.labels()).containsExactly("setosa", "versicolor", "virginica");
                assertThat(c.scores())
                        .containsExactly(
                                new double[] {expected[3 * row], expected[3 * row + 1], expected[3 * row + 2]},
                                within(1e-5));
                assertThat(batch.get(row).scores()).containsExactly(c.scores(), within(1e-6));
            }
            assertThat(iris.predictAll(List.of())).isEmpty();
            assertThat(serving.live("iris@champion").digest()).isEqualTo(v.digest());
        }
    }

    @Test
    void otherAnswersRegressionsRecordsTensors() {
        Fixture fixture = Fixture.load("friedman_regression");
        models.onnx("friedman", fixture.onnx);
        double expected = fixture.expected("variable")[0];
        try (Serving serving = serving().build()) {
            Tensors row = fixture.rows(0, 1);
            assertThat(serving.predictor("friedman/1", Tensors.class, Regression.class)
                            .predict(row)
                            .value())
                    .isCloseTo(expected, within(1e-4));
            assertThat(serving.predictor("friedman/1", Tensors.class, Estimate.class)
                            .predict(row)
                            .variable())
                    .isCloseTo((float) expected, within(1e-4f));
            assertThat(serving.predictor("friedman/1", Tensors.class, Tensors.class)
                            .predict(fixture.inputs)
                            .get("variable")
                            .rows())
                    .isEqualTo(20);
            assertThatThrownBy(() -> serving.predictor("friedman/1", Tensors.class, Regression.class)
                            .predict(fixture.inputs))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("20 rows");
        }
    }

    private record Estimate(float variable) {}

    private record Wrong(String city, int other) {}

    private record WrongAnswer(float nothing) {}

    @Test
    void typesThatDoNotFitAreRefusedWithEveryDifferenceWhenThePredictorIsMade() {
        models.constant("c", "1");
        try (Serving serving = serving().build()) {
            assertThatThrownBy(() -> serving.predictor("c/1", Wrong.class, WrongAnswer.class))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("no component for column 'x'")
                    .hasMessageContaining("'city' is no column")
                    .hasMessageContaining("'other' is no column")
                    .hasMessageContaining("'nothing' is no output");
            assertThatThrownBy(() -> serving.predictor("c/1", String.class, Tensors.class))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("java.lang.String");
            assertThatThrownBy(() -> serving.predictor("c/1", X.class, String.class))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> serving.predictor("c/1", X.class, Classification.class))
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void whatIsNotThereIsNamedBesideWhatIs() {
        models.registry.setAlias("c", "live", models.constant("c", "1"));
        try (Serving serving = serving().build()) {
            assertThatThrownBy(() -> serving.predictor("c@champion", X.class, Regression.class))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("c@champion")
                    .hasMessageContaining("live");
            assertThatThrownBy(() -> serving.predictor("d/1", X.class, Regression.class))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("[c]");
        }
    }

    @Test
    void swapsUnderLoadLoseNoCallAndFreeEveryOldVersion() throws Exception {
        int versions = 100;
        for (int v = 1; v <= versions; v++) {
            models.constant("c", Integer.toString(v));
        }
        List<ModelVersion> all = models.registry.versions("c");
        models.registry.setAlias("c", "live", all.get(0));
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        try (Serving serving = serving()
                .cache(CacheSpec.maxBytes(1 << 20))
                .pollEvery(Duration.ZERO)
                .build()) {
            Predictor<X, Regression> c = serving.predictor("c@live", X.class, Regression.class);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    try {
                        while (!stop.get()) {
                            int before = serving.live("c@live").version();
                            double answer = c.predict(new X(1)).value();
                            int after = serving.live("c@live").version();
                            assertThat(answer).isBetween((double) before, (double) after);
                            calls.incrementAndGet();
                        }
                    } catch (Throwable e) {
                        wrong.set(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (ModelVersion version : all) {
                int seen = calls.get();
                models.registry.setAlias("c", "live", version);
                serving.refresh();
                while (calls.get() < seen + 20 && wrong.get() == null) {
                    Thread.onSpinWait();
                }
            }
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong.get()).isNull();
            assertThat(serving.live("c@live").version()).isEqualTo(versions);
            assertThat(constants.open).hasValue(1);
        }
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void aVersionThatCannotGoLiveLeavesTheOldOne() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        models.registry.setAlias("c", "live", models.constant("c", "1"));
        try (Serving serving = serving()
                .pollEvery(Duration.ZERO)
                .metrics(MicrometerServingMetrics.of(meters))
                .build()) {
            Predictor<X, Regression> c = serving.predictor("c@live", X.class, Regression.class);
            for (String bad : List.of("broken", "other")) {
                models.registry.setAlias("c", "live", models.constant("c", bad));
                serving.poll();
                serving.poll();
                assertThat(c.predict(new X(0)).value()).isEqualTo(1);
            }
            LiveModel live = serving.live("c@live");
            assertThat(live.version()).isEqualTo(1);
            assertThat(live.lastFailure()).startsWith("c/3: ").contains("does not fit the model");
            assertThat(meters.get("mlops.model.reloads")
                            .tag("outcome", "failure")
                            .counter()
                            .count())
                    .isEqualTo(2);
            models.registry.setAlias("c", "live", models.constant("c", "4"));
            serving.refresh();
            assertThat(c.predict(new X(0)).value()).isEqualTo(4);
            assertThat(serving.live("c@live").lastFailure()).isNull();
            assertThat(constants.open).hasValue(1);
        }
    }

    @Test
    void followsTheAliasByItself() throws Exception {
        models.registry.setAlias("c", "live", models.constant("c", "1"));
        try (Serving serving = serving().build()) {
            Predictor<X, Regression> c = serving.predictor("c@live", X.class, Regression.class);
            models.registry.setAlias("c", "live", models.constant("c", "2"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (c.predict(new X(0)).value() != 2 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(c.predict(new X(0)).value()).isEqualTo(2);
        }
    }

    @Test
    void aSlowFirstLoadHoldsUpNobodyElse() throws Exception {
        models.constant("slow", "1");
        models.constant("quick", "2");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Serving serving = serving()
                .verifier(files -> {
                    if (files.name().startsWith("slow")) {
                        started.countDown();
                        try {
                            release.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .build()) {
            List<Double> answers = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                Thread thread = new Thread(() -> answers.add(serving.predictor("slow/1", X.class, Regression.class)
                        .predict(new X(0))
                        .value()));
                threads.add(thread);
                thread.start();
            }
            assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(serving.predictor("quick/1", X.class, Regression.class)
                            .predict(new X(0))
                            .value())
                    .isEqualTo(2);
            assertThat(serving.live())
                    .singleElement()
                    .satisfies(l -> assertThat(l.ref()).hasToString("quick/1"));
            release.countDown();
            for (Thread thread : threads) {
                thread.join(20_000);
            }
            assertThat(answers).containsExactly(1.0, 1.0);
            assertThat(constants.open).as("loaded once").hasValue(2);
        }
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void closingDuringAFirstLoadLeavesNothingLoaded() throws Exception {
        models.constant("slow", "1");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Serving serving = serving()
                .decorator(model -> {
                    started.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return model;
                })
                .build();
        Thread thread = new Thread(() -> {
            try {
                serving.predictor("slow/1", X.class, Regression.class);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.start();
        assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
        serving.close();
        release.countDown();
        thread.join(20_000);
        assertThat(thrown.get()).isInstanceOf(ClosedException.class);
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void closingWhileEightThreadsPredict() throws Exception {
        Fixture fixture = Fixture.load("breast_cancer");
        models.onnx("cancer", fixture.onnx);
        double[] expected = fixture.expected("probabilities");
        for (int round = 0; round < 10; round++) {
            Serving serving = serving().build();
            Predictor<Tensors, Tensors> cancer = serving.predictor("cancer/1", Tensors.class, Tensors.class);
            CountDownLatch running = new CountDownLatch(8);
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                Thread thread = new Thread(() -> {
                    try {
                        while (true) {
                            Tensor answer = cancer.predict(fixture.inputs).get("probabilities");
                            assertThat(answer.toDoubleArray()).containsExactly(expected, within(1e-5));
                            running.countDown();
                        }
                    } catch (ClosedException e) {
                        // What every thread ends with.
                    } catch (Throwable e) {
                        wrong.set(e);
                    } finally {
                        running.countDown();
                    }
                });
                threads.add(thread);
                thread.start();
            }
            assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
            serving.close();
            serving.close();
            for (Thread thread : threads) {
                thread.join(30_000);
                assertThat(thread.isAlive()).isFalse();
            }
            assertThat(wrong.get()).isNull();
            assertThatThrownBy(() -> cancer.predict(fixture.inputs)).isInstanceOf(ClosedException.class);
            assertThatThrownBy(() -> serving.predictor("cancer/1", Tensors.class, Tensors.class))
                    .isInstanceOf(ClosedException.class);
        }
    }

    @Test
    void alteredAndLostBytesAreRefusedBeforeALoaderSeesThem() {
        Fixture fixture = Fixture.load("breast_cancer");
        ModelVersion version = models.onnx("cancer", fixture.onnx);
        byte[] altered = fixture.onnx.clone();
        altered[altered.length / 2] ^= 4;
        Digest digest = Digest.of(fixture.onnx);
        models.artifacts.damage(digest, altered);
        try (Serving serving = serving().build()) {
            assertThatThrownBy(() -> serving.predictor("cancer/1", Tensors.class, Tensors.class))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("'model.onnx' of model " + version.ref())
                    .hasMessageContaining(digest.toString())
                    .hasMessageContaining(Digest.of(altered).toString());
            models.artifacts.lose(digest);
            assertThatThrownBy(() -> serving.predictor("cancer/1", Tensors.class, Tensors.class))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("model.onnx");
        }
    }

    @Test
    void aBitThatFlippedInAnyFileOfTheFolderIsRefused() {
        Fixture fixture = Fixture.load("breast_cancer");
        ModelVersion version = models.onnx("cancer", fixture.onnx);
        ModelFiles files = models.registry.files(version);
        Random random = new Random(1);
        assertThat(files.manifest().files()).extracting(FileEntry::path).containsExactly("MLmodel", "model.onnx");
        for (FileEntry file : files.manifest().files()) {
            byte[] intact = files.read(file.path());
            for (int flip = 0; flip < 50; flip++) {
                byte[] altered = intact.clone();
                altered[random.nextInt(altered.length)] ^= (byte) (1 << random.nextInt(8));
                models.artifacts.damage(file.digest(), altered);
                try (Serving serving = serving().pollEvery(Duration.ZERO).build()) {
                    assertThatThrownBy(() -> serving.predictor("cancer/1", Tensors.class, Tensors.class))
                            .isInstanceOf(IntegrityException.class)
                            .hasMessageContaining("'" + file.path() + "' of model cancer/1");
                }
                assertThat(models.registry.verify(version).problems())
                        .extracting(Verification.Problem::path)
                        .containsExactly(file.path());
            }
            models.artifacts.damage(file.digest(), intact);
        }
        try (Serving serving = serving().build()) {
            assertThat(serving.predictor("cancer/1", Tensors.class, Tensors.class)
                            .predict(fixture.inputs))
                    .isNotNull();
        }
    }

    /** The registry as another process sees it: nobody tells it of moves. Counts what it is asked. */
    private ModelRegistry remote(Map<String, Integer> asked, AtomicBoolean feedFails) {
        return (ModelRegistry) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ModelRegistry.class}, (proxy, method, arguments) -> {
                    asked.merge(method.getName(), 1, Integer::sum);
                    if (method.getName().equals("subscribe")) {
                        return (ModelRegistry.Subscription) () -> {};
                    }
                    if (method.getName().equals("aliasChanges") && feedFails.get()) {
                        throw new StorageException("the database is away", null, true);
                    }
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    try {
                        return method.invoke(models.registry, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aThousandMovesWhileAPollIsUnderWayLeaveOneBehindAndNoneAfterClosing() throws Exception {
        List<ModelVersion> versions = List.of(models.constant("c", "1"), models.constant("c", "2"));
        models.registry.setAlias("c", "live", versions.get(0));
        AtomicReference<Thread> refresher = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch polling = new CountDownLatch(1);
        Semaphore answers = new Semaphore(0);
        ModelRegistry slow = (ModelRegistry) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ModelRegistry.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("aliasChanges")) {
                        asked.incrementAndGet();
                        refresher.set(Thread.currentThread());
                        polling.countDown();
                        answers.acquire();
                    }
                    return method.isDefault()
                            ? InvocationHandler.invokeDefault(proxy, method, arguments)
                            : method.invoke(models.registry, arguments);
                });
        Serving serving =
                Serving.builder(slow).loader(constants).pollEvery(Duration.ZERO).build();
        try (serving) {
            assertThat(serving.live("c@live").version()).isEqualTo(1);
            for (int i = 1; i <= 1_000; i++) {
                models.registry.setAlias("c", "live", versions.get(i % 2));
                if (i == 1) {
                    assertThat(polling.await(10, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
        answers.release(10_000);
        refresher.get().join(10_000);
        assertThat(refresher.get().isAlive()).isFalse();
        // Of a long list of moves the end is looked for.
        assertThat(asked).hasValueLessThan(100);
    }

    @Test
    void aPollFindsMovesByOthersAndAsksOneThingWhileThereAreNone() {
        for (String name : List.of("a", "b", "c")) {
            models.registry.setAlias(name, "live", models.constant(name, "1"));
        }
        Map<String, Integer> asked = new ConcurrentHashMap<>();
        AtomicBoolean feedFails = new AtomicBoolean();
        try (Serving serving = Serving.builder(remote(asked, feedFails))
                .loader(constants)
                .pollEvery(Duration.ZERO)
                .build()) {
            for (String name : List.of("a", "b", "c")) {
                assertThat(serving.live(name + "@live").version()).isEqualTo(1);
            }
            serving.poll();
            asked.clear();
            for (int i = 0; i < 5; i++) {
                serving.poll();
            }
            assertThat(asked).isEqualTo(Map.of("aliasChanges", 5));
            models.registry.setAlias("b", "live", models.constant("b", "2"));
            serving.poll();
            assertThat(serving.live("b@live").version()).isEqualTo(2);
            models.registry.rollback("b", "live", "");
            serving.poll();
            assertThat(serving.live("b@live").version()).isEqualTo(1);

            // What a restored backup has forgotten is found a little later.
            asked.clear();
            for (int i = 0; i < 12; i++) {
                serving.poll();
            }
            assertThat(asked).containsEntry("aliasChanges", 12).containsEntry("find", 3);

            asked.clear();
            feedFails.set(true);
            models.registry.setAlias("b", "live", models.constant("b", "3"));
            serving.poll();
            assertThat(serving.live("b@live").version()).isEqualTo(3);
        }
    }

    @Test
    void aLongHistoryIsNotReadByWhoeverStarts() {
        models.registry.setAlias("a", "live", models.constant("a", "1"));
        for (int i = 0; i < 2 * ModelRegistry.MAX_CHANGES + 77; i++) {
            models.registry.compareAndSetAlias("a", "live", 1, 1, "");
        }
        Map<String, Integer> asked = new ConcurrentHashMap<>();
        try (Serving serving = Serving.builder(remote(asked, new AtomicBoolean()))
                .loader(constants)
                .pollEvery(Duration.ZERO)
                .build()) {
            assertThat(serving.live("a@live").version()).isEqualTo(1);
            serving.poll();
            asked.clear();
            serving.poll();
            assertThat(asked).isEqualTo(Map.of("aliasChanges", 1));
            models.registry.setAlias("a", "live", models.constant("a", "2"));
            serving.poll();
            assertThat(serving.live("a@live").version()).isEqualTo(2);
        }
    }

    @Test
    void aVerifierDecidesBeforeAnythingIsLoaded() {
        models.constant("c", "1");
        try (Serving serving = serving()
                .verifier(files -> {
                    throw new IntegrityException("no signature on " + files.name());
                })
                .build()) {
            assertThatThrownBy(() -> serving.predictor("c/1", X.class, Regression.class))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("no signature");
            assertThat(constants.open).hasValue(0);
        }
    }

    @Test
    void listenersThatThrowOrBlockDoNotReachThePrediction() throws Exception {
        models.constant("c", "1");
        models.constant("d", "2");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        CountDownLatch release = new CountDownLatch(1);
        List<PredictionEvent> told = Collections.synchronizedList(new ArrayList<>());
        ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
        try (Serving serving = serving()
                .listenerQueue(8)
                .clock(clock)
                .metrics(MicrometerServingMetrics.of(meters))
                .monitor("c", told::add)
                .listener(event -> {
                    throw new IllegalStateException("a bad listener");
                })
                .listener(event -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .build()) {
            Predictor<X, Regression> c = serving.predictor("c/1", X.class, Regression.class);
            assertThat(c.predict(new X(1)).value()).isEqualTo(1);
            assertThat(serving.predictor("d/1", X.class, Regression.class)
                            .predict(new X(1))
                            .value())
                    .isEqualTo(2);
            Predictor<Tensors, Tensors> raw = serving.predictor("c/1", Tensors.class, Tensors.class);
            assertThatThrownBy(() -> raw.predict(Tensors.of("y", Tensor.copyOf(new double[1], 1))))
                    .isInstanceOf(InvalidInputException.class);
            for (int i = 0; i < 100; i++) {
                c.predict(new X(i));
            }
            release.countDown();
            assertThat(serving.flushListeners(Duration.ofSeconds(20))).isTrue();
            assertThat(told).hasSizeGreaterThanOrEqualTo(2);
            assertThat(told).allSatisfy(e -> assertThat(e.model()).isEqualTo("c"));
            assertThat(told.get(0).inputs().get("x").doubleAt(0)).isEqualTo(1);
            assertThat(told.get(0).at()).isEqualTo(clock.instant());
            assertThat(told.get(0).error()).isNull();
            assertThat(told.get(1).outputs()).isNull();
            assertThat(told.get(1).error()).isInstanceOf(InvalidInputException.class);
            assertThat(told.stream().map(PredictionEvent::id)).doesNotHaveDuplicates();
            assertThat(meters.get("mlops.listener.failures").counters().stream()
                            .mapToDouble(m -> m.count())
                            .sum())
                    .isPositive();
            assertThat(meters.get("mlops.listener.dropped").counters().stream()
                            .mapToDouble(m -> m.count())
                            .sum())
                    .isPositive();
        }
    }

    @Test
    void cachedAnswersAreEqualCountedAndNeverThoseOfAnotherVersion() {
        Fixture fixture = Fixture.load("breast_cancer");
        models.onnx("cancer", fixture.onnx);
        models.constant("c", "1");
        models.constant("c", "2");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        AtomicInteger asked = new AtomicInteger();
        try (Serving plain = serving().build();
                Serving cached = serving()
                        .cache(CacheSpec.maxBytes(10_000_000))
                        .metrics(MicrometerServingMetrics.of(meters))
                        .decorator(model -> counting(model, asked))
                        .build()) {
            Predictor<Tensors, Tensors> with = cached.predictor("cancer/1", Tensors.class, Tensors.class);
            Predictor<Tensors, Tensors> without = plain.predictor("cancer/1", Tensors.class, Tensors.class);
            for (int round = 0; round < 3; round++) {
                for (int row = 0; row < 20; row++) {
                    Tensors input = fixture.rows(row, row + 1);
                    assertThat(with.predict(input)).isEqualTo(without.predict(input));
                }
            }
            assertThat(meters.get("mlops.cache.lookups")
                            .tag("result", "hit")
                            .functionCounter()
                            .count())
                    .isEqualTo(40);
            assertThat(meters.get("mlops.cache.lookups")
                            .tag("result", "miss")
                            .functionCounter()
                            .count())
                    .isEqualTo(20);
            assertThat(meters.get("mlops.predictions")
                            .tag("outcome", "success")
                            .timer()
                            .count())
                    .isEqualTo(60);
            assertThat(asked).as("decorators stand outside the cache").hasValue(60);
            assertThat(cached.predictor("c/1", X.class, Regression.class)
                            .predict(new X(7))
                            .value())
                    .isEqualTo(1);
            assertThat(cached.predictor("c/2", X.class, Regression.class)
                            .predict(new X(7))
                            .value())
                    .isEqualTo(2);
            assertThatThrownBy(() -> with.predict(Tensors.of("input", Tensor.copyOf(new float[1], 1))))
                    .isInstanceOf(InvalidInputException.class);
            assertThat(meters.get("mlops.predictions")
                            .tag("outcome", "invalid_input")
                            .tag("model", "cancer")
                            .timer()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void limitsBeyondWhatCanBeCountedAreAsGoodAsNone() throws Exception {
        Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
        try (TestRegistry models = new TestRegistry()) {
            models.constant("m", "1");
            Serving.Builder builder = Serving.builder(models.registry)
                    .pollEvery(ever)
                    .timeout(ever)
                    .timeout("m", ever)
                    .warmUp(1, ever)
                    .asyncQueue(Integer.MAX_VALUE)
                    .loader(constants);
            try (Serving serving = builder.build()) {
                Predictor<X, Regression> predictor = serving.predictor("m/1", X.class, Regression.class);
                assertThat(predictor.predict(new X(1)).value()).isEqualTo(1);
                assertThat(predictor.predictAsync(new X(1)).get().value()).isEqualTo(1);
                assertThat(serving.flushListeners(ever)).isTrue();
            }
            assertThatThrownBy(() -> builder.flavor("m@champion", "constant"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("name of a model");
            for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(Long.MIN_VALUE))) {
                assertThatThrownBy(() -> builder.timeout(none))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected more than zero");
            }
        }
    }

    private static InferenceModel counting(InferenceModel model, AtomicInteger calls) {
        return new ForwardingModel(model) {
            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                calls.incrementAndGet();
                return super.predict(inputs, deadline);
            }
        };
    }
}
