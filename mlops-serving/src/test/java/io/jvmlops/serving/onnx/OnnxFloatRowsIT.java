package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.internal.FloatRows;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The way around tensors gives what tensors give. */
class OnnxFloatRowsIT {
    private static InferenceModel open(String name) {
        return Models.load(
                ModelSource.bytes("model.onnx", Fixture.load(name).onnx).trusted());
    }

    private static FloatRows rowsOf(InferenceModel model) {
        return Objects.requireNonNull(FloatRows.of(model), "no rows of floats");
    }

    @Test
    void answersAsThroughTensorsWhateverCameBefore() {
        Random random = new Random(3);
        try (InferenceModel model = open("friedman_regression")) {
            FloatRows rows = rowsOf(model);
            assertThat(rows.width()).isEqualTo(10);
            for (int i = 0; i < 200; i++) {
                int count = random.nextInt(5) == 0 ? random.nextInt(40) : 1 + i % 3;
                float[] input = new float[count * 10];
                for (int j = 0; j < input.length; j++) {
                    input[j] = random.nextFloat();
                }
                float[] before = input.clone();
                float[] answer =
                        rows.predict(input, i % 4 == 0 ? Deadline.after(Duration.ofMinutes(1)) : Deadline.NONE);
                Tensor expected = model.predict(Tensors.of("input", Tensor.copyOf(input, count, 10)))
                        .at(0);
                assertThat(Tensor.transfer(answer, count, 1)).isEqualTo(expected);
                assertThat(input).isEqualTo(before);
                assertThat(rows.predict(
                                        target -> System.arraycopy(before, 0, target, 0, before.length),
                                        count,
                                        Deadline.NONE)
                                .at(0))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void refusesWhatTensorsWouldRefuse() {
        InferenceModel model = open("friedman_regression");
        FloatRows rows = rowsOf(model);
        for (int length : new int[] {1, 9, 11, 25}) {
            assertThatThrownBy(() -> rows.predict(new float[length], Deadline.NONE))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(length + " elements")
                    .hasMessageContaining("multiple of 10");
        }
        assertThat(rows.predict(new float[0], Deadline.NONE)).isEmpty();
        assertThatThrownBy(() -> rows.predict(new float[10], Deadline.after(Duration.ZERO)))
                .isInstanceOf(TimedOutException.class);
        model.close();
        assertThatThrownBy(() -> rows.predict(new float[10], Deadline.NONE)).isInstanceOf(ClosedException.class);
    }

    @Test
    void aWriterThatFailsIsHeardAndCostsNothing() {
        try (InferenceModel model = open("friedman_regression")) {
            FloatRows rows = rowsOf(model);
            for (int i = 0; i < 100; i++) {
                IllegalStateException mine = new IllegalStateException("mine");
                assertThatThrownBy(() -> rows.predict(
                                target -> {
                                    throw mine;
                                },
                                3,
                                Deadline.NONE))
                        .isSameAs(mine);
            }
            assertThat(rows.predict(new float[10], Deadline.NONE)).hasSize(1);
            assertThatThrownBy(() -> rows.predict(target -> {}, Integer.MAX_VALUE, Deadline.NONE))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("send fewer");
        }
    }

    @Test
    void modelsThatTakeSomethingElseHaveNone() {
        for (String name : Arrays.asList("mixed_columns", "type_fp64", "type_bytes")) {
            try (InferenceModel model = open(name)) {
                assertThat(FloatRows.of(model)).as(name).isNull();
            }
        }
        try (InferenceModel model = open("breast_cancer")) {
            assertThat(rowsOf(model).givesFloats()).isFalse();
        }
    }
}
