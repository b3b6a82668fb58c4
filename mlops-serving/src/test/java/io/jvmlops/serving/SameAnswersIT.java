package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.internal.FloatRows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whether somebody listens decides which way a call goes, but not what comes of it. */
class SameAnswersIT {
    /** Answers and refusals of one serving. */
    private static final class Counted implements ServingMetrics {
        final List<Outcome> outcomes = new ArrayList<>();

        @Override
        public ModelMetrics of(String model, int version, String flavor) {
            return new ModelMetrics() {
                @Override
                public void predicted(long nanos, Outcome outcome) {
                    outcomes.add(outcome);
                }
            };
        }
    }

    private static <T> Object told(Supplier<T> call) {
        List<T> answer = new ArrayList<>();
        Throwable thrown = catchThrowable(() -> answer.add(call.get()));
        if (thrown == null) {
            return answer.get(0);
        }
        assertThat(thrown).isInstanceOf(MlopsException.class);
        return thrown.getClass();
    }

    private static void compare(TestRegistry models, String ref, Class<?> output, List<float[]> inputs) {
        Counted quiet = new Counted();
        Counted heard = new Counted();
        try (Serving without = Serving.builder(models.registry)
                        .metrics(quiet)
                        .warmUp(0)
                        .build();
                Serving with = Serving.builder(models.registry)
                        .metrics(heard)
                        .warmUp(0)
                        .listener(event -> {})
                        .build()) {
            Predictor<float[], ?> one = without.predictor(ref, float[].class, output);
            Predictor<float[], ?> other = with.predictor(ref, float[].class, output);
            for (float[] input : inputs) {
                assertThat(told(() -> one.predict(input))).as(ref).isEqualTo(told(() -> other.predict(input)));
            }
        }
        assertThat(quiet.outcomes).as(ref).hasSameSizeAs(inputs).isEqualTo(heard.outcomes);
        assertThat(quiet.outcomes).contains(ServingMetrics.Outcome.SUCCESS, ServingMetrics.Outcome.INVALID_INPUT);
    }

    @Test
    void everyModelOfFloatsAnswersAndRefusesTheSameWithAndWithoutListeners() {
        int compared = 0;
        try (TestRegistry models = new TestRegistry()) {
            for (String name : Fixture.names()) {
                Fixture fixture = Fixture.load(name);
                models.onnx(name, fixture.onnx);
                float[] values;
                boolean floats;
                try (var model = Models.load(
                        ModelSource.bytes("model.onnx", fixture.onnx).trusted())) {
                    FloatRows rows = FloatRows.of(model);
                    if (rows == null) {
                        continue;
                    }
                    floats = rows.givesFloats();
                    double[] all = fixture.inputs.at(0).toDoubleArray();
                    values = new float[all.length];
                    for (int i = 0; i < all.length; i++) {
                        values[i] = (float) all[i];
                    }
                }
                List<float[]> inputs =
                        List.of(values, new float[0], values, new float[values.length + 1], values.clone());
                compare(models, name + "/1", floats ? float[].class : Tensors.class, inputs);
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(5);
    }

    private record X(double x) {}

    @Test
    void recordsThatCannotBeReadAreCountedEitherWay() {
        try (TestRegistry models = new TestRegistry()) {
            models.onnx("m", OnnxBytes.times(2, 3));
            for (boolean listened : new boolean[] {false, true}) {
                Counted counted = new Counted();
                Serving.Builder builder =
                        Serving.builder(models.registry).metrics(counted).warmUp(0);
                try (Serving serving = (listened ? builder.listener(event -> {}) : builder).build()) {
                    Predictor<X, float[]> predictor = serving.predictor("m/1", X.class, float[].class);
                    assertThat(predictor.predict(new X(3))).containsExactly(6);
                    assertThat(catchThrowable(() -> predictor.predict(new X(1e300))))
                            .isInstanceOf(InvalidInputException.class);
                    assertThat(catchThrowable(() -> predictor.predictAll(List.of(new X(1), new X(1e300)))))
                            .isInstanceOf(InvalidInputException.class);
                    assertThat(predictor.predictAsync(new X(1e300))).isCompletedExceptionally();
                }
                assertThat(counted.outcomes)
                        .containsExactly(
                                ServingMetrics.Outcome.SUCCESS,
                                ServingMetrics.Outcome.INVALID_INPUT,
                                ServingMetrics.Outcome.INVALID_INPUT,
                                ServingMetrics.Outcome.INVALID_INPUT);
            }
        }
    }
}
