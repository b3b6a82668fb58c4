package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.cache.FaultyStore.Fault;
import io.jvmlops.test.Concurrently;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SecondLevelTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(10);

    private final AtomicLong now = new AtomicLong();
    private final FaultyStore store = new FaultyStore();
    private final SumModel plain = new SumModel("m");
    private final List<PredictionCache> caches = new ArrayList<>();
    private final List<CountDownLatch> gates = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private int next = 1_000_000;

    @BeforeEach
    void listen() {
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        gates.forEach(CountDownLatch::countDown);
        caches.forEach(PredictionCache::close);
        logger().detachAppender(log);
        for (Thread thread : store.threads) {
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).startsWith("mlops-cache-store-");
            thread.join(20_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    /** What tests wait for takes less than the usual 100 ms between looks. */
    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(SecondLevel.class);
    }

    private List<ILoggingEvent> logged(Level level) {
        return log.list.stream().filter(event -> event.getLevel() == level).toList();
    }

    private PredictionCache cache(Duration timeout) {
        return cache(CacheSpec.maxBytes(10_000_000).checkEvery(0), timeout);
    }

    private PredictionCache cache(CacheSpec spec, Duration timeout) {
        // The models here are quicker than any cache.
        PredictionCache cache =
                new PredictionCache(spec.rule("m", CacheRule.exact().always()).backedBy(store, timeout), now::get);
        caches.add(cache);
        return cache;
    }

    private PredictionCache cacheOfWholes() {
        CacheSpec spec = CacheSpec.maxBytes(100_000_000)
                .checkEvery(0)
                .rule("m", CacheRule.exact().always().wholeCalls())
                .backedBy(store, LONG);
        PredictionCache cache = new PredictionCache(spec, now::get);
        caches.add(cache);
        return cache;
    }

    private static CacheStatus.Store numbers(PredictionCache cache) {
        SecondLevel second = cache.secondLevel();
        if (second == null) {
            throw new AssertionError("no second level");
        }
        return second.numbers();
    }

    private void assertRight(InferenceModel cached, float... firsts) {
        Tensors inputs = SumModel.rows(firsts);
        assertThat(cached.predict(inputs)).isEqualTo(plain.predict(inputs));
    }

    /** Inputs that nobody has asked for yet. */
    private void assertRightForNew(InferenceModel cached, int count) {
        for (int i = 0; i < count; i++) {
            assertRight(cached, next++);
        }
    }

    private static float[] numbers(int from, int to) {
        float[] numbers = new float[to - from];
        for (int i = from; i < to; i++) {
            numbers[i - from] = i;
        }
        return numbers;
    }

    /** Fills the store with the answers to some inputs, by a cache that is closed then. */
    private void fill(float... firsts) {
        try (PredictionCache first = cache(LONG)) {
            InferenceModel cached = first.around("m", new SumModel("m"));
            for (float each : firsts) {
                assertRight(cached, each);
            }
        }
        assertThat(store.kept.entries()).isEqualTo(firsts.length);
        store.reads.clear();
        store.writes.clear();
    }

    private void pass(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    /** Blocks until the test ends, whoever interrupts it; or only until somebody does. */
    private Fault hanging(boolean interruptible, AtomicInteger interrupts) {
        CountDownLatch gate = new CountDownLatch(1);
        gates.add(gate);
        return () -> {
            while (true) {
                try {
                    gate.await();
                    return;
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                    if (interruptible) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        };
    }

    @Test
    void twoProcessesShareAnswers() {
        fill(numbers(0, 50));
        SumModel model = new SumModel("m");
        PredictionCache second = cache(LONG);
        InferenceModel cached = second.around("m", model);
        for (int i = 0; i < 50; i++) {
            assertRight(cached, i);
        }
        assertThat(model.calls).isEmpty();
        assertThat(numbers(second)).isEqualTo(new CacheStatus.Store(50, 0, 0, 0, 0, 0, 0, false));
        // What came from there is in memory now.
        assertRight(cached, 7);
        assertThat(store.reads).hasSize(50);
    }

    @Test
    void aBatchAsksTheStoreOnceAndTheModelForTheRest() {
        fill(numbers(0, 30));
        SumModel model = new SumModel("m");
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", model);
        assertRight(cached, 500, 501, 502);
        model.calls.clear();
        float[] mixed = numbers(0, 100);
        for (int i = 0; i < 30; i++) {
            float swapped = mixed[i];
            mixed[i] = mixed[99 - 3 * i];
            mixed[99 - 3 * i] = swapped;
        }
        assertRight(cached, mixed);
        assertThat(store.reads).containsExactly(100);
        assertThat(model.calls).containsExactly(70);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.hits()).isEqualTo(30);
        assertThat(numbers.misses()).isEqualTo(70);
        cache.close();
        assertThat(store.kept.entries()).isEqualTo(103);
        assertThat(numbers(cache).written()).isEqualTo(73);
    }

    @Test
    void aHugeBatchAsksInParts() {
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRight(cached, -1, -2, -3);
        store.reads.clear();
        assertRight(cached, numbers(0, 3000));
        assertThat(store.reads).containsExactly(1024, 1024, 952);
        await().until(() -> numbers(cache).written() == 3003);
        assertThat(store.writes).allMatch(size -> size <= 256);
        PredictionCache other = cache(LONG);
        SumModel model = new SumModel("m");
        InferenceModel again = other.around("m", model);
        assertRight(again, -4, -5, -6);
        model.calls.clear();
        assertRight(again, numbers(0, 3000));
        assertThat(model.calls).isEmpty();
    }

    @Test
    void aStoreThatIsDownIsLeftAlone() {
        List<Throwable> all = List.of(
                new IllegalStateException("down"),
                new StackOverflowError("down"),
                new NoClassDefFoundError("down"),
                new AssertionError("down"),
                new Exception("checked, from another language"));
        AtomicInteger turn = new AtomicInteger();
        store.reading = () ->
                Fault.throwing(all.get(turn.getAndIncrement() % all.size())).strike();
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 200);
        assertThat(store.reads).hasSize(Breaker.FAILURES);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.failures()).isEqualTo(Breaker.FAILURES);
        assertThat(numbers.skipped()).isEqualTo(200 - Breaker.FAILURES);
        assertThat(numbers.open()).isTrue();
        // One call tries it again after 1, 2, 4 s; nobody is told.
        for (int seconds : new int[] {1, 2, 4}) {
            pass(Duration.ofSeconds(seconds).minusNanos(1));
            store.reads.clear();
            assertRightForNew(cached, 20);
            assertThat(store.reads).isEmpty();
            pass(Duration.ofNanos(1));
            assertRightForNew(cached, 20);
            assertThat(store.reads).containsExactly(1);
        }
        assertThat(logged(Level.WARN)).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .contains(FaultyStore.class.getName(), "5 times in a row", "left alone for 1 s", "reachable");
            assertThat(event.getThrowableProxy().getMessage()).contains("from another language");
        });
        assertThat(logged(Level.INFO)).isEmpty();
        // It comes back, and is used again.
        store.reading = Fault.NONE;
        pass(Duration.ofSeconds(8));
        store.reads.clear();
        assertRightForNew(cached, 20);
        assertThat(store.reads).hasSize(20);
        assertThat(numbers(cache).open()).isFalse();
        assertThat(logged(Level.INFO))
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains(FaultyStore.class.getName(), "works again after 15 s"));
        assertThat(logged(Level.WARN)).hasSize(1);
        cache.close();
        assertThat(store.kept.entries()).isGreaterThanOrEqualTo(20);
    }

    @Test
    void nothingIsWrittenToWhatIsLeftAlone() {
        store.reading = Fault.throwing(new IllegalStateException("down"));
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, Breaker.FAILURES);
        await().until(() -> numbers(cache).written() + numbers(cache).dropped() == Breaker.FAILURES);
        store.writes.clear();
        assertRightForNew(cached, 100);
        cache.close();
        assertThat(store.writes).isEmpty();
        assertThat(numbers(cache).dropped()).isGreaterThanOrEqualTo(100);
    }

    @Test
    void aSlowStoreIsLeftAlone() {
        AtomicInteger interrupts = new AtomicInteger();
        store.reading = hanging(true, interrupts);
        PredictionCache cache = cache(SHORT);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 200);
        // Five predictions have waited 10 ms each.
        assertThat(store.reads).hasSize(Breaker.FAILURES);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.timeouts()).isEqualTo(Breaker.FAILURES);
        assertThat(numbers.failures()).isZero();
        assertThat(numbers.skipped()).isEqualTo(200 - Breaker.FAILURES);
        await().until(() -> interrupts.get() == Breaker.FAILURES);
        assertThat(logged(Level.WARN))
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).contains("has not answered within 10 ms"));
    }

    @Test
    void aStoreThatNeverReturnsTakesItsThreadsAndNoMore() {
        AtomicInteger interrupts = new AtomicInteger();
        store.reading = hanging(false, interrupts);
        PredictionCache cache = cache(SHORT);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        for (int i = 0; i < 20; i++) {
            assertRightForNew(cached, 20);
            pass(Duration.ofSeconds(60));
        }
        assertThat(store.reads).hasSize(SecondLevel.THREADS);
        assertThat(store.threads).hasSize(SecondLevel.THREADS);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.timeouts()).isEqualTo(SecondLevel.THREADS);
        assertThat(numbers.skipped()).isEqualTo(400 - SecondLevel.THREADS);
        assertThat(logged(Level.WARN)).hasSize(1);
        // It lets go of them.
        store.reading = Fault.NONE;
        gates.forEach(CountDownLatch::countDown);
        pass(Duration.ofSeconds(60));
        await().until(() -> {
            assertRightForNew(cached, 1);
            return !numbers(cache).open();
        });
        assertThat(logged(Level.INFO)).hasSize(1);
        assertRightForNew(cached, 20);
        assertThat(store.reads).hasSizeGreaterThanOrEqualTo(SecondLevel.THREADS + 20);
    }

    /** What each of these gives is none of its key's values. */
    private Map<String, BiFunction<byte[], byte[], byte[]>> lies() {
        byte[] someOther =
                StoreCodec.value(new byte[] {1, 2, 3}, Tensors.of("sum", Tensor.copyOf(new float[] {1}, 1, 1)));
        Tensor two = Tensor.copyOf(new float[] {1, 2}, 2, 1);
        return Map.ofEntries(
                Map.entry("garbage", (key, value) -> new byte[] {1, 2, 3}),
                Map.entry("nothing", (key, value) -> new byte[0]),
                Map.entry("zeros", (key, value) -> new byte[value.length]),
                Map.entry("its key", (key, value) -> key),
                Map.entry("another key's", (key, value) -> someOther),
                Map.entry("too large", (key, value) -> Arrays.copyOf(value, StoreCodec.MAX_BYTES + 1)),
                Map.entry("another version's", (key, value) -> {
                    value[0]--;
                    return StoreCodecTest.summed(value);
                }),
                Map.entry("cut", (key, value) -> Arrays.copyOf(value, value.length - 1)),
                Map.entry("flipped", (key, value) -> {
                    value[value.length - 1] ^= 0x40;
                    return value;
                }),
                Map.entry("of two rows", (key, value) -> StoreCodec.value(key, Tensors.of("sum", two))),
                Map.entry("of another type", (key, value) -> answer(key, "sum", new double[] {1}, DataType.FP64)),
                Map.entry("of integers", (key, value) -> answer(key, "sum", new int[] {1}, DataType.INT32)),
                Map.entry("of another name", (key, value) -> answer(key, "Sum", new float[] {1}, DataType.FP32)),
                Map.entry("too much", (key, value) -> StoreCodec.value(key, Tensors.of("sum", two, "more", two))),
                Map.entry(
                        "none at all",
                        (key, value) -> StoreCodec.value(key, Tensors.builder().build())));
    }

    private static byte[] answer(byte[] key, String name, Object array, DataType type) {
        return StoreCodec.value(key, Tensors.of(name, Tensor.transfer(type, array, Shape.of(1, 1))));
    }

    @Test
    void whatAStoreMakesUpIsNotBelieved() {
        fill(numbers(0, 50));
        lies().forEach((name, lie) -> {
            log.list.clear();
            store.reads.clear();
            store.distort(lie);
            PredictionCache cache = cache(LONG);
            SumModel model = new SumModel("m");
            InferenceModel cached = cache.around("m", model);
            for (int i = 0; i < 50; i++) {
                assertRight(cached, i);
            }
            assertThat(model.calls).as(name).hasSize(50);
            assertThat(store.reads).as(name).hasSize(Breaker.FAILURES);
            assertThat(numbers(cache).hits()).as(name).isZero();
            assertThat(numbers(cache).failures()).as(name).isEqualTo(Breaker.FAILURES);
            assertThat(logged(Level.WARN))
                    .as(name)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getFormattedMessage())
                            .contains("gave what is no answer of ours (the value"));
            cache.close();
        });
    }

    @Test
    void valuesInAnotherOrderAreMisses() {
        fill(numbers(0, 20));
        store.answer = (keys, values) -> {
            List<Optional<byte[]>> turned = new ArrayList<>(values);
            Collections.reverse(turned);
            return turned;
        };
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRight(cached, 100, 101);
        // The one in the middle is where it belongs.
        assertRight(cached, numbers(0, 19));
        assertThat(numbers(cache).hits()).isEqualTo(1);
        assertThat(numbers(cache).failures()).isEqualTo(1);
    }

    @Test
    void onlyWhatIsWrongIsAskedOfTheModel() {
        fill(numbers(0, 10));
        store.answer = (keys, values) -> {
            List<Optional<byte[]>> some = new ArrayList<>(values);
            some.set(3, Optional.of(new byte[] {1, 2, 3}));
            some.set(5, null);
            some.set(7, Optional.empty());
            return some;
        };
        PredictionCache cache = cache(LONG);
        SumModel model = new SumModel("m");
        InferenceModel cached = cache.around("m", model);
        assertRight(cached, 100, 101);
        model.calls.clear();
        assertRight(cached, numbers(0, 10));
        assertThat(model.calls).containsExactly(3);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.hits()).isEqualTo(7);
        assertThat(numbers.misses()).isEqualTo(1);
        assertThat(numbers.failures()).isEqualTo(1);
        assertThat(numbers.open()).isFalse();
    }

    @Test
    void aListThatIsNotOneIsAFailure() {
        fill(numbers(0, 3));
        List<Optional<byte[]>> shorterThanItSays = new AbstractList<>() {
            @Override
            public Optional<byte[]> get(int index) {
                return List.of(Optional.<byte[]>empty()).get(index);
            }

            @Override
            public int size() {
                return 3;
            }
        };
        List<Supplier<List<Optional<byte[]>>>> lists = List.of(
                () -> null,
                List::of,
                () -> List.of(Optional.empty()),
                () -> Collections.nCopies(4, Optional.empty()),
                () -> Collections.nCopies(3, null),
                () -> shorterThanItSays);
        for (Supplier<List<Optional<byte[]>>> list : lists) {
            store.answer = (keys, values) -> list.get();
            PredictionCache cache = cache(LONG);
            SumModel model = new SumModel("m");
            InferenceModel cached = cache.around("m", model);
            assertRight(cached, 100, 101);
            model.calls.clear();
            assertRight(cached, 0, 1, 2);
            assertThat(model.calls).containsExactly(3);
            assertThat(numbers(cache).failures()).isEqualTo(1);
            cache.close();
        }
    }

    @Test
    void aWriteThatHangsHoldsNobodyUp() {
        AtomicInteger interrupts = new AtomicInteger();
        store.writing = hanging(false, interrupts);
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 1);
        await().until(() -> store.writes.size() == 1);
        // As many wait as there is room for, the others are dropped.
        assertRightForNew(cached, WriteBehind.MAX_WAITING + 100);
        assertThat(numbers(cache).dropped()).isEqualTo(100);
        assertThat(numbers(cache).written()).isZero();
        assertThat(interrupts).hasValue(0);
        // It is told to stop, once; reading goes on.
        pass(Duration.ofSeconds(5));
        assertRightForNew(cached, 10);
        await().until(() -> interrupts.get() == 1);
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.timeouts()).isEqualTo(1);
        assertThat(numbers.dropped()).isEqualTo(WriteBehind.MAX_WAITING + 100 + 10);
        assertThat(numbers.misses()).isEqualTo(WriteBehind.MAX_WAITING + 100 + 10 + 1);
        // When it returns after all, what comes then is written.
        store.writing = Fault.NONE;
        gates.forEach(CountDownLatch::countDown);
        await().until(() -> numbers(cache).written() == 1);
        await().until(() -> {
            assertRightForNew(cached, 1);
            return numbers(cache).written() > 1;
        });
    }

    @Test
    void answersThatComeTogetherAreWrittenTogether() {
        AtomicInteger interrupts = new AtomicInteger();
        store.writing = hanging(false, interrupts);
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 1);
        await().until(() -> store.writes.size() == 1);
        assertRightForNew(cached, 1000);
        store.writing = Fault.NONE;
        gates.forEach(CountDownLatch::countDown);
        await().until(() -> numbers(cache).written() == 1001);
        assertThat(store.writes).containsExactly(1, 256, 256, 256, 232);
        assertThat(store.kept.entries()).isEqualTo(1001);
    }

    @Test
    void aStoreThatTakesNothingIsStillRead() {
        fill(numbers(0, 100));
        store.writing = Fault.throwing(new IllegalStateException("disk full"));
        PredictionCache cache = cache(LONG);
        SumModel model = new SumModel("m");
        InferenceModel cached = cache.around("m", model);
        await().until(() -> {
            assertRightForNew(cached, 1);
            return numbers(cache).open();
        });
        assertThat(store.writes).hasSize(Breaker.FAILURES);
        model.calls.clear();
        for (int i = 0; i < 100; i++) {
            assertRight(cached, i);
        }
        assertThat(model.calls).isEmpty();
        assertRightForNew(cached, 100);
        assertThat(store.writes).hasSize(Breaker.FAILURES);
        assertThat(logged(Level.WARN))
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).contains("could not be written to"));
        store.writing = Fault.NONE;
        pass(Duration.ofSeconds(1));
        assertRightForNew(cached, 1);
        await().until(() -> !numbers(cache).open());
        assertThat(logged(Level.INFO)).hasSize(1);
        assertThat(numbers(cache).written()).isPositive();
    }

    @Test
    void whatIsTooLargeIsNeitherAskedForNorWritten() {
        PredictionCache cache = cacheOfWholes();
        InferenceModel cached = cache.around("m", new SumModel("m"));
        // Keys of 16 bytes a row, and a few hundred.
        assertRight(cached, numbers(0, 65_536));
        assertThat(store.reads).isEmpty();
        assertThat(numbers(cache).skipped()).isEqualTo(1);
        assertThat(numbers(cache).dropped()).isEqualTo(1);
        assertRight(cached, numbers(0, 65_000));
        assertThat(store.reads).containsExactly(1);
        // The answer has 4 bytes a row on top.
        assertThat(numbers(cache).dropped()).isEqualTo(2);
        assertRight(cached, numbers(0, 50_000));
        cache.close();
        assertThat(numbers(cache).written()).isEqualTo(1);
        assertThat(store.kept.entries()).isEqualTo(1);
    }

    @Test
    void bytesThatWaitAreBounded() {
        AtomicInteger interrupts = new AtomicInteger();
        store.writing = hanging(false, interrupts);
        PredictionCache cache = cacheOfWholes();
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRight(cached, 1);
        await().until(() -> store.writes.size() == 1);
        // Values of 1,000,000 bytes and some.
        for (int i = 0; i < 20; i++) {
            assertRight(cached, numbers(i, 50_000 + i));
        }
        assertThat(numbers(cache).dropped()).isEqualTo(20 - WriteBehind.MAX_WAITING_BYTES / 1_000_000);
    }

    @Test
    void aStoreThatHangsLeavesTheModelHalfOfACallersTime() {
        AtomicInteger interrupts = new AtomicInteger();
        store.reading = hanging(true, interrupts);
        PredictionCache cache = cache(Duration.ofHours(1));
        InferenceModel cached = cache.around("m", new SumModel("m"));
        // The first runs on a thread of the cache's, as nobody knows how long the model takes; others on their own.
        for (int i = 0; i < 2; i++) {
            Tensors inputs = SumModel.rows(i);
            assertThat(cached.predict(inputs, Deadline.after(Duration.ofSeconds(1))))
                    .isEqualTo(plain.predict(inputs));
        }
        assertThat(numbers(cache).timeouts()).isEqualTo(2);
        // Who has no time at all does not ask.
        store.reads.clear();
        SecondLevel second = cache.secondLevel();
        assertThat(second).isNotNull();
        CacheKey key = StoreCodecTest.key("head", 1);
        AnswerForm form = new AnswerForm(plain.signature().outputs(), true);
        assertThat(second.get(List.of(key), form, Deadline.afterNanos(1000))).containsOnlyNulls();
        assertThat(store.reads).isEmpty();
        assertThat(numbers(cache).skipped()).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerDoesNotWaitAndStaysInterrupted() {
        AtomicInteger interrupts = new AtomicInteger();
        store.reading = hanging(true, interrupts);
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        for (int i = 0; i < 20; i++) {
            Thread.currentThread().interrupt();
            assertRightForNew(cached, 1);
            assertThat(Thread.interrupted()).isTrue();
        }
        // That says nothing about the store.
        assertThat(numbers(cache).open()).isFalse();
        assertThat(numbers(cache).timeouts()).isZero();
        assertThat(logged(Level.WARN)).isEmpty();
    }

    @Test
    void anInterruptMeantForOneCallHitsNoOther() {
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        AtomicInteger interrupted = new AtomicInteger();
        store.reading = () -> {
            if (Thread.interrupted()) {
                interrupted.incrementAndGet();
            }
        };
        for (int i = 0; i < 300; i++) {
            Thread.currentThread().interrupt();
            assertRightForNew(cached, 1);
            assertThat(Thread.interrupted()).isTrue();
            assertRightForNew(cached, 1);
        }
        // Calls that were given up may see it at their beginning; the 300 others do not.
        assertThat(numbers(cache).misses()).isGreaterThanOrEqualTo(300);
        assertThat(interrupted.get()).isLessThanOrEqualTo(300);
        assertThat(numbers(cache).failures()).isZero();
    }

    @Test
    void anAnswerThatIsNotWhatTheSignatureSaysIsNotWritten() {
        PredictionCache cache = cache(LONG);
        ModelSignature other =
                new ModelSignature(plain.signature().inputs(), List.of(TensorSpec.of("sum", DataType.FP32, -1, 2)));
        InferenceModel misfit = new ForwardingModel(new SumModel("m")) {
            @Override
            public ModelSignature signature() {
                return other;
            }
        };
        InferenceModel cached = cache.around("m", misfit);
        assertRightForNew(cached, 50);
        cache.close();
        assertThat(store.writes).isEmpty();
        assertThat(numbers(cache).dropped()).isEqualTo(50);
        assertThat(numbers(cache).failures()).isZero();
        assertThat(logged(Level.INFO))
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).contains("{sum=FP32[1, 1]}"));
    }

    private static int timesItPays(SecondLevel second, int times, long modelNanos) {
        int pays = 0;
        for (int i = 0; i < times; i++) {
            pays += second.pays(modelNanos) ? 1 : 0;
        }
        return pays;
    }

    @Test
    void aStoreThatIsSlowerThanTheModelIsHardlyAsked() {
        store.reading = () -> LockSupport.parkNanos(2_000_000);
        CacheSpec adaptive = CacheSpec.maxBytes(1_000_000).checkEvery(0);
        PredictionCache cache = new PredictionCache(adaptive.backedBy(store, LONG), now::get);
        caches.add(cache);
        SecondLevel second = cache.secondLevel();
        assertThat(second).isNotNull();
        AnswerForm form = new AnswerForm(plain.signature().outputs(), true);
        CacheKey key = StoreCodecTest.key("head", 1);
        for (int i = 0; i < 64; i++) {
            assertThat(second.pays(1000)).isTrue();
            assertThat(second.get(List.of(key), form, Deadline.NONE)).containsOnlyNulls();
        }
        assertThat(timesItPays(second, 640, 1000)).isEqualTo(10);
        // A model that takes longer asks it, and one that nobody has asked yet.
        assertThat(second.pays(Duration.ofSeconds(20).toNanos())).isTrue();
        assertThat(second.pays(0)).isTrue();
        // It becomes quick, which one of 64 calls finds out.
        store.reading = Fault.NONE;
        await().until(() -> {
            assertThat(second.get(List.of(key), form, Deadline.NONE)).containsOnlyNulls();
            return timesItPays(second, 10, 1_000_000) == 10;
        });
        // Predictions go by that.
        store.reading = () -> LockSupport.parkNanos(2_000_000);
        InferenceModel cached = cache.around("quick", new SumModel("quick"));
        await().until(() -> {
            store.reads.clear();
            assertRightForNew(cached, 100);
            return store.reads.size() < 5;
        });
    }

    @Test
    void closingWritesWhatWaits() {
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        store.writing = () -> {
            // The first call is slow, and the others have to wait for it.
            while (first.getCount() > 0) {
                Thread.onSpinWait();
            }
        };
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 300);
        first.countDown();
        cache.close();
        assertThat(store.kept.entries()).isEqualTo(300);
        assertThat(interrupts).hasValue(0);
        // Models that were wrapped go on, without the store.
        store.reads.clear();
        assertRightForNew(cached, 10);
        assertThat(store.reads).isEmpty();
        assertThat(numbers(cache).dropped()).isEqualTo(10);
    }

    @Test
    void closingDoesNotWaitForWhatHangs() {
        AtomicInteger interrupts = new AtomicInteger();
        store.writing = hanging(true, interrupts);
        PredictionCache cache = cache(LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRightForNew(cached, 1);
        await().until(() -> store.writes.size() == 1);
        assertRightForNew(cached, 300);
        cache.close();
        await().until(() -> numbers(cache).dropped() == 301);
        assertThat(interrupts).hasPositiveValue();
        assertThat(store.kept.entries()).isZero();
    }

    /** Nobody can tell a forged value by its form; a sampled question to the model can. */
    @Test
    void aStoreWhoseAnswersAreNotTheModelsIsNotAskedAgain() {
        fill(numbers(0, 5));
        store.distort((key, value) -> StoreCodec.value(key, Tensors.of("sum", Tensor.copyOf(new float[] {-1}, 1, 1))));
        PredictionCache cache = cache(CacheSpec.maxBytes(1_000_000).checkEvery(1), LONG);
        InferenceModel cached = cache.around("m", new SumModel("m"));
        Tensors inputs = SumModel.rows(0);
        await().until(() -> cached.predict(inputs).equals(plain.predict(inputs)));
        store.reads.clear();
        for (int i = 0; i < 5; i++) {
            assertRight(cached, i);
        }
        assertThat(store.reads).isEmpty();
    }

    @Test
    void anOutageInTheMiddleOfTrafficChangesNoAnswer() {
        AtomicInteger interrupts = new AtomicInteger();
        List<Runnable> weather = List.of(
                () -> store.reading = Fault.throwing(new IllegalStateException("down")),
                () -> {
                    store.reading = Fault.NONE;
                    store.distort((key, value) -> Arrays.copyOf(value, value.length / 2));
                },
                () -> store.reading = hanging(true, interrupts),
                () -> store.writing = Fault.throwing(new NoClassDefFoundError("redis/Client")),
                () -> {
                    store.reading = Fault.NONE;
                    store.writing = Fault.NONE;
                    store.answer = (keys, values) -> values;
                });
        // Memory for few, so that the store is asked all the time.
        PredictionCache cache = cache(CacheSpec.maxEntries(20).checkEvery(0), Duration.ofMillis(100));
        InferenceModel cached = cache.around("m", new SumModel("m"));
        assertRight(cached, 1, 2, 3);
        int rounds = 3000;
        Concurrently.run(8, thread -> {
            for (int i = 0; i < rounds; i++) {
                if (thread == 0 && i % 300 == 299) {
                    weather.get(i / 300 % weather.size()).run();
                }
                if (thread == 1 && i % 10 == 9) {
                    pass(Duration.ofMillis(200));
                }
                int first = (i * 31 + thread * 17) % 200;
                if (i % 20 == 0) {
                    assertRight(cached, first, first + 1, first + 2, first);
                } else {
                    assertRight(cached, first);
                }
            }
            return thread;
        });
        store.reading = Fault.NONE;
        store.writing = Fault.NONE;
        store.answer = (keys, values) -> values;
        await().until(() -> {
            pass(Duration.ofSeconds(60));
            for (int i = 0; i < 200; i++) {
                assertRight(cached, i);
            }
            return !numbers(cache).open();
        });
        CacheStatus.Store numbers = numbers(cache);
        assertThat(numbers.hits()).isPositive();
        assertThat(numbers.failures()).isPositive();
        assertThat(numbers.skipped()).isPositive();
        assertThat(logged(Level.WARN)).hasSameSizeAs(logged(Level.INFO)).isNotEmpty();
    }
}
