package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerQueueTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);
    private static final int WIDTH = 3;

    private static final Handed.Source SOURCE = new Handed.Source(
            "m",
            1,
            Digest.of(new byte[] {1}),
            new ModelSignature(
                    List.of(TensorSpec.of("x", DataType.FP32, -1, WIDTH)),
                    List.of(TensorSpec.of("y", DataType.FP32, -1))));

    private final List<ListenerQueue> queues = new ArrayList<>();
    private final Numbers numbers = new Numbers();
    private final CountDownLatch release = new CountDownLatch(1);

    /** Sums of what is said. */
    private static final class Numbers implements ServingMetrics {
        final AtomicInteger dropped = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final AtomicLong told = new AtomicLong();
        final AtomicLong passedOver = new AtomicLong();
        final AtomicLong cpu = new AtomicLong();

        @Override
        public ModelMetrics of(String model, int version, String flavor) {
            return ModelMetrics.NONE;
        }

        @Override
        public void eventDropped(String listener) {
            dropped.incrementAndGet();
        }

        @Override
        public void listenerFailed(String listener) {
            failed.incrementAndGet();
        }

        @Override
        public void listenerUsed(String listener, ListenerUsage usage) {
            told.addAndGet(usage.rowsTold());
            passedOver.addAndGet(usage.rowsPassedOver());
            cpu.addAndGet(usage.cpuNanos());
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        release.countDown();
        for (ListenerQueue queue : queues) {
            queue.close(LONG);
        }
    }

    private ListenerQueue queue(PredictionListener listener, int capacity, long maxBytes) {
        ListenerQueue queue = new ListenerQueue("m-0", listener, capacity, maxBytes, numbers);
        queues.add(queue);
        return queue;
    }

    /** A listener that blocks at its first event, and is in it when this returns. */
    private ListenerQueue blocked(List<PredictionEvent> told, int capacity, long maxBytes) throws InterruptedException {
        CountDownLatch in = new CountDownLatch(1);
        ListenerQueue queue = queue(
                event -> {
                    in.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    told.add(event);
                },
                capacity,
                maxBytes);
        queue.offer(rows(1));
        assertThat(in.await(30, TimeUnit.SECONDS)).isTrue();
        return queue;
    }

    /** A call of so many rows, whose outputs are the positions of the rows, and whose inputs begin with these. */
    private static Handed rows(int count) {
        float[] x = new float[count * WIDTH];
        float[] y = new float[count];
        for (int i = 0; i < count; i++) {
            x[i * WIDTH] = i;
            y[i] = i;
        }
        return Handed.ofRows(SOURCE, Handed.Call.of(Instant.EPOCH, 1, null), x, y, count, Sample.ALL);
    }

    private static Handed tensors(int count, Sample sample) {
        PredictionEvent event = rows(count).event();
        Tensors outputs = event.outputs();
        assertThat(outputs).isNotNull();
        return Handed.ofRows(SOURCE, Handed.Call.of(Instant.EPOCH, 1, null), event.inputs(), outputs, count, sample);
    }

    private static List<PredictionEvent> list() {
        return Collections.synchronizedList(new ArrayList<>());
    }

    @Test
    void tellsInOrder() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = queue(told::add, 1000, 1 << 30);
        for (int i = 0; i < 500; i++) {
            queue.offer(rows(i % 70));
        }
        assertThat(queue.flush(LONG)).isTrue();
        assertThat(told).hasSize(500);
        for (int i = 0; i < 500; i++) {
            assertThat(told.get(i).inputs().at(0).rows()).isEqualTo(i % 70);
        }
        assertThat(told.stream().map(PredictionEvent::id)).doesNotHaveDuplicates();
        assertThat(numbers.told)
                .hasValue(told.stream()
                        .mapToLong(event -> event.inputs().at(0).rows())
                        .sum());
        assertThat(numbers.dropped).hasValue(0);
        assertThat(numbers.cpu.get()).isPositive();
    }

    @Test
    void whatDoesNotFitIsDroppedAndCounted() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = blocked(told, 10, 1 << 30);
        for (int i = 0; i < 100; i++) {
            queue.offer(rows(1));
        }
        assertThat(numbers.dropped).hasValue(90);
        assertThat(queue.flush(TimeUnit.MILLISECONDS.toNanos(1))).isFalse();
        release.countDown();
        assertThat(queue.flush(LONG)).isTrue();
        assertThat(told).hasSize(11);
    }

    @Test
    void bytesThatWaitAreBounded() throws Exception {
        List<PredictionEvent> told = list();
        long each = rows(1000).bytes();
        assertThat(each).isBetween(16_000L, 17_000L);
        ListenerQueue queue = blocked(told, 1000, rows(1).bytes() + 5 * each);
        for (int i = 0; i < 20; i++) {
            queue.offer(rows(1000));
        }
        assertThat(numbers.dropped).hasValue(15);
        release.countDown();
        assertThat(queue.flush(LONG)).isTrue();
        assertThat(told).hasSize(6);
        queue.offer(rows(1000));
        assertThat(queue.flush(LONG)).isTrue();
        assertThat(told).hasSize(7);
    }

    @Test
    void oneThatIsLargerThanAllMayWaitAlone() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = queue(told::add, 10, 100);
        for (int i = 1; i <= 3; i++) {
            queue.offer(rows(1000));
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(told).hasSize(i);
        }
        assertThat(numbers.dropped).hasValue(0);
    }

    @Test
    void aListenerThatInterruptsItselfIsStillTold() throws Exception {
        AtomicInteger told = new AtomicInteger();
        ListenerQueue queue = queue(
                event -> {
                    told.incrementAndGet();
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("and throws");
                },
                10,
                1 << 20);
        for (int i = 1; i <= 3; i++) {
            queue.offer(rows(1));
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(told).hasValue(i);
        }
        assertThat(numbers.failed).hasValue(3);
    }

    @Test
    void closingTellsWhatIsLeft() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = blocked(told, 100, 1 << 20);
        for (int i = 0; i < 50; i++) {
            queue.offer(rows(1));
        }
        release.countDown();
        queue.close(LONG);
        assertThat(told).hasSize(51);
        assertThat(numbers.told).hasValue(51);
        // Nobody is left to tell it.
        queue.offer(rows(1));
        assertThat(numbers.dropped).hasValue(1);
        assertThat(queue.flush(LONG)).isFalse();
    }

    @Test
    void whatIsLeftWhenItIsStoppedIsCounted() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = blocked(told, 100, 1 << 20);
        for (int i = 0; i < 50; i++) {
            queue.offer(rows(1));
        }
        // It waits for the listener in vain, then interrupts it.
        queue.close(1);
        queue.close(LONG);
        assertThat(told).hasSize(1);
        assertThat(numbers.dropped).hasValue(50);
    }

    @Test
    void aListenerMayCloseIt() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        ListenerQueue queue = queue(
                event -> {
                    try {
                        queues.get(0).close(LONG);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    closed.countDown();
                },
                10,
                1 << 20);
        queue.offer(rows(1));
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesWhatIsNoShareOfAProcessor(double budget) {
        assertThatThrownBy(() -> queue(within(budget, event -> {}), 10, 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("above 0 and at most 1");
    }

    private static PredictionListener within(double budget, PredictionListener listener) {
        return new PredictionListener() {
            @Override
            public void onPrediction(PredictionEvent event) {
                listener.onPrediction(event);
            }

            @Override
            public OptionalDouble cpuBudget() {
                return OptionalDouble.of(budget);
            }
        };
    }

    /** Taken at one level, thinned to another: each row as often as at the other at once, and still with its own answer. */
    @ParameterizedTest
    @CsvSource({"0,1", "0,3", "1,2", "2,5", "3,3"})
    void thinningComposes(int first, int then) {
        SplittableRandom random = new SplittableRandom(first * 10L + then);
        int rows = 100;
        int calls = 3_000 << (then / 2);
        long[] taken = new long[rows];
        long events = 0;
        for (int call = 0; call < calls; call++) {
            Sample sample = Sample.draw(rows, first, random);
            if (sample == null) {
                continue;
            }
            Handed handed = call % 2 == 0
                    ? tensors(rows, sample)
                    : Handed.ofRows(
                            SOURCE,
                            Handed.Call.of(Instant.EPOCH, 1, null),
                            sample.of(floats(rows, WIDTH), WIDTH, rows),
                            sample.of(floats(rows, 1), 1, rows),
                            rows,
                            sample);
            Handed thinned = handed.thinned(then, random);
            if (thinned == null) {
                continue;
            }
            events++;
            PredictionEvent event = thinned.event();
            assertThat(event.sampling()).isEqualTo(then);
            Tensor x = event.inputs().get("x");
            Tensor y = event.outputs() == null ? x : event.outputs().get("y");
            assertThat(y.rows()).isEqualTo(x.rows()).isEqualTo(thinned.rows());
            for (int i = 0; i < y.rows(); i++) {
                assertThat(x.doubleAt(i * WIDTH)).isEqualTo(y.doubleAt(i));
                taken[(int) y.doubleAt(i)]++;
            }
        }
        assertThat(events).isPositive();
        double p = Math.scalb(1.0, -then);
        double chi = 0;
        for (long n : taken) {
            chi += (n - calls * p) * (n - calls * p) / (calls * p * (1 - p));
        }
        assertThat(chi).isLessThan(rows + 6 * Math.sqrt(2.0 * rows));
    }

    /** Rows that begin with their position. */
    private static float[] floats(int rows, int width) {
        float[] floats = new float[rows * width];
        for (int i = 0; i < rows; i++) {
            floats[i * width] = i;
        }
        return floats;
    }

    @Test
    void aCallThatIsOneRowIsThinnedAsAWhole() {
        Tensors inputs = rows(5).event().inputs();
        SplittableRandom random = new SplittableRandom(4);
        int left = 0;
        for (int i = 0; i < 8_000; i++) {
            Handed thinned = Handed.ofWhole(SOURCE, Handed.Call.of(Instant.EPOCH, 1, null), inputs, null, 1)
                    .thinned(3, random);
            if (thinned != null) {
                left++;
                assertThat(thinned.rows()).isEqualTo(1);
                assertThat(thinned.event().inputs()).isSameAs(inputs);
                assertThat(thinned.event().sampling()).isEqualTo(3);
            }
        }
        // Of 2,000 expected, seven deviations.
        assertThat(left).isBetween(1_700, 2_300);
    }

    @Test
    void fewRowsOfALargeCallDoNotKeepTheOthers() {
        Sample sample = Sample.draw(20_000, 8, new SplittableRandom(1));
        assertThat(sample).isNotNull();
        assertThat(tensors(20_000, sample).bytes()).isLessThan(20_000);
        assertThat(tensors(20_000, Sample.ALL).bytes()).isGreaterThan(320_000);
    }

    @Test
    void backlogIsThinnedToThePresentSample() throws Exception {
        List<PredictionEvent> told = list();
        ListenerQueue queue = blocked(told, 2_000, 1 << 30);
        for (int i = 0; i < 1_000; i++) {
            queue.offer(rows(10));
        }
        queue.sample(4);
        release.countDown();
        assertThat(queue.flush(LONG)).isTrue();
        List<PredictionEvent> thinned = told.subList(1, told.size());
        long rows =
                thinned.stream().mapToLong(event -> event.inputs().at(0).rows()).sum();
        // Of 625 expected, eight deviations.
        assertThat(rows).isBetween(430L, 820L);
        assertThat(thinned).allSatisfy(event -> assertThat(event.sampling()).isEqualTo(4));
        assertThat(numbers.told).hasValue(rows + 1);
        assertThat(numbers.passedOver).hasValue(10_000 - rows);
    }

    /** How well the budget is kept is the benchmark's; here, that it is at all, by the real clocks. */
    @Test
    void aListenerThatBurnsIsToldOfASample() throws Exception {
        AtomicLong sink = new AtomicLong();
        ListenerQueue queue = queue(
                within(0.05, event -> {
                    SplittableRandom random =
                            new SplittableRandom(event.inputs().hashCode());
                    for (int i = 0; i < 20_000; i++) {
                        sink.addAndGet(random.nextLong());
                    }
                }),
                1_000,
                1 << 20);
        int calls = 0;
        while (queue.sampling() < 2 && calls < 10_000_000) {
            Sample sample = Sample.draw(1, queue.sampling());
            if (sample != null) {
                queue.offer(rows(1));
            }
            calls++;
        }
        assertThat(queue.sampling()).isGreaterThanOrEqualTo(2);
        assertThat(queue.flush(LONG)).isTrue();
        assertThat(numbers.told.get()).isPositive().isLessThan(calls);
    }
}
