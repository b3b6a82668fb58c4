package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.Feature;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.cache.CacheSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records and arrays against real models. */
@SuppressWarnings("ArrayRecordComponent") // arrays are what is tested
class TypedPredictorsIT {
    private final TestRegistry models = new TestRegistry();

    @AfterEach
    void closeRegistry() {
        models.close();
    }

    private enum Plan {
        @Feature("free")
        FREE,
        @Feature("pro")
        PRO
    }

    private record Customer(
            @Feature(missing = "unknown") @Nullable String city,
            @Nullable Float age,
            int visits,
            @Nullable Double spend,

            @Feature(value = "plan", missing = "free") @Nullable
            Plan tariff) {}

    private record Verdict(String label, float[] probabilities) {}

    private static float[] floats(Tensor tensor) {
        float[] floats = new float[tensor.size()];
        tensor.asFloatBuffer().get(floats);
        return floats;
    }

    @Test
    void recordsWithWordsNumbersAndHolesGetScikitLearnsAnswers() {
        Fixture fixture = Fixture.load("mixed_columns");
        models.onnx("mixed", fixture.onnx);
        double[] expected = fixture.expected("probabilities");
        List<String> labels = fixture.expectedStrings("label");
        List<Customer> customers = new ArrayList<>();
        Tensors in = fixture.inputs;
        for (int row = 0; row < 20; row++) {
            customers.add(new Customer(
                    in.get("city").stringAt(row),
                    (float) in.get("age").doubleAt(row),
                    (int) in.get("visits").longAt(row),
                    in.get("spend").doubleAt(row),
                    plan(in.get("plan").stringAt(row))));
        }
        try (Serving serving = Serving.builder(models.registry).build()) {
            Predictor<Customer, Classification> churn =
                    serving.predictor("mixed/1", Customer.class, Classification.class);
            List<Classification> answers = churn.predictAll(customers);
            List<Verdict> verdicts =
                    serving.predictor("mixed/1", Customer.class, Verdict.class).predictAll(customers);
            for (int row = 0; row < 20; row++) {
                double[] scores = {expected[2 * row], expected[2 * row + 1]};
                assertThat(answers.get(row).label()).isEqualTo(labels.get(row));
                assertThat(answers.get(row).scores()).containsExactly(scores, within(1e-5));
                assertThat(verdicts.get(row).label()).isEqualTo(labels.get(row));
                assertThat(verdicts.get(row).probabilities()[1]).isCloseTo((float) scores[1], within(1e-5f));
            }
            // What stands for the missing reaches the model.
            Customer whole = customers.get(0);
            Customer hole = new Customer(null, whole.age, whole.visits, whole.spend, null);
            Customer filled = new Customer("unknown", whole.age, whole.visits, whole.spend, Plan.FREE);
            assertThat(churn.predict(hole)).isEqualTo(churn.predict(filled));
        }
    }

    private static Plan plan(String category) {
        return Plan.valueOf(category.toUpperCase(Locale.ROOT));
    }

    private record Strict(
            String city,
            float age,
            int visits,
            double spend,
            @Nullable Plan plan) {}

    private record Holes(
            String city, @Nullable Float age, @Nullable Integer visits, float[] spend, String other) {}

    @Test
    void whatDoesNotFitIsSaidWhenThePredictorIsMadeOrWithTheRow() {
        models.onnx("mixed", Fixture.load("mixed_columns").onnx);
        try (Serving serving = Serving.builder(models.registry).build()) {
            assertThatThrownBy(() -> serving.predictor("mixed/1", Holes.class, Classification.class))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.mismatches()).hasSize(3))
                    .hasMessageContaining("'visits' may be null, but the INT64")
                    .hasMessageContaining("no component for column 'plan'")
                    .hasMessageContaining("'other' is no column of the model");
            assertThatThrownBy(() -> serving.predictor("mixed/1", Strict.class, Classification.class))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("'plan' may be null, but the BYTES of input plan: BYTES[-1, 1]");
            Predictor<Customer, Classification> churn =
                    serving.predictor("mixed/1", Customer.class, Classification.class);
            Customer tooLarge = new Customer("secret", 1f, 1, 1e300, null);
            assertThatThrownBy(() -> churn.predictAll(List.of(new Customer("a", 1f, 1, 1.0, null), tooLarge)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("'spend' of row 1 is beyond what the FP32")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void arraysInArraysOut() throws InterruptedException {
        Fixture fixture = Fixture.load("friedman_regression");
        models.onnx("friedman", fixture.onnx);
        float[] rows = floats(fixture.inputs.at(0));
        double[] expected = fixture.expected("variable");
        List<PredictionEvent> events = Collections.synchronizedList(new ArrayList<>());
        try (Serving serving = Serving.builder(models.registry)
                .cache(CacheSpec.maxBytes(1 << 20))
                .listener(events::add)
                .build()) {
            Predictor<float[], float[]> floats = serving.predictor("friedman/1", float[].class, float[].class);
            float[] given = rows.clone();
            float[] answers = floats.predict(given);
            assertThat(answers).hasSize(20);
            for (int row = 0; row < 20; row++) {
                assertThat((double) answers[row]).isCloseTo(expected[row], within(1e-4));
            }
            // Neither array is shared with a cache or a listener.
            Arrays.fill(given, 0);
            float[] copy = answers.clone();
            Arrays.fill(answers, -1);
            assertThat(floats.predict(rows)).containsExactly(copy);
            assertThat(serving.flushListeners(Duration.ofSeconds(20))).isTrue();
            assertThat(events)
                    .hasSize(2)
                    .allSatisfy(
                            event -> assertThat(floats(event.inputs().at(0))).containsExactly(rows));
            List<float[]> parts = List.of(Arrays.copyOf(rows, 30), Arrays.copyOfRange(rows, 30, 200));
            assertThat(floats.predictAll(parts).get(1)).containsExactly(Arrays.copyOfRange(copy, 3, 20), within(1e-4f));
            double[] doubles = new double[rows.length];
            Arrays.setAll(doubles, i -> rows[i]);
            assertThat(serving.predictor("friedman/1", double[].class, double[].class)
                            .predict(doubles))
                    .containsExactly(expected, within(1e-4));
            assertThatThrownBy(() -> floats.predict(new float[11]))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("expected a multiple of 10");
        }
    }

    private record Iris(double sepalLength, double sepalWidth, double petalLength, double petalWidth) {}

    @Test
    void oneTypedPredictorForManyThreads() throws InterruptedException {
        Fixture fixture = Fixture.load("iris_zipmap");
        models.onnx("iris", fixture.onnx);
        Tensor x = fixture.inputs.at(0);
        List<Iris> flowers = new ArrayList<>();
        for (int at = 0; at < x.size(); at += 4) {
            flowers.add(new Iris(x.doubleAt(at), x.doubleAt(at + 1), x.doubleAt(at + 2), x.doubleAt(at + 3)));
        }
        try (Serving serving = Serving.builder(models.registry).build()) {
            Predictor<Iris, Classification> iris = serving.predictor("iris/1", Iris.class, Classification.class);
            List<Classification> expected = iris.predictAll(flowers);
            AtomicInteger wrong = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int first = 5 * t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 500; i++) {
                        int from = (first + i) % 15;
                        List<Classification> some = iris.predictAll(flowers.subList(from, from + 5));
                        for (int row = 0; row < 5; row++) {
                            boolean same = some.get(row).index()
                                            == expected.get(from + row).index()
                                    && Math.abs(some.get(row).score()
                                                    - expected.get(from + row).score())
                                            < 1e-6;
                            wrong.addAndGet(same ? 0 : 1);
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).hasValue(0);
        }
    }
}
