package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose rows depend on each other, or that say of their rows what is not so. */
class RowsTest {
    private static final ModelSignature NUMBERS = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP64, -1, 1)), List.of(TensorSpec.of("y", DataType.FP64, -1, 1)));

    private final PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(10_000_000)
            .checkEvery(0)
            .rule("m", CacheRule.exact().always()));

    private static Tensors column(double... values) {
        return Tensors.of("x", Tensor.transfer(values, values.length, 1));
    }

    /** A model of what it does to a column of numbers. */
    private static FunctionModel model(UnaryOperator<double[]> function) {
        return new FunctionModel("f", NUMBERS, inputs -> {
            double[] answers = function.apply(inputs.get("x").toDoubleArray());
            return Tensors.of("y", Tensor.transfer(answers, answers.length, 1));
        });
    }

    private static Arguments of(String what, UnaryOperator<double[]> function) {
        return Arguments.of(Named.of(what, function));
    }

    static Stream<Arguments> coupled() {
        return Stream.of(
                of(
                        "less the mean",
                        x -> map(x, v -> v - Arrays.stream(x).average().orElse(0))),
                of(
                        "less the largest",
                        x -> map(x, v -> v - Arrays.stream(x).max().orElse(0))),
                of("less the first", x -> map(x, v -> v - x[0])),
                of("less the last", x -> map(x, v -> v - x[x.length - 1])),
                of("by how many there are", x -> map(x, v -> v / x.length)),
                of("share of all", x -> map(x, v -> v / Arrays.stream(x).sum())),
                of("sum up to here", x -> {
                    double[] sums = x.clone();
                    Arrays.parallelPrefix(sums, Double::sum);
                    return sums;
                }),
                of(
                        "position",
                        x -> IntStream.range(0, x.length).mapToDouble(i -> i).toArray()),
                of(
                        "rank",
                        x -> map(
                                x,
                                v -> Arrays.stream(x).filter(other -> other < v).count())),
                of("of another size when there are many", x -> map(x, v -> x.length > 8 ? -v : v)),
                of("one more beside others", x -> map(x, v -> x.length > 1 ? v + 1e-3 : v)));
    }

    private static double[] map(double[] values, DoubleUnaryOperator change) {
        return Arrays.stream(values).map(change).toArray();
    }

    /** Also of numbers so small that a tolerance which knows no scale takes them all for nothing. */
    @ParameterizedTest
    @MethodSource("coupled")
    void whoseRowsDependOnEachOtherIsAnsweredByWholeBatches(UnaryOperator<double[]> function) {
        for (double scale : new double[] {1, 1e-9, 1e9}) {
            FunctionModel model = model(x -> map(function.apply(x), v -> v * scale));
            FunctionModel alone = model(x -> map(function.apply(x), v -> v * scale));
            InferenceModel cached = new PredictionCache(CacheSpec.maxBytes(1_000_000)
                            .checkEvery(0)
                            .rule("m", CacheRule.exact().always()))
                    .around("m", model);
            SplittableRandom random = new SplittableRandom(1);
            // The first has many rows, all different.
            Tensors first = column(random.doubles(40, 1, 2).toArray());
            assertThat(cached.predict(first)).isEqualTo(alone.predict(first));
            double[] values = random.doubles(20, 1, 2).toArray();
            for (int i = 0; i < 200; i++) {
                Tensors asked = column(random.ints(1 + random.nextInt(12), 0, 20)
                        .mapToDouble(which -> values[which])
                        .toArray());
                assertThat(cached.predict(asked)).as("scale %s", scale).isEqualTo(alone.predict(asked));
            }
            // Wholes are kept all the same, from the second time on.
            assertThat(cached.predict(first)).isEqualTo(alone.predict(first));
            long calls = model.calls.sum();
            assertThat(cached.predict(first)).isEqualTo(alone.predict(first));
            assertThat(model.calls.sum()).isEqualTo(calls);
        }
    }

    @Test
    void noiseOfSumsIsNoDependence() {
        SplittableRandom random = new SplittableRandom(3);
        double[] values = random.doubles(40, -1, 1).toArray();
        values[0] = 1e-14;
        values[39] = 0;
        // Differs with the number of rows, in digits that only a float would miss; near zero, in all of them.
        FunctionModel model = model(x -> map(x, v -> v + x.length * 1e-8));
        InferenceModel cached = cache.around("m", model);
        assertThat(cached.predict(column(values)).at(0).rows()).isEqualTo(40);
        long calls = model.calls.sum();
        for (double value : values) {
            assertThat(cached.predict(column(value)).at(0).doubleAt(0)).isBetween(value, value + 1e-6);
        }
        assertThat(model.calls.sum()).as("rows are known one by one").isEqualTo(calls);
    }

    @Test
    void aSmallColumnIsLookedAtBesideALargeOne() {
        ModelSignature signature =
                new ModelSignature(NUMBERS.inputs(), List.of(TensorSpec.of("y", DataType.FP64, -1, 2)));
        UnaryOperator<Tensors> function = inputs -> {
            double[] x = inputs.get("x").toDoubleArray();
            double mean = Arrays.stream(x).average().orElse(0);
            double[] y = new double[2 * x.length];
            for (int i = 0; i < x.length; i++) {
                y[2 * i] = 1e4 * x[i];
                y[2 * i + 1] = 0.1 * (x[i] - mean);
            }
            return Tensors.of("y", Tensor.transfer(y, x.length, 2));
        };
        FunctionModel alone = new FunctionModel("f", signature, function);
        InferenceModel cached = cache.around("m", new FunctionModel("f", signature, function));
        for (Tensors asked : List.of(column(1, 2, 3, 4), column(2), column(4, 1), column(1))) {
            assertThat(cached.predict(asked)).isEqualTo(alone.predict(asked));
        }
    }

    @Test
    void rowsThatAreAllTheSameProveNothing() {
        FunctionModel model = model(x -> map(x, v -> v + x.length));
        FunctionModel alone = model(x -> map(x, v -> v + x.length));
        InferenceModel cached = cache.around("m", model);
        Tensors same = column(5, 5, 5);
        for (int i = 0; i < 3; i++) {
            assertThat(cached.predict(same)).isEqualTo(alone.predict(same));
        }
        assertThat(model.calls.sum()).as("not kept").isEqualTo(3);
        for (Tensors asked : List.of(column(5), column(5, 6), column(5, 5), column(6))) {
            assertThat(cached.predict(asked)).isEqualTo(alone.predict(asked));
        }
    }

    /** Rows in, rows out, but not as many: of the rows that it was proved with, none was left out. */
    @Test
    void aModelThatLeavesRowsOutIsAnsweredAsItAnswers() {
        UnaryOperator<double[]> positive =
                x -> Arrays.stream(x).filter(v -> v > 0).toArray();
        UnaryOperator<double[]> twice = x -> Arrays.stream(x)
                .flatMap(v -> v < 0 ? Arrays.stream(new double[] {v, v}) : Arrays.stream(new double[] {v}))
                .toArray();
        UnaryOperator<double[]> twiceAlone = x -> x.length == 1 && x[0] < 0 ? new double[] {x[0], x[0]} : x;
        UnaryOperator<double[]> sum = x -> new double[] {Arrays.stream(x).sum()};
        for (UnaryOperator<double[]> function : List.of(positive, twice, twiceAlone, sum)) {
            PredictionCache fresh = new PredictionCache(CacheSpec.maxBytes(1_000_000)
                    .checkEvery(0)
                    .rule("m", CacheRule.exact().always()));
            FunctionModel alone = model(function);
            InferenceModel cached = fresh.around("m", model(function));
            for (int round = 0; round < 2; round++) {
                for (Tensors asked : List.of(
                        column(1, 2, 3),
                        column(-1),
                        column(2),
                        column(1, -1),
                        column(-1, 1, -1, 2),
                        column(-1, -2),
                        column(-3, 1),
                        column(1, 2))) {
                    assertThat(cached.predict(asked)).isEqualTo(alone.predict(asked));
                }
            }
            assertThat(fresh.flights()).isEmpty();
        }
    }

    /** Each row filled up with zeros to the length of the longest. */
    @Test
    void rowsThatAreFilledUpAreNotTakenApart() {
        ModelSignature signature =
                new ModelSignature(NUMBERS.inputs(), List.of(TensorSpec.of("y", DataType.FP64, -1, -1)));
        UnaryOperator<Tensors> function = inputs -> {
            double[] x = inputs.get("x").toDoubleArray();
            int longest = (int) Arrays.stream(x).max().orElse(0);
            double[] y = new double[x.length * longest];
            for (int i = 0; i < x.length; i++) {
                Arrays.fill(y, i * longest, i * longest + (int) x[i], x[i]);
            }
            return Tensors.of("y", Tensor.transfer(y, x.length, longest));
        };
        FunctionModel alone = new FunctionModel("f", signature, function);
        InferenceModel cached = cache.around("m", new FunctionModel("f", signature, function));
        for (Tensors asked : List.of(column(3, 3, 3.5), column(2, 5), column(2), column(5), column(2, 5), column(3))) {
            assertThat(cached.predict(asked)).isEqualTo(alone.predict(asked));
        }
    }

    /** Its outputs are not what its signature says, now and then. */
    @Test
    void aModelWhoseRowsChangeTheirShapeIsAnsweredAsItAnswers() {
        UnaryOperator<Tensors> function = inputs -> {
            double[] x = inputs.get("x").toDoubleArray();
            double[] y = new double[x.length * 2];
            Arrays.fill(y, x[0]);
            return Tensors.of(x[0] > 8 ? "z" : "y", Tensor.transfer(y, x.length, x[0] > 5 ? 1 : 2, x[0] > 5 ? 2 : 1));
        };
        FunctionModel alone = new FunctionModel("f", NUMBERS, function);
        InferenceModel cached = cache.around("m", new FunctionModel("f", NUMBERS, function));
        for (int round = 0; round < 2; round++) {
            for (Tensors asked :
                    List.of(column(1, 1.5), column(6), column(1), column(9), column(1, 6), column(6, 1, 9))) {
                assertThat(cached.predict(asked)).isEqualTo(alone.predict(asked));
            }
        }
    }

    @Test
    void aModelThatAnswersNoSingleRowIsNotAskedForOneForEver() {
        FunctionModel model = model(x -> {
            if (x.length < 4) {
                throw new ModelFailureException("too few");
            }
            return x;
        });
        InferenceModel cached = cache.around("m", model);
        for (int i = 0; i < 20; i++) {
            Tensors asked = column(i, 1, 2, 3, 4);
            assertThat(cached.predict(asked).at(0)).isEqualTo(asked.at(0));
        }
        assertThat(model.calls.sum()).isLessThanOrEqualTo(20 + 2 * 3);
        long calls = model.calls.sum();
        assertThat(cached.predict(column(19, 1, 2, 3, 4)).at(0).rows()).isEqualTo(5);
        assertThat(model.calls.sum()).as("known as a whole").isEqualTo(calls);
    }

    @Test
    void whoHasNoTimeToSpareDoesNotWaitForTheProof() {
        Thread caller = Thread.currentThread();
        FunctionModel model = model(x -> {
            if (Thread.currentThread() == caller && x.length < 8) {
                throw new AssertionError("a proof on the caller's time");
            }
            LockSupport.parkNanos(20_000_000);
            return x;
        });
        InferenceModel cached = cache.around("m", model);
        Tensors asked = column(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(cached.predict(asked, Deadline.after(Duration.ofMillis(300))).at(0))
                .isEqualTo(asked.at(0));
        until(() -> cache.entries() == 8);
        long calls = model.calls.sum();
        assertThat(cached.predict(column(3)).at(0).doubleAt(0)).isEqualTo(3);
        assertThat(model.calls.sum()).isEqualTo(calls);
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

    /** What an answer said of a row, and was kept, is looked at again now and then; here at once. */
    @Test
    void aModelThatComesToMixItsRowsIsFoundOut() {
        boolean[] mixes = {false};
        UnaryOperator<double[]> function = x -> mixes[0] && x.length > 1 ? map(x, v -> v + 7) : x;
        FunctionModel model = model(function);
        PredictionCache checking = new PredictionCache(CacheSpec.maxBytes(1_000_000)
                .checkEvery(1)
                .rule("m", CacheRule.exact().always()));
        InferenceModel cached = checking.around("m", model);
        assertThat(cached.predict(column(1, 2, 3)).at(0).doubleAt(0)).isEqualTo(1);
        mixes[0] = true;
        assertThat(cached.predict(column(10, 11)).at(0).doubleAt(0)).isEqualTo(17);
        // Kept as the row's own answer, until somebody asks for it.
        until(() -> cached.predict(column(10)).at(0).doubleAt(0) == 10);
        assertThat(cached.predict(column(11)).at(0).doubleAt(0)).isEqualTo(11);
        assertThat(cached.predict(column(10, 11)).at(0).doubleAt(0)).isEqualTo(17);
        assertThat(cached.predict(column(11)).at(0).doubleAt(0)).isEqualTo(11);
    }

    /** That is no model whose rows are independent, but its first batch looked like it. */
    @Test
    void aBatchDuringWhichItIsFoundOutThatRowsDependOnEachOtherIsAnsweredAsAWhole() {
        AtomicReference<@Nullable InferenceModel> cached = new AtomicReference<>();
        UnaryOperator<double[]> function = x -> {
            InferenceModel around = cached.get();
            if (x.length == 1 && x[0] == 4 && around != null) {
                cached.set(null);
                // Another's batch, which the model does not answer row by row.
                assertThat(around.predict(column(1000, 5)).at(0).rows()).isEqualTo(1);
            }
            if (x[0] == 1000) {
                return Arrays.copyOfRange(x, 1, x.length);
            }
            boolean mixes = Arrays.stream(x).anyMatch(v -> v == 4);
            return map(x, v -> mixes ? v * x.length : v);
        };
        InferenceModel around = cache.around("m", model(function));
        assertThat(around.predict(column(1, 2, 3)).at(0).toDoubleArray()).containsExactly(1, 2, 3);
        cached.set(around);
        assertThat(around.predict(column(1, 2, 4)).at(0).toDoubleArray()).containsExactly(3, 6, 12);
        assertThat(cached.get()).isNull();
    }
}
