package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.test.Concurrently;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CachedModelTest {
    private final PredictionCache cache =
            new PredictionCache(CacheSpec.maxBytes(1_000_000).checkEvery(0));

    private static float[] numbers(int from, int to) {
        float[] numbers = new float[to - from];
        for (int i = from; i < to; i++) {
            numbers[i - from] = i;
        }
        return numbers;
    }

    private static void pass(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the latch");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aBatchAsksForWhatIsNotKnownInOneCall() {
        SumModel model = new SumModel("m");
        InferenceModel cached = cache.around(model);
        Tensors known = SumModel.rows(numbers(0, 30));
        assertThat(cached.predict(known)).isEqualTo(new SumModel("m").predict(known));
        model.calls.clear();
        float[] mixed = numbers(0, 100);
        for (int i = 0; i < 30; i++) {
            // Known rows lie among the others.
            float swapped = mixed[i];
            mixed[i] = mixed[99 - 3 * i];
            mixed[99 - 3 * i] = swapped;
        }
        Tensors all = SumModel.rows(mixed);
        assertThat(cached.predict(all)).isEqualTo(new SumModel("m").predict(all));
        assertThat(model.calls).containsExactly(70);
        assertThat(cached.predict(all)).isEqualTo(new SumModel("m").predict(all));
        assertThat(model.calls).containsExactly(70);
        // What came in a batch is known on its own.
        assertThat(cached.predict(SumModel.rows(42))).isEqualTo(new SumModel("m").predict(SumModel.rows(42)));
        assertThat(model.calls).containsExactly(70);
    }

    @Test
    void aRowThatIsInABatchTwiceIsAskedForOnce() {
        SumModel model = new SumModel("m");
        InferenceModel cached = cache.around(model);
        cached.predict(SumModel.rows(1, 2, 3));
        model.calls.clear();
        Tensors twice = SumModel.rows(5, 6, 5, 1, 6, 5);
        assertThat(cached.predict(twice)).isEqualTo(new SumModel("m").predict(twice));
        assertThat(model.calls).containsExactly(2);
    }

    @Test
    void sixtyFourWhoAskTheSameCauseOneCall() {
        CountDownLatch all = new CountDownLatch(64);
        SumModel model = new SumModel("m", 1, inputs -> pass(all));
        InferenceModel cached = cache.around(model);
        List<Tensors> answers = Concurrently.run(64, thread -> {
            all.countDown();
            return cached.predict(SumModel.rows(7));
        });
        assertThat(answers).hasSize(64).containsOnly(new SumModel("m").predict(SumModel.rows(7)));
        assertThat(model.calls).containsExactly(1);
    }

    @Test
    void aCallersDeadlineDoesNotEndWhatOthersWaitFor() {
        CountDownLatch go = new CountDownLatch(1);
        SumModel model = new SumModel("m", 1, inputs -> pass(go));
        InferenceModel cached = cache.around(model);
        assertThatThrownBy(() -> cached.predict(SumModel.rows(7), Deadline.after(Duration.ofMillis(500))))
                .isInstanceOf(TimedOutException.class);
        assertThat(model.calls).containsExactly(1);
        go.countDown();
        assertThat(cached.predict(SumModel.rows(7))).isEqualTo(new SumModel("m").predict(SumModel.rows(7)));
        assertThat(model.calls).containsExactly(1);
    }

    /** What is known has the same elements, and for some of them the same bytes. */
    @Test
    void whatDoesNotFitIsRefusedThoughARowLikeItIsKnown() {
        RowModel model = new RowModel(float[]::clone);
        InferenceModel cached = cache.around(model);
        float[] row = {5, 1};
        assertThat(cached.predict(Tensors.of("x", Tensor.transfer(row, 1, 2))))
                .isEqualTo(cached.predict(RowModel.row(5)));
        int[] bits = {Float.floatToIntBits(5), Float.floatToIntBits(1)};
        List<Tensors> others = List.of(
                Tensors.of("X", Tensor.transfer(row, 1, 2)),
                Tensors.of("x", Tensor.transfer(row, 2)),
                Tensors.of("x", Tensor.transfer(row, 1, 2, 1)),
                Tensors.of("x", Tensor.transfer(row, 2, 1)),
                Tensors.of("x", Tensor.transfer(new float[] {5, 1, 0}, 1, 3)),
                Tensors.of("x", Tensor.transfer(new double[] {5, 1}, 1, 2)),
                Tensors.of("x", Tensor.transfer(bits, 1, 2)),
                Tensors.of("x", Tensor.transfer(row, 1, 2), "y", Tensor.transfer(row, 1, 2)));
        for (Tensors other : others) {
            assertThatThrownBy(() -> cached.predict(other))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("expected");
        }
        assertThat(model.calls).hasValue(1);
    }
}
