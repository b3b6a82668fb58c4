package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.TestRegistry.Constants;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsyncPredictionIT {
    private final TestRegistry models = new TestRegistry();
    private final Constants constants = new Constants();

    /** Each call of the model takes one. */
    private final Semaphore go = new Semaphore(0);

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private record X(double x) {}

    @AfterEach
    void closeRegistry() {
        go.release(1_000_000);
        models.close();
    }

    /** One thread, whose calls wait until they are let go. */
    private Serving.Builder held() {
        return Serving.builder(models.registry)
                .loader(constants)
                .pollEvery(Duration.ZERO)
                .asyncThreads(1)
                .decorator(this::holding);
    }

    private InferenceModel holding(InferenceModel model) {
        return new ForwardingModel(model) {
            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                begun.incrementAndGet();
                go.acquireUninterruptibly();
                try {
                    return super.predict(inputs, deadline);
                } finally {
                    ended.incrementAndGet();
                }
            }
        };
    }

    private Predictor<X, Regression> champion(Serving serving) {
        return serving.predictor("c@live", X.class, Regression.class);
    }

    private void live(ModelVersion version) {
        models.registry.setAlias("c", "live", version);
    }

    private static void spinUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("20 s are enough").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        }
        throw new AssertionError("it was answered");
    }

    @Test
    void answersLikeTheOthers() throws Exception {
        Fixture fixture = Fixture.load("iris_zipmap");
        models.onnx("iris", fixture.onnx);
        live(models.constant("c", "7"));
        go.release(10);
        try (Serving serving = held().build()) {
            Predictor<Tensors, Tensors> iris = serving.predictor("iris/1", Tensors.class, Tensors.class);
            go.release(10);
            assertThat(iris.predictAsync(fixture.inputs).get()).isEqualTo(iris.predict(fixture.inputs));
            assertThat(iris.predictAllAsync(List.of(fixture.rows(0, 1), fixture.rows(1, 3)))
                            .get())
                    .isEqualTo(iris.predictAll(List.of(fixture.rows(0, 1), fixture.rows(1, 3))));
            Predictor<X, Regression> c = champion(serving);
            List<X> rows = new ArrayList<>(List.of(new X(1), new X(2)));
            CompletableFuture<List<Regression>> answers = c.predictAllAsync(rows);
            rows.clear();
            assertThat(answers.get()).containsExactly(new Regression(7), new Regression(7));
            assertThat(c.predictAllAsync(List.of()).get()).isEmpty();
            AtomicReference<String> thread = new AtomicReference<>();
            go.drainPermits();
            CompletableFuture<Void> after = c.predictAsync(new X(1))
                    .thenAccept(r -> thread.set(Thread.currentThread().getName()));
            go.release();
            after.get();
            assertThat(thread.get()).startsWith("mlops-predict-");
        }
    }

    @Test
    void arraysMayBeChangedOnceTheyWereHandedOver() throws Exception {
        models.registry.setAlias("times", "live", models.onnx("times", OnnxBytes.times(3, 1)));
        try (Serving serving = held().build()) {
            Predictor<float[], float[]> times = serving.predictor("times@live", float[].class, float[].class);
            float[] rows = {1, 2};
            CompletableFuture<float[]> answer = times.predictAsync(rows);
            CompletableFuture<List<float[]>> answers = times.predictAllAsync(List.of(rows, rows));
            rows[0] = 100;
            go.release(3);
            assertThat(answer.get()).containsExactly(3, 6);
            assertThat(answers.get()).containsExactly(new float[] {3, 6}, new float[] {3, 6});
        }
    }

    @Test
    void whatPredictThrowsFailsTheFuture() throws Exception {
        live(models.constant("c", "1"));
        Serving serving = Serving.builder(models.registry)
                .loader(constants)
                .decorator(model -> new ForwardingModel(model) {
                    @Override
                    public Tensors predict(Tensors inputs, Deadline deadline) {
                        if (inputs.at(0).size() == 2) {
                            throw new ModelFailureException("two are too many");
                        }
                        if (inputs.at(0).size() == 3) {
                            throw new OutOfMemoryError("three are far too many");
                        }
                        return super.predict(inputs, deadline);
                    }
                })
                .build();
        Predictor<Tensors, Tensors> c = serving.predictor("c@live", Tensors.class, Tensors.class);
        assertThat(failure(c.predictAsync(Tensors.of("y", Tensor.copyOf(new double[1], 1)))))
                .isInstanceOf(InvalidInputException.class);
        assertThat(failure(c.predictAsync(Tensors.of("x", Tensor.copyOf(new double[2], 2)))))
                .isInstanceOf(ModelFailureException.class);
        assertThat(failure(c.predictAsync(Tensors.of("x", Tensor.copyOf(new double[3], 3)))))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(failure(c.predictAllAsync(Arrays.asList((Tensors) null)))).isInstanceOf(NullPointerException.class);
        serving.close();
        assertThat(failure(c.predictAsync(Tensors.of("x", Tensor.copyOf(new double[1], 1)))))
                .isInstanceOf(ClosedException.class);
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void aDeadlineEndsTheFutureWhileTheModelRunsOnUnderItsLease() throws Exception {
        live(models.constant("c", "1"));
        Serving serving = held().build();
        Predictor<X, Regression> c = champion(serving);
        // So long that a busy machine begins it in time.
        CompletableFuture<Regression> running = c.predictAsync(new X(1), Deadline.after(Duration.ofSeconds(1)));
        CompletableFuture<Regression> queued = c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(50)));
        assertThat(failure(running))
                .isInstanceOf(TimedOutException.class)
                .hasMessageContaining("model c@live has not answered by the deadline");
        assertThat(failure(queued))
                .isInstanceOf(TimedOutException.class)
                .hasMessageContaining("model c@live was not asked");
        assertThat(ended).hasValue(0);
        assertThat(serving.unload("c@live")).isTrue();
        assertThat(constants.open).as("the call that runs has it").hasValue(1);
        go.release();
        spinUntil(() -> constants.open.get() == 0);
        assertThat(begun).as("the one that waited was never begun").hasValue(1);
        serving.close();
    }

    @Test
    void theServingsTimeLimitCountsWhereTheCallersIsNotEarlier() throws Exception {
        live(models.constant("c", "1"));
        models.constant("d", "2");
        models.constant("e", "3");
        List<Long> left = new ArrayList<>();
        try (Serving serving = Serving.builder(models.registry)
                .loader(constants)
                .timeout(Duration.ofSeconds(100))
                .timeout("d", Duration.ofSeconds(1_000))
                .timeout("e", Duration.ofMillis(20))
                .decorator(model -> new ForwardingModel(model) {
                    @Override
                    public Tensors predict(Tensors inputs, Deadline deadline) {
                        left.add(TimeUnit.NANOSECONDS.toSeconds(deadline.remainingNanos() + 500_000_000));
                        return super.predict(inputs, deadline);
                    }
                })
                .build()) {
            Predictor<X, Regression> c = champion(serving);
            Predictor<X, Regression> d = serving.predictor("d/1", X.class, Regression.class);
            c.predict(new X(0));
            c.predictAll(List.of(new X(0)), Deadline.after(Duration.ofSeconds(3)));
            c.predictAsync(new X(0), Deadline.after(Duration.ofHours(3))).get();
            d.predict(new X(0));
            assertThat(left).hasSize(4);
            assertThat(left.get(0)).isBetween(90L, 100L);
            assertThat(left.get(1)).isBetween(0L, 3L);
            assertThat(left.get(2)).isBetween(90L, 100L);
            assertThat(left.get(3)).isBetween(900L, 1000L);
        }
        try (Serving serving = held().timeout("e", Duration.ofMillis(20)).build()) {
            CompletableFuture<Regression> e =
                    serving.predictor("e/1", X.class, Regression.class).predictAsync(new X(0));
            assertThat(failure(e)).isInstanceOf(TimedOutException.class);
            go.release();
        }
    }

    @Test
    void whatDoesNotFitTheQueueIsRefusedAtOnceAndTakesNothing() throws Exception {
        live(models.constant("c", "1"));
        try (Serving serving = held().asyncQueue(2).build()) {
            Predictor<X, Regression> c = champion(serving);
            for (int round = 0; round < 3; round++) {
                List<CompletableFuture<Regression>> calls = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    calls.add(c.predictAsync(new X(i)));
                }
                assertThat(calls).noneMatch(CompletableFuture::isDone);
                CompletableFuture<Regression> refused = c.predictAsync(new X(4));
                assertThat(refused).isCompletedExceptionally();
                assertThat(failure(refused))
                        .isInstanceOf(OverloadedException.class)
                        .hasMessageContaining("3 of at most 3 calls");
                go.release(3);
                for (CompletableFuture<Regression> call : calls) {
                    assertThat(call.get(20, TimeUnit.SECONDS).value()).isEqualTo(1);
                }
                // Room is made just after the future is done.
                int expected = 3 * (round + 1);
                spinUntil(() -> ended.get() == expected);
                awaitIdle(serving);
            }
        }
        assertThat(constants.open).hasValue(0);
    }

    /** Calls that come after others have ended find room. */
    private static void awaitIdle(Serving serving) {
        spinUntil(() -> serving.asyncRoom() == serving.asyncCapacity());
    }

    @Test
    void cancellingDropsWhatWaitsAndTheAnswerOfWhatRuns() throws Exception {
        live(models.constant("c", "1"));
        try (Serving serving = held().asyncQueue(1).build()) {
            Predictor<X, Regression> c = champion(serving);
            CompletableFuture<Regression> running = c.predictAsync(new X(1));
            spinUntil(() -> begun.get() == 1);
            for (int i = 0; i < 10; i++) {
                CompletableFuture<Regression> waiting = c.predictAsync(new X(1));
                assertThat(waiting.cancel(true))
                        .as("and makes room for the next")
                        .isTrue();
                assertThat(waiting).isCancelled();
                assertThat(waiting.cancel(false)).isTrue();
            }
            CompletableFuture<Regression> given = c.predictAsync(new X(1));
            assertThat(given.complete(new Regression(9))).isTrue();
            CompletableFuture<Regression> late = c.predictAsync(new X(1)).orTimeout(10, TimeUnit.MILLISECONDS);
            assertThat(failure(late)).isInstanceOf(TimeoutException.class);
            assertThat(running.cancel(true)).isTrue();
            assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
            go.release();
            awaitIdle(serving);
            assertThat(begun).hasValue(1);
            assertThat(ended).hasValue(1);
            assertThat(given.get().value()).isEqualTo(9);
        }
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void closingFailsWhatWaitsAndAnswersWhatRuns() throws Exception {
        live(models.constant("c", "1"));
        Serving serving = held().build();
        Predictor<X, Regression> c = champion(serving);
        CompletableFuture<Regression> running = c.predictAsync(new X(1));
        spinUntil(() -> begun.get() == 1);
        List<CompletableFuture<Regression>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(c.predictAsync(new X(1), i % 2 == 0 ? Deadline.NONE : Deadline.after(Duration.ofMinutes(1))));
        }
        // Closing waits for the call that runs, which is let go once those that wait have been told.
        CompletableFuture<?> told = CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new))
                .handle((done, failed) -> {
                    go.release();
                    return failed;
                });
        serving.close();
        for (CompletableFuture<Regression> call : waiting) {
            assertThat(failure(call)).isInstanceOf(ClosedException.class).hasMessageContaining("model c@live");
        }
        told.get(20, TimeUnit.SECONDS);
        assertThat(running.get(20, TimeUnit.SECONDS).value()).isEqualTo(1);
        assertThat(begun).hasValue(1);
        assertThat(constants.open).hasValue(0);
        assertThat(failure(c.predictAsync(new X(1)))).isInstanceOf(ClosedException.class);
    }

    @Test
    void aCallerThatBlocksInWhatDependsOnAFutureHoldsUpNoOtherDeadline() throws Exception {
        live(models.constant("c", "1"));
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        try (Serving serving = held().build()) {
            Predictor<X, Regression> c = champion(serving);
            CompletableFuture<Regression> first = c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(20)));
            CompletableFuture<Regression> blocking = first.whenComplete((answer, failed) -> {
                blocked.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
            if (Runtime.getRuntime().availableProcessors() > 1) {
                assertThat(failure(c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(20)))))
                        .isInstanceOf(TimedOutException.class);
            }
            // A swap, which is done by another thread of ours, goes through as well.
            live(models.constant("c", "2"));
            serving.refresh();
            assertThat(serving.live("c@live").version()).isEqualTo(2);
            release.countDown();
            go.release();
            assertThat(failure(blocking)).isInstanceOf(TimedOutException.class);
        }
    }

    @Test
    void whatIsNeverBegunIsCountedByItsReason() throws Exception {
        live(models.constant("c", "1"));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Serving serving = held().asyncQueue(4)
                .metrics(MicrometerServingMetrics.of(meters))
                .build();
        Predictor<X, Regression> c = champion(serving);
        CompletableFuture<Regression> running = c.predictAsync(new X(1));
        spinUntil(() -> begun.get() == 1);
        assertThat(c.predictAsync(new X(1)).cancel(false)).isTrue();
        assertThat(c.predictAsync(new X(1)).complete(new Regression(2))).isTrue();
        failure(c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(1))));
        spinUntil(() -> serving.asyncRoom() == 4);
        List<CompletableFuture<Regression>> waiting = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            waiting.add(c.predictAsync(new X(1)));
        }
        waiting.get(0).whenComplete((answer, failed) -> go.release()).isDone();
        serving.close();
        assertThat(running.get().value()).isEqualTo(1);
        for (String reason : List.of("cancelled=2", "timed_out=1", "overloaded=3", "closed=4")) {
            String[] parts = reason.split("=", -1);
            assertThat(meters.get("mlops.async.dropped")
                            .tag("model", "c")
                            .tag("reason", parts[0])
                            .counter()
                            .count())
                    .as(reason)
                    .isEqualTo(Double.parseDouble(parts[1]));
        }
    }

    @Test
    void whatAnExecutorDropsWithoutAWordIsFoundAndTakesNoRoom() throws Exception {
        live(models.constant("c", "1"));
        go.release(1_000);
        List<Runnable> taken = new ArrayList<>();
        try (Serving serving = held().asyncQueue(4).executor(taken::add).build()) {
            Predictor<X, Regression> c = champion(serving);
            CompletableFuture<Regression> patient = c.predictAsync(new X(1));
            List<CompletableFuture<Regression>> timed = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                timed.add(c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(1))));
            }
            for (CompletableFuture<Regression> one : timed) {
                assertThat(failure(one)).isInstanceOf(TimedOutException.class);
            }
            // The executor still holds them.
            System.gc();
            assertThat(failure(c.predictAsync(new X(1)))).isInstanceOf(OverloadedException.class);
            assertThat(patient).isNotDone();
            taken.clear();
            spinUntil(() -> {
                System.gc();
                CompletableFuture<Regression> asked = c.predictAsync(new X(1));
                assertThat(asked.cancel(false) || asked.isCompletedExceptionally())
                        .isTrue();
                taken.clear();
                return patient.isDone();
            });
            assertThat(failure(patient)).isInstanceOf(OverloadedException.class);
            spinUntil(() -> {
                System.gc();
                CompletableFuture<Regression> asked = c.predictAsync(new X(1));
                if (taken.isEmpty()) {
                    return false;
                }
                taken.remove(0).run();
                return asked.isDone();
            });
        }
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void anExecutorWithoutThreadsToGetLosesNoLease() throws Exception {
        live(models.constant("c", "1"));
        Executor poor = task -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        Serving serving = held().asyncQueue(4).executor(poor).build();
        Predictor<X, Regression> c = champion(serving);
        for (int i = 0; i < 10; i++) {
            assertThat(failure(c.predictAsync(new X(1))))
                    .isInstanceOf(OverloadedException.class)
                    .hasCauseInstanceOf(OutOfMemoryError.class);
        }
        assertThat(serving.asyncRoom()).isEqualTo(4);
        serving.close();
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void metricsThatThrowLeaveNoFutureOpen() throws Exception {
        live(models.constant("c", "1"));
        ServingMetrics faulty = new ServingMetrics() {
            @Override
            public ModelMetrics of(String model, int version, String flavor) {
                return ModelMetrics.NONE;
            }

            @Override
            public void notBegun(String model, NotBegun why) {
                throw new IllegalStateException("faulty");
            }
        };
        try (Serving serving =
                held().asyncQueue(4).executor(task -> {}).metrics(faulty).build()) {
            Predictor<X, Regression> c = champion(serving);
            assertThat(failure(c.predictAsync(new X(1), Deadline.after(Duration.ofMillis(1)))))
                    .isInstanceOf(TimedOutException.class);
            assertThat(c.predictAsync(new X(1)).cancel(false)).isTrue();
        }
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void theVersionThatWasLiveWhenAskedAnswersAndIsFreedThen() throws Exception {
        live(models.constant("c", "1"));
        ModelVersion second = models.constant("c", "2");
        try (Serving serving = held().build()) {
            Predictor<X, Regression> c = champion(serving);
            CompletableFuture<Regression> first = c.predictAsync(new X(1));
            CompletableFuture<Regression> waiting = c.predictAsync(new X(1));
            live(second);
            serving.refresh();
            CompletableFuture<Regression> after = c.predictAsync(new X(1));
            assertThat(constants.open).hasValue(2);
            go.release(3);
            assertThat(first.get().value()).isEqualTo(1);
            assertThat(waiting.get().value()).isEqualTo(1);
            assertThat(after.get().value()).isEqualTo(2);
            assertThat(constants.open).hasValue(1);
        }
    }

    @Test
    void theHostsExecutorIsUsedAndItsNoIsOverload() throws Exception {
        live(models.constant("c", "1"));
        List<Runnable> tasks = new ArrayList<>();
        AtomicReference<RuntimeException> no = new AtomicReference<>();
        Executor host = task -> {
            RuntimeException e = no.get();
            if (e != null) {
                throw e;
            }
            tasks.add(task);
        };
        Serving serving = Serving.builder(models.registry)
                .loader(constants)
                .executor(host)
                .asyncQueue(2)
                .build();
        Predictor<X, Regression> c = champion(serving);
        CompletableFuture<Regression> first = c.predictAsync(new X(1));
        CompletableFuture<Regression> cancelled = c.predictAsync(new X(1));
        cancelled.cancel(false);
        assertThat(failure(c.predictAsync(new X(1))))
                .as("the host's executor still holds both")
                .isInstanceOf(OverloadedException.class);
        tasks.forEach(Runnable::run);
        assertThat(first.get().value()).isEqualTo(1);
        tasks.clear();
        for (RuntimeException e : List.of(new RejectedExecutionException("full"), new IllegalStateException("odd"))) {
            no.set(e);
            for (int i = 0; i < 5; i++) {
                assertThat(failure(c.predictAsync(new X(1))))
                        .isInstanceOf(OverloadedException.class)
                        .hasCause(e);
            }
        }
        no.set(null);
        CompletableFuture<Regression> waiting = c.predictAsync(new X(1));
        serving.close();
        assertThat(failure(waiting)).isInstanceOf(ClosedException.class);
        tasks.forEach(Runnable::run);
        assertThat(constants.open).hasValue(0);
    }

    @Test
    void anExecutorThatRunsAtOnceIsOneToo() throws Exception {
        live(models.constant("c", "1"));
        try (Serving serving = Serving.builder(models.registry)
                .loader(constants)
                .executor(Runnable::run)
                .build()) {
            assertThat(champion(serving).predictAsync(new X(1)).getNow(null)).isEqualTo(new Regression(1));
        }
    }

    @Test
    void unloadedPredictorsSaySoAndTheReferenceCanBeAskedForAgain() {
        live(models.constant("c", "1"));
        try (Serving serving =
                Serving.builder(models.registry).loader(constants).build()) {
            assertThat(serving.unload("c/1")).isFalse();
            Predictor<X, Regression> pinned = serving.predictor("c/1", X.class, Regression.class);
            Predictor<X, Regression> champion = champion(serving);
            assertThat(constants.open).hasValue(2);
            assertThat(serving.unload("c/1")).isTrue();
            assertThat(constants.open).hasValue(1);
            assertThat(serving.live()).hasSize(1);
            assertThatThrownBy(() -> pinned.predict(new X(1)))
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("c/1 was unloaded");
            assertThat(champion.predict(new X(1)).value()).isEqualTo(1);
            assertThat(serving.predictor("c/1", X.class, Regression.class)
                            .predict(new X(1))
                            .value())
                    .isEqualTo(1);
            assertThatThrownBy(() -> pinned.predict(new X(1))).isInstanceOf(ClosedException.class);
        }
        assertThat(constants.open).hasValue(0);
    }

    /** Everything at once: whatever happened, each future ends, no lease and no room is lost. */
    @Test
    void nothingIsLostUnderRandomCallsTimeoutsCancelsSwapsAndUnloads() throws Exception {
        for (int v = 1; v <= 5; v++) {
            models.constant("c", Integer.toString(v));
        }
        List<ModelVersion> versions = models.registry.versions("c");
        live(versions.get(0));
        go.release(1_000_000);
        AtomicInteger answered = new AtomicInteger();
        Serving serving = held().asyncThreads(2).asyncQueue(30).build();
        List<Thread> callers = new ArrayList<>();
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        for (int t = 0; t < 3; t++) {
            Random random = new Random(t);
            Thread caller = new Thread(() -> {
                try {
                    for (int i = 0; i < 3_000; i++) {
                        Predictor<X, Regression> c = champion(serving);
                        CompletableFuture<Regression> call = c.predictAsync(
                                new X(i),
                                random.nextInt(3) == 0 ? Deadline.afterNanos(random.nextInt(200_000)) : Deadline.NONE);
                        switch (random.nextInt(40)) {
                            case 0, 1, 2, 3 -> call.cancel(true);
                            case 4 -> serving.unload("c@live");
                            case 5 -> call.completeExceptionally(new IllegalStateException("never mind"));
                            default -> {}
                        }
                        if (random.nextInt(4) == 0) {
                            try {
                                call.get(20, TimeUnit.SECONDS);
                                answered.incrementAndGet();
                            } catch (ExecutionException | CancellationException e) {
                                Throwable why = e instanceof ExecutionException ? e.getCause() : e;
                                assertThat(why)
                                        .isInstanceOfAny(
                                                TimedOutException.class,
                                                OverloadedException.class,
                                                ClosedException.class,
                                                CancellationException.class,
                                                IllegalStateException.class);
                            }
                        }
                    }
                } catch (Throwable e) {
                    wrong.set(e);
                }
            });
            callers.add(caller);
            caller.start();
        }
        int swap = 0;
        while (callers.stream().anyMatch(Thread::isAlive)) {
            live(versions.get(++swap % versions.size()));
            serving.refresh();
        }
        assertThat(wrong.get()).isNull();
        assertThat(answered).hasPositiveValue();
        awaitIdle(serving);
        champion(serving);
        spinUntil(() -> constants.open.get() == 1);
        assertThat(begun.get()).isEqualTo(ended.get());
        serving.close();
        assertThat(constants.open).hasValue(0);
    }
}
