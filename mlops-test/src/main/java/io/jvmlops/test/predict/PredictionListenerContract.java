package io.jvmlops.test.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PredictionListener} bears without an exception: failed predictions, samples, empty batches, numbers that are
 * none, models of other signatures, many threads at once. Extend it and say how to make one; what it does with the events is
 * tested beside, and {@link #event} helps with that.
 */
public abstract class PredictionListenerContract {
    /** Two named numbers, a string and a boolean in; a label and two scores out. */
    public static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP32, -1, 2).withColumns(List.of("length", "width")),
                    TensorSpec.of("colour", DataType.BYTES, -1),
                    TensorSpec.of("ripe", DataType.BOOL, -1, 1)),
            List.of(
                    TensorSpec.of("label", DataType.INT64, -1),
                    TensorSpec.of("scores", DataType.FP32, -1, 2).withColumns(List.of("no", "yes"))));

    private static final Digest DIGEST = Digest.of(new byte[] {1});
    private static final AtomicLong IDS = new AtomicLong();

    /** A listener for models of {@link #SIGNATURE}. */
    protected abstract PredictionListener newListener();

    /** An event of a model of {@link #SIGNATURE}; a failed one if there are no outputs. */
    public static PredictionEvent event(Tensors inputs, @Nullable Tensors outputs) {
        return event(SIGNATURE, inputs, outputs);
    }

    /** Rows of a model of {@link #SIGNATURE}, each taken with probability 2<sup>-sampling</sup>. */
    public static PredictionEvent sampled(Tensors inputs, @Nullable Tensors outputs, int sampling) {
        return event(SIGNATURE, inputs, outputs, sampling);
    }

    private static PredictionEvent event(ModelSignature signature, Tensors inputs, @Nullable Tensors outputs) {
        return event(signature, inputs, outputs, 0);
    }

    private static PredictionEvent event(
            ModelSignature signature, Tensors inputs, @Nullable Tensors outputs, int sampling) {
        return new PredictionEvent(
                "event-" + IDS.incrementAndGet(),
                "fruit",
                1,
                DIGEST,
                signature,
                inputs,
                outputs,
                Instant.EPOCH,
                1_000,
                outputs == null ? new ModelFailureException("the model failed", null) : null,
                sampling);
    }

    /** Inputs of so many rows, all alike. */
    public static Tensors inputs(int rows, float length, float width, String colour, boolean ripe) {
        float[] x = new float[2 * rows];
        String[] colours = new String[rows];
        boolean[] ripes = new boolean[rows];
        for (int i = 0; i < rows; i++) {
            x[2 * i] = length;
            x[2 * i + 1] = width;
            colours[i] = colour;
            ripes[i] = ripe;
        }
        return Tensors.builder()
                .put("x", Tensor.transfer(x, rows, 2))
                .put("colour", Tensor.transfer(colours, rows))
                .put("ripe", Tensor.transfer(ripes, rows, 1))
                .build();
    }

    /** Outputs of so many rows, all alike. */
    public static Tensors outputs(int rows, long label, float yes) {
        long[] labels = new long[rows];
        float[] scores = new float[2 * rows];
        Arrays.fill(labels, label);
        for (int i = 0; i < rows; i++) {
            scores[2 * i] = 1 - yes;
            scores[2 * i + 1] = yes;
        }
        return Tensors.of("label", Tensor.transfer(labels, rows), "scores", Tensor.transfer(scores, rows, 2));
    }

    private static PredictionEvent ordinary() {
        return event(inputs(3, 1, 2, "red", true), outputs(3, 1, 0.75f));
    }

    /** Hears the events, each between ordinary ones. */
    private void bears(PredictionEvent... events) {
        PredictionListener listener = newListener();
        assertThatCode(() -> {
                    listener.onPrediction(ordinary());
                    for (PredictionEvent event : events) {
                        listener.onPrediction(event);
                        listener.onPrediction(ordinary());
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void bearsFailedPredictions() {
        bears(event(inputs(2, 1, 2, "red", true), null));
    }

    @Test
    void bearsEmptyBatches() {
        bears(event(inputs(0, 0, 0, "", false), outputs(0, 0, 0)), event(inputs(0, 0, 0, "", false), null));
    }

    @Test
    void bearsSamplesOfAnySize() {
        for (int sampling : new int[] {1, 5, 20, 62}) {
            bears(
                    sampled(inputs(1, 1, 2, "red", true), outputs(1, 1, 0.75f), sampling),
                    sampled(inputs(3, 1, 2, "red", true), null, sampling));
        }
    }

    @Test
    void hasABudgetThatAServingTakes() {
        OptionalDouble budget = newListener().cpuBudget();
        assertThat(budget.orElse(1)).isGreaterThan(0).isLessThanOrEqualTo(1);
    }

    @Test
    void bearsNumbersThatAreNoneOrHuge() {
        for (float value : new float[] {
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -Float.MAX_VALUE, -0f
        }) {
            bears(event(inputs(2, value, 1, "red", true), outputs(2, Long.MIN_VALUE, value)));
        }
    }

    @Test
    void bearsStringsOfAnyKind() {
        for (String value : List.of("", "\u0000", "\ud800", "🍓", "never seen", "x".repeat(100_000))) {
            bears(event(inputs(2, 1, 1, value, true), outputs(2, 0, 0.5f)));
        }
    }

    @Test
    void bearsOtherSignatures() {
        ModelSignature other = new ModelSignature(
                List.of(TensorSpec.of("image", DataType.UINT8, -1, 2, 2)), List.of(TensorSpec.of("y", DataType.FP64)));
        Tensors image = Tensors.of("image", Tensor.transfer(DataType.UINT8, new byte[8], 2, 2, 2));
        Tensors nothing = Tensors.builder().build();
        Tensors scalar = Tensors.of("y", Tensor.copyOf(new double[] {1}));
        bears(
                event(other, image, scalar),
                event(other, image, null),
                event(new ModelSignature(List.of(), List.of()), nothing, nothing),
                event(SIGNATURE, image, scalar),
                event(SIGNATURE, nothing, nothing));
    }

    @Test
    void bearsTensorsThatTheSignatureDoesNotTellOf() {
        Tensors good = inputs(2, 1, 2, "red", true);
        Tensor x = good.get("x");
        Tensors transposed = Tensors.builder()
                .put("x", Tensor.copyOf(new float[6], 2, 3))
                .put("colour", good.get("colour"))
                .put("ripe", good.get("ripe"))
                .build();
        Tensors otherType = Tensors.builder()
                .put("x", Tensor.copyOf(x.toDoubleArray(), 2, 2))
                .put("colour", good.get("colour"))
                .put("ripe", good.get("ripe"))
                .build();
        Tensors otherRows = Tensors.builder()
                .put("x", x)
                .put("colour", Tensor.copyOf(new String[] {"red"}, 1))
                .put("ripe", good.get("ripe"))
                .build();
        Tensors reordered = Tensors.builder()
                .put("ripe", good.get("ripe"))
                .put("x", x)
                .put("colour", good.get("colour"))
                .build();
        Tensors onlyLabel = Tensors.of("label", Tensor.copyOf(new long[] {0, 1}, 2));
        Tensors otherScores = Tensors.of("scores", Tensor.copyOf(new float[2], 1, 2));
        bears(
                event(transposed, null),
                event(otherType, outputs(2, 1, 1)),
                event(otherRows, outputs(2, 1, 1)),
                event(reordered, outputs(2, 1, 1)),
                event(good, onlyLabel),
                event(good, otherScores),
                event(good, Tensors.of("label", Tensor.copyOf(new String[] {"a", "b"}, 2))));
    }

    @Test
    void bearsManyThreadsAtOnce() throws Exception {
        PredictionListener listener = newListener();
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                tasks.add(() -> {
                    for (int i = 0; i < 250; i++) {
                        listener.onPrediction(ordinary());
                        listener.onPrediction(event(inputs(1, i, -i, "green", false), null));
                    }
                    return true;
                });
            }
            for (Future<Boolean> task : executor.invokeAll(tasks)) {
                assertThatCode(task::get).doesNotThrowAnyException();
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
