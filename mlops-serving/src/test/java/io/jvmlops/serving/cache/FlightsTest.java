package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.benmanes.caffeine.cache.Ticker;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.FloatRows;
import io.jvmlops.test.Concurrently;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many who ask at once, and models that are slow, fail, or ask the cache themselves. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlightsTest {
    private static final int WIDTH = 4;

    private final PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(10_000_000)
            .checkEvery(0)
            .rule("m", CacheRule.exact().always()));
    private final AtomicReference<Consumer<Tensors>> before = new AtomicReference<>(inputs -> {});
    private final EchoModel model =
            new EchoModel("m", EchoModel.FLOATS, false, inputs -> before.get().accept(inputs));
    private final EchoModel alone = new EchoModel("m", EchoModel.FLOATS);
    private final InferenceModel cached = cache.around("m", model);

    /** Whatever happened: nothing is under way for ever. */
    @AfterEach
    void nothingIsUnderWay() {
        until(() -> cache.flights().isEmpty());
        cache.close();
    }

    private static Tensors rows(int... numbers) {
        float[] values = new float[numbers.length * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers[i / WIDTH] * 10 + i % WIDTH;
        }
        return Tensors.of("x", Tensor.transfer(values, numbers.length, WIDTH));
    }

    private Tensors truth(int... numbers) {
        return alone.predict(rows(numbers));
    }

    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("did not come true");
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private static void pass(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                if (!latch.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("nobody opened the latch");
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Has rows known one by one, and all counters at zero. */
    private void prove() {
        Tensors batch = rows(-1, -2, -3);
        assertThat(cached.predict(batch)).isEqualTo(alone.predict(batch));
        model.calls.reset();
        model.rows.reset();
    }

    /** Another thread's call. */
    private static final class Call {
        private final FutureTask<Tensors> task;
        private final Thread thread;

        Call(Callable<Tensors> call) {
            task = new FutureTask<>(call);
            thread = new Thread(task, "caller");
            thread.setDaemon(true);
            thread.start();
        }

        void untilItWaits() {
            until(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        }

        Tensors answer() throws Exception {
            return task.get(30, TimeUnit.SECONDS);
        }

        Throwable failure() {
            Throwable thrown = catchThrowable(this::answer);
            assertThat(thrown).as("a failure").isNotNull();
            return Objects.requireNonNull(thrown.getCause());
        }
    }

    /** Calls that all wait for what is under way for the first of them, which is in the model when they come. */
    private List<Call> waitFor(CountDownLatch inside, Runnable first, Tensors inputs, int others) {
        first.run();
        pass(inside);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            calls.add(new Call(() -> cached.predict(inputs)));
        }
        calls.forEach(Call::untilItWaits);
        return calls;
    }

    private void hold(CountDownLatch inside, CountDownLatch go) {
        before.set(inputs -> {
            inside.countDown();
            pass(go);
        });
    }

    @Test
    void sixtyFourRowsOfFloatsThatAreTheSameCauseOneCall() {
        CountDownLatch all = new CountDownLatch(64);
        before.set(inputs -> pass(all));
        FloatRows floats = Objects.requireNonNull(FloatRows.of(cached));
        float[] row = rows(7).at(0).toFloatArray();
        List<float[]> answers = Concurrently.run(64, thread -> {
            all.countDown();
            return thread % 2 == 0
                    ? floats.predict(row, Deadline.NONE)
                    : floats.predict(target -> System.arraycopy(row, 0, target, 0, WIDTH), 1, Deadline.NONE)
                            .at(0)
                            .toFloatArray();
        });
        float[] truth = truth(7).at(0).toFloatArray();
        assertThat(answers).hasSize(64).allMatch(answer -> Arrays.equals(answer, truth));
        assertThat(model.calls.sum()).isEqualTo(1);
        // What is given away is a copy.
        Arrays.fill(answers.get(0), -1);
        assertThat(floats.predict(row, Deadline.NONE)).isEqualTo(truth);
    }

    /** They must not, and get what they get; nobody else does. */
    @Test
    void whoChangesAnArrayThatIsBeingAskedForSpoilsNobodyElsesAnswer() throws Exception {
        int width = 20_000;
        ModelSignature wide = EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, width));
        FloatRows floats = Objects.requireNonNull(FloatRows.of(cache.around("m", new EchoModel("wide", wide))));
        float[][] clean = {new float[width], new float[width]};
        Arrays.fill(clean[1], 1);
        float[][] truth = new float[2][];
        for (int i = 0; i < 2; i++) {
            truth[i] = new EchoModel("wide", wide)
                    .predict(Tensors.of("x", Tensor.copyOf(clean[i], 1, width)))
                    .at(0)
                    .toFloatArray();
        }
        float[] shared = new float[width];
        AtomicBoolean over = new AtomicBoolean();
        Thread changing = new Thread(() -> {
            for (int i = 0; !over.get(); i++) {
                System.arraycopy(clean[i % 2], 0, shared, 0, width);
                LockSupport.parkNanos(10_000);
            }
        });
        changing.start();
        try {
            for (int round = 0; round < 150; round++) {
                cache.invalidateAll();
                assertThat(floats.predict(shared, Deadline.NONE)).hasSize(2);
                for (int i = 0; i < 2; i++) {
                    assertThat(floats.predict(clean[i], Deadline.NONE)).isEqualTo(truth[i]);
                }
            }
        } finally {
            over.set(true);
            changing.join();
        }
    }

    @Test
    void batchesThatOverlapComputeNoRowTwice() {
        prove();
        int universe = 300;
        List<Integer> distinct = Concurrently.run(8, thread -> {
            SplittableRandom random = new SplittableRandom(thread);
            FloatRows floats = Objects.requireNonNull(FloatRows.of(cached));
            for (int round = 0; round < 40; round++) {
                int[] numbers = random.ints(1 + random.nextInt(40), 0, universe).toArray();
                Tensors truth = truth(numbers);
                if (round % 3 == 0) {
                    float[] values = rows(numbers).at(0).toFloatArray();
                    assertThat(floats.predict(values, Deadline.NONE))
                            .isEqualTo(truth.at(0).toFloatArray());
                } else {
                    Deadline deadline = round % 3 == 1 ? Deadline.NONE : Deadline.after(Duration.ofSeconds(20));
                    assertThat(cached.predict(rows(numbers), deadline)).isEqualTo(truth);
                }
            }
            return 0;
        });
        assertThat(distinct).hasSize(8);
        assertThat(model.rows.sum()).isLessThanOrEqualTo(universe);
        assertThat(model.calls.sum()).isPositive();
    }

    @Test
    void aFailureIsSharedWithThoseWhoWaitAndNotKept() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        model.failure.set(new ModelFailureException("it is broken"));
        AtomicReference<Call> owner = new AtomicReference<>();
        List<Call> others = waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(7)))), rows(7), 8);
        go.countDown();
        assertThat(owner.get().failure()).isInstanceOf(ModelFailureException.class);
        for (Call other : others) {
            assertThat(other.failure()).isInstanceOf(ModelFailureException.class);
        }
        assertThat(model.calls.sum()).isEqualTo(1);
        assertThat(cached.predict(rows(7))).isEqualTo(truth(7));
        assertThat(model.calls.sum()).isEqualTo(2);
    }

    /** As one does whose container has run into its bound. */
    @Test
    void aMachineThatBeginsNoMoreThreadsFailsNoCallAndStopsNothingForGood() {
        AtomicBoolean exhausted = new AtomicBoolean(true);
        FaultyStore store = new FaultyStore();
        CacheSpec spec = CacheSpec.maxEntries(100)
                .checkEvery(1)
                .rule("m", CacheRule.exact().always())
                .backedBy(store, Duration.ofSeconds(30));
        BiFunction<Runnable, String, Thread> maker = (task, name) -> {
            if (exhausted.get()) {
                throw new OutOfMemoryError("unable to create native thread, says the test");
            }
            return new Thread(task, name);
        };
        try (PredictionCache bare = new PredictionCache(spec, Ticker.systemTicker(), maker)) {
            InferenceModel around = bare.around("m", model);
            // Whose deadline would have another thread ask; whose answer is known, and checked; a batch.
            assertThat(around.predict(rows(1), Deadline.after(Duration.ofSeconds(20))))
                    .isEqualTo(truth(1));
            assertThat(around.predict(rows(1))).isEqualTo(truth(1));
            assertThat(around.predict(rows(2, 3), Deadline.after(Duration.ofNanos(1L << 40))))
                    .isEqualTo(truth(2, 3));
            assertThat(store.reads).isEmpty();
            exhausted.set(false);
            assertThat(around.predict(rows(4))).isEqualTo(truth(4));
            assertThat(store.reads).isNotEmpty();
            until(() -> !store.writes.isEmpty());
            assertThat(around.predict(rows(1))).isEqualTo(truth(1));
            until(() -> bare.status(around).checks() > 0);
        }
    }

    /** Their keys are the same, their inputs are not. */
    @Test
    void whoseInputOnlyCountsAsTheSameIsNotFailedByAnothers() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Tensors bad = Tensors.of("x", Tensor.transfer(new float[] {1.4f, 0, 0, 0}, 1, WIDTH));
        Tensors good = Tensors.of("x", Tensor.transfer(new float[] {1, 0, 0, 0}, 1, WIDTH));
        EchoModel picky = new EchoModel("m", EchoModel.FLOATS, false, inputs -> {
            inside.countDown();
            pass(go);
            if (inputs.equals(bad)) {
                throw new ModelFailureException("not whole");
            }
        });
        try (PredictionCache rounding = new PredictionCache(
                CacheSpec.maxEntries(10).rule("m", CacheRule.exact().always().rounding("x", 0)))) {
            InferenceModel around = rounding.around("m", picky);
            Call owner = new Call(() -> around.predict(bad));
            pass(inside);
            Call other = new Call(() -> around.predict(good));
            other.untilItWaits();
            go.countDown();
            assertThat(owner.failure()).hasMessageContaining("not whole");
            assertThat(other.answer()).isEqualTo(alone.predict(good));
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class, IOException.class})
    void whatNoModelShouldThrowReachesItsCallerAndOthersAskThemselves(Class<? extends Throwable> type)
            throws Exception {
        Call owner = failUnder(type, Deadline.NONE);
        assertThat(owner.failure()).isInstanceOf(type);
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class, IOException.class})
    void whatNoModelShouldThrowOnAThreadOfTheCachesReachesItsCallerToo(Class<? extends Throwable> type)
            throws Exception {
        Call owner = failUnder(type, Deadline.after(Duration.ofSeconds(20)));
        if (type == IOException.class) {
            // Java would not let it be thrown here, so the caller asks, and is answered.
            assertThat(owner.answer()).isEqualTo(truth(7));
        } else {
            assertThat(owner.failure()).isInstanceOf(type);
        }
    }

    private Call failUnder(Class<? extends Throwable> type, Deadline deadline) throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        model.failure.set(type.getConstructor(String.class).newInstance("thrown by the test"));
        AtomicReference<Call> owner = new AtomicReference<>();
        List<Call> others =
                waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(7), deadline))), rows(7), 3);
        go.countDown();
        for (Call other : others) {
            assertThat(other.answer()).isEqualTo(truth(7));
        }
        assertThat(cached.predict(rows(7))).isEqualTo(truth(7));
        return owner.get();
    }

    @Test
    void aRowThatFailsDoesNotFailThoseWhoWaitForTheRowsBesideIt() throws Exception {
        prove();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        before.set(inputs -> {
            inside.countDown();
            pass(go);
            for (int row = 0; row < inputs.at(0).rows(); row++) {
                if (inputs.select(row).equals(rows(13))) {
                    throw new ModelFailureException("thirteen");
                }
            }
        });
        AtomicReference<Call> owner = new AtomicReference<>();
        List<Call> others =
                waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(11, 12, 13)))), rows(12, 11), 4);
        Call single = new Call(() -> cached.predict(rows(11)));
        single.untilItWaits();
        go.countDown();
        assertThat(owner.get().failure()).hasMessageContaining("thirteen");
        for (Call other : others) {
            assertThat(other.answer()).isEqualTo(truth(12, 11));
        }
        assertThat(single.answer()).isEqualTo(truth(11));
    }

    @Test
    void aBatchGoesOnWhenItsCallersTimeIsOver() {
        prove();
        CountDownLatch go = new CountDownLatch(1);
        before.set(inputs -> pass(go));
        slow();
        assertThatThrownBy(() -> cached.predict(rows(1, 2, 3), Deadline.after(Duration.ofMillis(20))))
                .isInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> cached.predict(rows(3, 4), Deadline.after(Duration.ofMillis(20))))
                .isInstanceOf(TimedOutException.class);
        go.countDown();
        assertThat(cached.predict(rows(4, 3, 2, 1))).isEqualTo(truth(4, 3, 2, 1));
        assertThat(model.rows.sum()).isEqualTo(4);
    }

    /** Has the model known as one that takes its time, so that who has little of it does not ask on their own thread. */
    private void slow() {
        Consumer<Tensors> then = before.getAndSet(inputs -> LockSupport.parkNanos(500_000));
        for (int i = 0; i < 80; i++) {
            assertThat(cached.predict(rows(-100 - i))).isEqualTo(truth(-100 - i));
        }
        model.calls.reset();
        model.rows.reset();
        before.set(then);
    }

    @Test
    void whoseTimeIsOverOnTheirOwnThreadLeavesTheComputationToThoseWhoWait() throws Exception {
        // So quick that a deadline is no reason to go elsewhere.
        for (int i = 0; i < 600; i++) {
            assertThat(cached.predict(rows(1000 + i))).isEqualTo(truth(1000 + i));
        }
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Thread> asker = new AtomicReference<>();
        before.set(inputs -> {
            asker.set(Thread.currentThread());
            inside.countDown();
            pass(go);
        });
        AtomicReference<Call> owner = new AtomicReference<>();
        Deadline deadline = Deadline.after(Duration.ofMillis(1500));
        List<Call> others =
                waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(7), deadline))), rows(7), 4);
        assertThat(asker.get()).as("who is in the model").isSameAs(owner.get().thread);
        until(deadline::hasPassed);
        before.set(inputs -> {});
        go.countDown();
        assertThat(owner.get().failure()).isInstanceOf(TimedOutException.class);
        for (Call other : others) {
            assertThat(other.answer()).isEqualTo(truth(7));
        }
    }

    /** All of the cache's threads, and its queue. */
    private CountDownLatch fill(boolean queueToo) {
        int threads = Runtime.getRuntime().availableProcessors();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            cache.execute(() -> {
                taken.countDown();
                pass(go);
            });
        }
        pass(taken);
        if (queueToo) {
            assertThatThrownBy(() -> {
                        while (true) {
                            cache.execute(() -> {});
                        }
                    })
                    .isInstanceOf(RejectedExecutionException.class);
        }
        return go;
    }

    @Test
    void whereNoThreadIsFreeTheCallerAsks() throws Exception {
        CountDownLatch free = fill(true);
        Deadline deadline = Deadline.after(Duration.ofSeconds(20));
        assertThat(cached.predict(rows(7), deadline)).isEqualTo(truth(7));
        assertThat(cached.predict(rows(7, 8, 9), deadline)).isEqualTo(truth(7, 8, 9));
        assertThat(cached.predict(rows(7, 8, 9, 10), deadline)).isEqualTo(truth(7, 8, 9, 10));
        // Their time is over, and nobody goes on: those who wait ask themselves.
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        AtomicReference<Call> owner = new AtomicReference<>();
        Deadline soon = Deadline.after(Duration.ofMillis(200));
        List<Call> others =
                waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(20), soon))), rows(20), 3);
        until(soon::hasPassed);
        go.countDown();
        assertThat(owner.get().failure()).isInstanceOf(TimedOutException.class);
        for (Call other : others) {
            assertThat(other.answer()).isEqualTo(truth(20));
        }
        free.countDown();
    }

    @Test
    void whatIsTooLateBeforeItsTurnIsNotAsked() {
        CountDownLatch free = fill(false);
        assertThatThrownBy(() -> cached.predict(rows(7), Deadline.after(Duration.ofMillis(10))))
                .isInstanceOf(TimedOutException.class);
        free.countDown();
        until(() -> cache.flights().isEmpty());
        assertThat(model.calls.sum()).isZero();
        assertThat(cached.predict(rows(7))).isEqualTo(truth(7));
    }

    @Test
    void nothingIsBegunAfterItsDeadline() {
        prove();
        Deadline passed = Deadline.afterNanos(0);
        assertThatThrownBy(() -> cached.predict(rows(7), passed)).isInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> cached.predict(rows(7, 8), passed)).isInstanceOf(TimedOutException.class);
        FloatRows floats = Objects.requireNonNull(FloatRows.of(cached));
        assertThatThrownBy(() -> floats.predict(new float[WIDTH], passed)).isInstanceOf(TimedOutException.class);
        assertThat(cache.flights()).isEmpty();
        assertThat(model.calls.sum()).isZero();
    }

    @Test
    void whoIsInterruptedWhileWaitingWaitsOnAndStaysInterrupted() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        Call owner = new Call(() -> cached.predict(rows(7)));
        pass(inside);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Call waiter = new Call(() -> {
            Tensors answer = cached.predict(rows(7));
            flag.set(Thread.currentThread().isInterrupted());
            return answer;
        });
        waiter.untilItWaits();
        waiter.thread.interrupt();
        go.countDown();
        assertThat(waiter.answer()).isEqualTo(truth(7));
        assertThat(flag.get()).isTrue();
        assertThat(owner.answer()).isEqualTo(truth(7));
        assertThat(model.calls.sum()).isEqualTo(1);
    }

    @Test
    void whatWasUnderWayWhenItWasForgottenIsNotKept() throws Exception {
        prove();
        for (Runnable forgetting : List.<Runnable>of(() -> cache.invalidate("m"), cache::invalidateAll)) {
            for (Tensors inputs : List.of(rows(7), rows(7, 8, 9))) {
                CountDownLatch inside = new CountDownLatch(1);
                CountDownLatch go = new CountDownLatch(1);
                hold(inside, go);
                Call call = new Call(() -> cached.predict(inputs));
                pass(inside);
                forgetting.run();
                // Who asks from now on does not wait for it either.
                before.set(all -> {});
                model.calls.reset();
                assertThat(cached.predict(inputs)).isEqualTo(alone.predict(inputs));
                assertThat(model.calls.sum()).isEqualTo(1);
                forgetting.run();
                go.countDown();
                assertThat(call.answer()).isEqualTo(alone.predict(inputs));
                assertThat(cache.entries()).isZero();
            }
        }
    }

    @Test
    void whatWasUnderWayInAProofWhenItWasForgottenIsNotKept() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        Call call = new Call(() -> cached.predict(rows(1, 2, 3)));
        pass(inside);
        cache.invalidate("m");
        go.countDown();
        assertThat(call.answer()).isEqualTo(truth(1, 2, 3));
        assertThat(cache.entries()).isZero();
    }

    @Test
    void aVersionThatIsOpenedAgainDoesNotKnowWhatWasForgottenMeanwhile() {
        assertThat(cached.predict(rows(7))).isEqualTo(truth(7));
        cached.close();
        EchoModel second = new EchoModel("m", EchoModel.FLOATS);
        InferenceModel reopened = cache.around("m", second);
        assertThat(reopened.predict(rows(7))).isEqualTo(truth(7));
        assertThat(second.calls.sum()).as("known from before").isZero();
        reopened.close();
        cache.invalidate("m");
        EchoModel third = new EchoModel("m", EchoModel.FLOATS);
        assertThat(cache.around("m", third).predict(rows(7))).isEqualTo(truth(7));
        assertThat(third.calls.sum()).isEqualTo(1);
    }

    @Test
    void closingLetsThoseInsideEndAndNobodyElseIn() throws Exception {
        prove();
        assertThat(cached.predict(rows(1))).isEqualTo(truth(1));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hold(inside, go);
        AtomicReference<Call> owner = new AtomicReference<>();
        List<Call> others = waitFor(inside, () -> owner.set(new Call(() -> cached.predict(rows(7)))), rows(7), 3);
        FloatRows floats = Objects.requireNonNull(FloatRows.of(cached));
        cached.close();
        cached.close();
        go.countDown();
        assertThat(owner.get().answer()).isEqualTo(truth(7));
        for (Call other : others) {
            assertThat(other.answer()).isEqualTo(truth(7));
        }
        for (Tensors inputs : List.of(rows(1), rows(7), rows(1, 7), rows(8))) {
            assertThatThrownBy(() -> cached.predict(inputs)).isInstanceOf(ClosedException.class);
        }
        assertThatThrownBy(() -> floats.predict(new float[WIDTH], Deadline.NONE))
                .isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> floats.predict(target -> {}, 1, Deadline.NONE)).isInstanceOf(ClosedException.class);
    }

    @Test
    void whatWaitsForAThreadWhenItsModelIsClosedIsRefused() {
        CountDownLatch free = fill(false);
        Call call = new Call(() -> cached.predict(rows(7), Deadline.after(Duration.ofSeconds(20))));
        call.untilItWaits();
        cached.close();
        free.countDown();
        assertThat(call.failure()).isInstanceOf(ClosedException.class);
    }

    @Test
    void aCacheThatIsClosedKeepsNothingAndItsModelsGoOn() {
        prove();
        slow();
        cache.close();
        Deadline deadline = Deadline.after(Duration.ofSeconds(20));
        for (int i = 0; i < 3; i++) {
            assertThat(cached.predict(rows(1))).isEqualTo(truth(1));
            assertThat(cached.predict(rows(2, 3), deadline)).isEqualTo(truth(2, 3));
        }
        assertThat(model.rows.sum()).isEqualTo(9);
        assertThat(cache.entries()).isZero();
    }

    /** A model may be put together from others, or answer a batch row by row through whoever asks it. */
    @Test
    void aModelMayAskThroughItsOwnCache() {
        before.set(inputs -> {
            Tensor x = inputs.at(0);
            int first = (int) x.doubleAt(0) / 10;
            if (x.rows() > 1) {
                for (int row = 0; row < x.rows(); row++) {
                    // These are under way: for this very call.
                    Tensors single = inputs.select(row);
                    assertThat(cached.predict(single)).isEqualTo(alone.predict(single));
                }
            } else if (first > 0) {
                assertThat(cached.predict(rows(first - 1))).isEqualTo(truth(first - 1));
            }
        });
        assertThat(cached.predict(rows(5))).isEqualTo(truth(5));
        assertThat(cached.predict(rows(0, 1, 2))).isEqualTo(truth(0, 1, 2));
        assertThat(cached.predict(rows(20, 3, 21))).isEqualTo(truth(20, 3, 21));
        before.set(inputs -> {});
        assertThat(model.rows.sum()).isPositive();
        model.calls.reset();
        assertThat(cached.predict(rows(5, 4, 3, 2, 1, 0, 20, 21))).isEqualTo(truth(5, 4, 3, 2, 1, 0, 20, 21));
        assertThat(model.calls.sum()).as("what was asked on the way is known").isZero();
    }

    /** With deadlines, so on the cache's own threads, of which there are few. */
    @Test
    void modelsThatAskOthersDoNotUseUpTheThreads() {
        EchoModel outer = new EchoModel("outer", EchoModel.FLOATS, false, inputs -> {
            Tensors single = inputs.select(0);
            assertThat(cached.predict(single, Deadline.after(Duration.ofMinutes(5))))
                    .isEqualTo(alone.predict(single));
        });
        InferenceModel around = cache.around("m", outer);
        before.set(inputs -> LockSupport.parkNanos(2_000_000));
        int callers = 4 * Runtime.getRuntime().availableProcessors();
        EchoModel outerAlone = new EchoModel("outer", EchoModel.FLOATS);
        List<Tensors> answers = Concurrently.run(
                callers, thread -> around.predict(rows(thread), Deadline.after(Duration.ofMinutes(5))));
        for (int i = 0; i < callers; i++) {
            assertThat(answers.get(i)).isEqualTo(outerAlone.predict(rows(i)));
        }
    }

    @Test
    void aBatchOfAnyNumberOfRowsOfNothingIsTheModels() {
        EchoModel empty =
                new EchoModel("e", EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, -1)), false, inputs -> {
                    throw new ModelFailureException("asked");
                });
        InferenceModel around = cache.around("m", empty);
        for (long count : new long[] {1L << 21, Integer.MAX_VALUE, 1L << 40}) {
            Tensors inputs = Tensors.of("x", Tensor.transfer(new float[0], count, 0));
            assertThatThrownBy(() -> around.predict(inputs)).isNotInstanceOf(OutOfMemoryError.class);
        }
        assertThatThrownBy(() -> around.predict(Tensors.of("x", Tensor.transfer(new float[0], 0, 3))))
                .isInstanceOf(ModelFailureException.class);
    }
}
