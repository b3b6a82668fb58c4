package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.serving.ServingMetrics.ModelMetrics;
import io.jvmlops.serving.internal.FloatRows;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.jvmlops.test.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What listeners get of calls on each of the ways into a model. */
class HandOverIT {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);
    private static final Fixture FRIEDMAN = Fixture.load("friedman_regression");
    private static final int WIDTH = 10;
    private static final int ROWS = 20;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final List<PredictionEvent> told = Collections.synchronizedList(new ArrayList<>());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ListenerQueue queue =
            new ListenerQueue("m-0", told::add, 1 << 16, 1 << 30, MicrometerServingMetrics.of(meters));
    private final InferenceModel bare = open();
    private InferenceModel observed = observe(bare, queue);

    private static InferenceModel open() {
        return Models.load(ModelSource.bytes("model.onnx", FRIEDMAN.onnx).trusted());
    }

    private InferenceModel observe(InferenceModel model, ListenerQueue... queues) {
        return new ObservedModel(model, "m", 3, ModelMetrics.NONE, List.of(queues), clock);
    }

    @BeforeEach
    void advance() {
        clock.advance(Duration.ofHours(1));
    }

    @AfterEach
    void close() throws InterruptedException {
        queue.close(LONG);
        observed.close();
    }

    private static float[] floats(Tensors tensors) {
        return tensors.at(0).toFloatArray();
    }

    private FloatRows rows() {
        return Objects.requireNonNull(FloatRows.of(observed));
    }

    private List<PredictionEvent> flushed() throws InterruptedException {
        assertThat(queue.flush(LONG)).isTrue();
        return told;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, ROWS})
    void allWaysInTellTheSame(int count) throws Exception {
        Tensors inputs = FRIEDMAN.rows(0, count);
        float[] array = floats(inputs);
        Tensors answer = observed.predict(inputs);
        float[] floats = rows().predict(array, Deadline.NONE);
        Tensors written =
                rows().predict(target -> System.arraycopy(array, 0, target, 0, array.length), count, Deadline.NONE);
        assertThat(floats).containsExactly(floats(answer));
        assertThat(written).isEqualTo(answer);
        // They are the caller's.
        float[] given = array.clone();
        Arrays.fill(array, -1);
        Arrays.fill(floats, -1);
        assertThat(flushed()).hasSize(3).allSatisfy(event -> {
            assertThat(event.inputs()).isEqualTo(inputs);
            assertThat(floats(event.inputs())).containsExactly(given);
            assertThat(event.inputs().names()).isEqualTo(inputs.names());
            assertThat(event.outputs()).isEqualTo(answer);
            assertThat(event.error()).isNull();
            assertThat(event.sampling()).isZero();
            assertThat(event.at()).isEqualTo(clock.instant());
            assertThat(event.nanos()).isPositive();
            assertThat(event.model()).isEqualTo("m");
            assertThat(event.version()).isEqualTo(3);
            assertThat(event.digest()).isEqualTo(bare.digest());
            assertThat(event.signature()).isEqualTo(bare.signature());
        });
        assertThat(told.stream().map(PredictionEvent::id)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rowsThatAreTakenKeepTheirAnswers(int sampling) throws Exception {
        queue.sample(sampling);
        float[] array = floats(FRIEDMAN.inputs);
        float[] expected = rows().predict(array, Deadline.NONE);
        int calls = 400;
        for (int i = 0; i < calls; i++) {
            observed.predict(FRIEDMAN.inputs);
            rows().predict(array, Deadline.NONE);
            rows().predict(target -> System.arraycopy(array, 0, target, 0, array.length), ROWS, Deadline.NONE);
        }
        long[] taken = new long[ROWS];
        for (PredictionEvent event : flushed()) {
            assertThat(event.sampling()).isEqualTo(sampling);
            float[] in = floats(event.inputs());
            float[] out = floats(Objects.requireNonNull(event.outputs()));
            assertThat(in).hasSize(out.length * WIDTH);
            for (int i = 0; i < out.length; i++) {
                int row = rowOf(array, in, i);
                taken[row]++;
                assertThat(out[i]).isCloseTo(expected[row], within(1e-4f));
            }
        }
        double p = Math.scalb(1.0, -sampling);
        double of = 3.0 * calls + 1;
        double chi = Arrays.stream(taken)
                .mapToDouble(n -> (n - of * p) * (n - of * p) / (of * p * (1 - p)))
                .sum();
        // Twenty degrees of freedom: passed by once in 10^13 runs.
        assertThat(chi).isLessThan(120);
        double all = Arrays.stream(taken).sum();
        assertThat(rowsMeter("told")).isEqualTo(all);
        assertThat(rowsMeter("passed_over")).isEqualTo(of * ROWS - all);
        assertThat(meters.get("mlops.listener.sampling").gauge().value()).isEqualTo(sampling);
        assertThat(meters.get("mlops.listener.cpu").counter().count()).isPositive();
    }

    private double rowsMeter(String result) {
        return meters.get("mlops.listener.rows")
                .tags("listener", "m-0", "result", result)
                .counter()
                .count();
    }

    /** The one of all rows that stands at a place of some rows. */
    private static int rowOf(float[] all, float[] some, int at) {
        for (int row = 0; row < ROWS; row++) {
            if (Arrays.equals(all, row * WIDTH, (row + 1) * WIDTH, some, at * WIDTH, (at + 1) * WIDTH)) {
                return row;
            }
        }
        throw new AssertionError("a row that nobody asked");
    }

    @Test
    void nobodyIsToldOfCallsOfWhichNoRowIsTaken() throws Exception {
        queue.sample(CpuBudget.MAX_SAMPLING);
        float[] array = floats(FRIEDMAN.rows(0, 1));
        for (int i = 0; i < 100; i++) {
            rows().predict(array, Deadline.NONE);
            observed.predict(FRIEDMAN.rows(0, 1));
        }
        // In one of 5,000 runs a row is taken after all.
        assertThat(flushed().size() + rowsMeter("passed_over")).isEqualTo(200);
    }

    @Test
    void failedCallsAreToldWithWhatWasAsked() throws Exception {
        Tensors inputs = FRIEDMAN.rows(0, 2);
        float[] array = floats(inputs);
        Deadline passed = Deadline.after(Duration.ZERO);
        assertThatThrownBy(() -> observed.predict(inputs, passed)).isInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> rows().predict(array, passed)).isInstanceOf(TimedOutException.class);
        assertThatThrownBy(
                        () -> rows().predict(target -> System.arraycopy(array, 0, target, 0, array.length), 2, passed))
                .isInstanceOf(TimedOutException.class);
        assertThat(flushed()).hasSize(3).allSatisfy(event -> {
            assertThat(event.inputs()).isEqualTo(inputs);
            assertThat(event.outputs()).isNull();
            assertThat(event.error()).isInstanceOf(TimedOutException.class);
        });
    }

    @Test
    void whatIsNoRowsIsNoEvent() throws Exception {
        assertThatThrownBy(() -> rows().predict(new float[WIDTH + 1], Deadline.NONE))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> rows().predict(
                                target -> {
                                    throw new InvalidInputException("a row that cannot be written");
                                },
                                2,
                                Deadline.NONE))
                .hasMessageContaining("cannot be written");
        assertThat(rows().predict(new float[0], Deadline.NONE)).isEmpty();
        assertThat(flushed())
                .singleElement()
                .satisfies(event -> assertThat(event.inputs().at(0).rows()).isZero());
    }

    @Test
    void manyListenersGetEachItsOwnSample() throws Exception {
        List<PredictionEvent> others = Collections.synchronizedList(new ArrayList<>());
        List<PredictionEvent> sampled = Collections.synchronizedList(new ArrayList<>());
        ListenerQueue second = new ListenerQueue("m-1", others::add, 1 << 16, 1 << 30, ServingMetrics.NONE);
        ListenerQueue third = new ListenerQueue("m-2", sampled::add, 1 << 16, 1 << 30, ServingMetrics.NONE);
        third.sample(2);
        observed = observe(bare, queue, third, second);
        float[] array = floats(FRIEDMAN.inputs);
        for (int i = 0; i < 50; i++) {
            rows().predict(array, Deadline.NONE);
            rows().predict(target -> System.arraycopy(array, 0, target, 0, array.length), ROWS, Deadline.NONE);
        }
        second.close(LONG);
        third.close(LONG);
        assertThat(flushed())
                .hasSize(100)
                .allSatisfy(event -> assertThat(floats(event.inputs())).containsExactly(array));
        assertThat(others).isEqualTo(told);
        assertThat(sampled).hasSizeGreaterThan(90).allSatisfy(event -> {
            assertThat(event.sampling()).isEqualTo(2);
            assertThat(event.inputs().at(0).rows())
                    .isEqualTo(Objects.requireNonNull(event.outputs()).at(0).rows());
        });
        assertThat(told.stream().map(PredictionEvent::id).toList())
                .containsAll(sampled.stream().map(PredictionEvent::id).toList());
    }

    private static InferenceModel answering(
            InferenceModel model, ModelSignature signature, Function<Tensors, Tensors> answer) {
        return new ForwardingModel(model) {
            @Override
            public ModelSignature signature() {
                return signature;
            }

            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                return answer.apply(inputs);
            }
        };
    }

    /** Whole calls of five rows, half of them. */
    private void takesWholes(ModelSignature signature, Function<Tensors, Tensors> answer, Tensors inputs)
            throws InterruptedException {
        observed = observe(answering(bare, signature, answer), queue);
        queue.sample(1);
        for (int i = 0; i < 400; i++) {
            observed.predict(inputs);
        }
        // Ten deviations.
        assertThat(flushed()).hasSizeBetween(100, 300).allSatisfy(event -> {
            assertThat(event.sampling()).isEqualTo(1);
            assertThat(event.inputs()).isEqualTo(inputs);
            assertThat(event.outputs()).isEqualTo(answer.apply(inputs));
        });
    }

    private static final TensorSpec BATCH = TensorSpec.of("x", DataType.FP32, -1, 2);
    private static final Tensor FIVE = Tensor.copyOf(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 2);

    @Test
    void aModelWhoseAnswerIsOneIsTakenAsAWhole() throws Exception {
        takesWholes(
                new ModelSignature(List.of(BATCH), List.of(TensorSpec.of("y", DataType.FP64))),
                inputs -> Tensors.of("y", Tensor.copyOf(new double[] {1})),
                Tensors.of("x", FIVE));
    }

    @Test
    void aModelOfAFixedBatchIsTakenAsAWhole() throws Exception {
        takesWholes(
                new ModelSignature(
                        List.of(TensorSpec.of("x", DataType.FP32, 5, 2)),
                        List.of(TensorSpec.of("y", DataType.FP64, -1))),
                inputs -> Tensors.of("y", Tensor.copyOf(new double[5], 5)),
                Tensors.of("x", FIVE));
    }

    @Test
    void inputsOfDifferentRowsAreTakenAsAWhole() throws Exception {
        takesWholes(
                new ModelSignature(
                        List.of(BATCH, TensorSpec.of("z", DataType.FP32, -1)),
                        List.of(TensorSpec.of("y", DataType.FP64, -1))),
                inputs -> Tensors.of("y", Tensor.copyOf(new double[5], 5)),
                Tensors.of("x", FIVE, "z", Tensor.copyOf(new float[3], 3)));
    }

    @Test
    void aModelThatAnswersOtherRowsThanItDeclaresIsTakenAsAWhole() throws Exception {
        takesWholes(
                new ModelSignature(List.of(BATCH), List.of(TensorSpec.of("y", DataType.FP64, -1))),
                inputs -> Tensors.of("y", Tensor.copyOf(new double[3], 3)),
                Tensors.of("x", FIVE));
    }

    @Test
    void aModelThatTakesNothingIsTakenAsAWhole() throws Exception {
        takesWholes(
                new ModelSignature(List.of(), List.of(TensorSpec.of("y", DataType.FP64, -1))),
                inputs -> Tensors.of("y", Tensor.copyOf(new double[3], 3)),
                Tensors.builder().build());
    }

    @Test
    void aFailedBatchIsTakenByRows() throws Exception {
        observed = observe(
                answering(
                        bare,
                        new ModelSignature(List.of(BATCH), List.of(TensorSpec.of("y", DataType.FP64, -1))),
                        inputs -> {
                            throw new ModelFailureException("always");
                        }),
                queue);
        queue.sample(1);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> observed.predict(Tensors.of("x", FIVE))).isInstanceOf(ModelFailureException.class);
        }
        assertThat(flushed()).hasSizeGreaterThan(60).allSatisfy(event -> {
            assertThat(event.outputs()).isNull();
            assertThat(event.inputs().at(0).rows()).isBetween(1, 5);
        });
        long rows =
                told.stream().mapToLong(event -> event.inputs().at(0).rows()).sum();
        // Of 250 expected, nine deviations.
        assertThat(rows).isBetween(150L, 350L);
    }

    /** With a budget that is spent at once, a listener that blocks, and one that throws: every prediction is as without. */
    @Test
    void noListenerChangesAPrediction() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        PredictionListener burns = new PredictionListener() {
            @Override
            public void onPrediction(PredictionEvent event) {
                int unused = event.inputs().hashCode();
            }

            @Override
            public OptionalDouble cpuBudget() {
                return OptionalDouble.of(1e-9);
            }
        };
        ListenerQueue burning = new ListenerQueue("m-1", burns, 4, 1 << 12, ServingMetrics.NONE);
        ListenerQueue blocking = new ListenerQueue(
                "m-2",
                event -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                4,
                1 << 12,
                MicrometerServingMetrics.of(meters));
        ListenerQueue throwing = new ListenerQueue(
                "m-3",
                event -> {
                    throw new IllegalStateException("a bad listener");
                },
                4,
                1 << 12,
                ServingMetrics.NONE);
        observed = observe(bare, burning, blocking, throwing);
        float[] array = floats(FRIEDMAN.inputs);
        float[] expected = floats(bare.predict(FRIEDMAN.inputs));
        for (int i = 0; i < 2_000; i++) {
            assertThat(rows().predict(array, Deadline.NONE)).isEqualTo(expected);
            assertThat(floats(observed.predict(FRIEDMAN.inputs))).isEqualTo(expected);
        }
        assertThat(meters.get("mlops.listener.dropped")
                        .tag("listener", "m-2")
                        .counter()
                        .count())
                .isGreaterThanOrEqualTo(3_990);
        release.countDown();
        for (ListenerQueue each : List.of(burning, blocking, throwing)) {
            each.close(LONG);
        }
    }
}
