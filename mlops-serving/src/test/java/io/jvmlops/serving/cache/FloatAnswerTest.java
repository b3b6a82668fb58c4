package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.internal.FloatRows;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FloatAnswerTest {
    private final EchoModel model = new EchoModel("m", EchoModel.FLOATS);
    private final PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(1 << 20)
            .checkEvery(0)
            .rule("m", CacheRule.exact().always()));
    private final InferenceModel cached = cache.around("m", model);
    private final FloatRows arrays = Objects.requireNonNull(FloatRows.of(cached));

    @AfterEach
    void close() {
        cache.close();
    }

    private float[] array(float... row) {
        return arrays.predict(row, Deadline.NONE);
    }

    private Tensors written(float... row) {
        return arrays.predict(target -> System.arraycopy(row, 0, target, 0, row.length), 1, Deadline.NONE);
    }

    private static Tensors tensors(float... row) {
        return Tensors.of("x", Tensor.copyOf(row, 1, row.length));
    }

    private static Tensors bare(float... row) {
        return new EchoModel("m", EchoModel.FLOATS).predict(tensors(row));
    }

    @Test
    void eachWayToAskFindsWhatTheOthersLeft() {
        float[] first = array(1, 2, 3, 4);
        assertThat(cached.predict(tensors(1, 2, 3, 4))).isEqualTo(bare(1, 2, 3, 4));
        assertThat(written(1, 2, 3, 4)).isEqualTo(bare(1, 2, 3, 4));
        assertThat(array(1, 2, 3, 4)).isEqualTo(first);
        assertThat(first).isEqualTo(bare(1, 2, 3, 4).at(0).toFloatArray());

        assertThat(cached.predict(tensors(5, 6, 7, 8))).isEqualTo(bare(5, 6, 7, 8));
        assertThat(array(5, 6, 7, 8)).isEqualTo(bare(5, 6, 7, 8).at(0).toFloatArray());
        assertThat(written(9, 9, 9, 9)).isEqualTo(bare(9, 9, 9, 9));
        assertThat(array(9, 9, 9, 9)).isEqualTo(bare(9, 9, 9, 9).at(0).toFloatArray());

        assertThat(model.calls.sum()).isEqualTo(3);
        assertThat(cache.entries()).isEqualTo(3);
    }

    @Test
    void batchesFindRowsThatWereAskedForWithArrays() {
        Tensors batch = Tensors.concat(List.of(tensors(1, 1, 1, 1), tensors(2, 2, 2, 2), tensors(3, 3, 3, 3)));
        // The first batch shows that rows are independent.
        assertThat(cached.predict(batch)).isEqualTo(new EchoModel("m", EchoModel.FLOATS).predict(batch));
        array(4, 4, 4, 4);
        long before = model.calls.sum();
        Tensors other = Tensors.concat(List.of(tensors(4, 4, 4, 4), tensors(2, 2, 2, 2)));

        assertThat(cached.predict(other)).isEqualTo(new EchoModel("m", EchoModel.FLOATS).predict(other));
        assertThat(model.calls.sum()).isEqualTo(before);
    }

    @Test
    void whatACallerDoesToItsAnswerIsItsOwn() {
        for (int i = 0; i < 3; i++) {
            float[] answer = array(1, 2, 3, 4);
            assertThat(answer).isEqualTo(bare(1, 2, 3, 4).at(0).toFloatArray());
            answer[0] = Float.NaN;
        }
        assertThat(cached.predict(tensors(1, 2, 3, 4))).isEqualTo(bare(1, 2, 3, 4));
        assertThat(model.calls.sum()).isEqualTo(1);
    }

    @Test
    void aNumberAloneTakesLess() {
        array(1, 2, 3, 4);
        long packed = cache.bytes();
        cached.predict(tensors(5, 6, 7, 8));

        assertThat(cache.bytes() - packed).isGreaterThan(packed);
    }

    @Test
    void onlyWhatTheSignatureTellsOfIsPacked() {
        TensorSpec floats = TensorSpec.of("y", DataType.FP32, -1, 2);
        FloatAnswer answer = Objects.requireNonNull(FloatAnswer.of(List.of(floats)));
        Tensors declared = Tensors.of("y", Tensor.copyOf(new float[] {1, 2}, 1, 2));

        assertThat(answer.pack(declared)).isEqualTo(new float[] {1, 2});
        assertThat(answer.unpack(new float[] {1, 2})).isEqualTo(declared);
        for (Tensors other : List.of(
                Tensors.of("z", Tensor.copyOf(new float[] {1, 2}, 1, 2)),
                Tensors.of("y", Tensor.copyOf(new float[] {1, 2}, 2)),
                Tensors.of("y", Tensor.copyOf(new float[] {1, 2, 3}, 1, 3)),
                Tensors.of("y", Tensor.copyOf(new double[] {1, 2}, 1, 2)),
                Tensors.of("y", Tensor.copyOf(new float[] {1, 2}, 1, 2), "z", Tensor.copyOf(new float[] {1}, 1)))) {
            assertThat(answer.pack(other)).isSameAs(other);
        }
        assertThat(FloatAnswer.of(List.of())).isNull();
        assertThat(FloatAnswer.of(List.of(floats, TensorSpec.of("z", DataType.FP32, -1, 2))))
                .isNull();
        assertThat(FloatAnswer.of(List.of(TensorSpec.of("y", DataType.FP64, -1, 2))))
                .isNull();
        assertThat(FloatAnswer.of(List.of(TensorSpec.of("y", DataType.FP32, -1, -1))))
                .isNull();
        assertThat(FloatAnswer.of(List.of(TensorSpec.of("y", DataType.FP32, 1, 2))))
                .isNull();
        assertThat(FloatAnswer.of(List.of(TensorSpec.of("y", DataType.FP32)))).isNull();
    }
}
