package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link InferenceModel} does. Every input whose leading axis is dynamic is taken for a batch, and so is
 * every output.
 */
public abstract class InferenceModelContract {
    private static final int THREADS = 8;

    /** A fresh model, open; the suite closes it. All of one class answer the same. */
    protected abstract InferenceModel open();

    /** Inputs of at least two different rows that the model answers. */
    protected abstract Tensors inputs();

    /** How far a number of a batch's answer may be from that of the row alone: vectorised kernels add in other orders. */
    protected double tolerance() {
        return 1e-6;
    }

    @Test
    void saysWhatItTakesAndGives() {
        try (InferenceModel model = open()) {
            assertThat(model.signature().inputs()).isNotEmpty();
            assertThat(model.signature().outputs()).isNotEmpty();
            assertThat(model.descriptor().signature()).isEqualTo(model.signature());
            assertThat(model.descriptor().flavors()).containsKey(model.flavor());
            assertThatCode(() -> model.signature().checkInputs("the contract's inputs", inputs()))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void refusesWhatComesAfterItsDeadline() {
        try (InferenceModel model = open()) {
            assertThatThrownBy(() -> model.predict(inputs(), Deadline.after(Duration.ZERO)))
                    .isInstanceOf(TimedOutException.class);
            assertThat(model.predict(inputs(), Deadline.after(Duration.ofMinutes(10))))
                    .isEqualTo(model.predict(inputs()));
        }
    }

    @Test
    void saysWhatDoesNotFitEvenAfterTheDeadline() {
        // A caller who would have to be told twice is told the lasting reason first.
        try (InferenceModel model = open()) {
            assertThatThrownBy(() -> model.predict(
                            Tensors.of("no such input", Tensor.transfer(new float[1], 1)),
                            Deadline.after(Duration.ZERO)))
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void isNamedByTheSameDigestEveryTime() {
        try (InferenceModel first = open();
                InferenceModel second = open()) {
            assertThat(first.digest()).isEqualTo(second.digest());
        }
    }

    @Test
    void answersAsItsSignatureSays() {
        try (InferenceModel model = open()) {
            Tensors outputs = model.predict(inputs());
            assertThat(outputs.names())
                    .containsExactlyElementsOf(model.signature().outputs().stream()
                            .map(TensorSpec::name)
                            .toList());
            for (TensorSpec spec : model.signature().outputs()) {
                Tensor tensor = outputs.get(spec.name());
                assertThat(tensor.type()).as(spec.name()).isEqualTo(spec.type());
                assertThat(spec.shape().accepts(tensor.shape()))
                        .as("%s accepts %s", spec, tensor)
                        .isTrue();
                if (isBatched(spec)) {
                    assertThat(tensor.rows()).as(spec.name()).isEqualTo(rows());
                }
            }
        }
    }

    @Test
    void answersARowAloneAsInABatch() {
        try (InferenceModel model = open()) {
            Tensors all = model.predict(inputs());
            for (int row = 0; row < rows(); row++) {
                Tensors alone = model.predict(ModelRows.slice(model.signature(), inputs(), row, row + 1));
                for (TensorSpec spec : model.signature().outputs()) {
                    if (isBatched(spec)) {
                        ModelRows.assertClose(
                                alone.get(spec.name()),
                                ModelRows.slice(all.get(spec.name()), row, row + 1),
                                tolerance());
                    }
                }
            }
        }
    }

    @Test
    void answersTheSameTwice() {
        try (InferenceModel model = open()) {
            assertThat(model.predict(inputs())).isEqualTo(model.predict(inputs()));
        }
    }

    @Test
    void listsAllThatIsWrongWithItsInputs() {
        try (InferenceModel model = open()) {
            Tensors nothingRight = Tensors.of("not an input of this model", Tensor.copyOf(new long[] {1}, 1));
            InvalidInputException refused =
                    catchThrowableOfType(InvalidInputException.class, () -> model.predict(nothingRight));
            assertThat(refused).isNotNull();
            // One for each that is missing, one for the one too many.
            assertThat(refused.mismatches()).hasSize(model.signature().inputs().size() + 1);
            for (TensorSpec spec : model.signature().inputs()) {
                assertThat(refused.getMessage()).contains(spec.name());
            }
            assertThat(refused.getMessage()).contains("not an input of this model");
            assertThat(model.predict(inputs())).as("after a refusal").isNotNull();
        }
    }

    @Test
    void refusesTensorsOfAnotherType() {
        try (InferenceModel model = open()) {
            Tensors.Builder wrong = Tensors.builder();
            for (TensorSpec spec : model.signature().inputs()) {
                Tensor right = inputs().get(spec.name());
                wrong.put(
                        spec.name(),
                        Tensor.copyOf(new boolean[right.size()], right.shape().dims()));
            }
            assertThatThrownBy(() -> model.predict(wrong.build())).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void refusesAfterItWasClosed() {
        InferenceModel model = open();
        model.close();
        assertThatThrownBy(() -> model.predict(inputs())).isInstanceOf(ClosedException.class);
    }

    @Test
    void mayBeClosedTwice() {
        InferenceModel model = open();
        model.close();
        assertThatCode(model::close).doesNotThrowAnyException();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void answersOrRefusesWhileItIsClosedUnderManyThreads() throws Exception {
        Tensors inputs = inputs();
        Tensors expected;
        try (InferenceModel model = open()) {
            expected = model.predict(inputs);
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < 10; round++) {
                InferenceModel model = open();
                AtomicInteger answered = new AtomicInteger();
                CountDownLatch warm = new CountDownLatch(THREADS);
                List<Future<?>> calls = new ArrayList<>();
                for (int t = 0; t < THREADS; t++) {
                    calls.add(threads.submit(() -> {
                        boolean first = true;
                        try {
                            while (true) {
                                Tensors answer = model.predict(inputs);
                                ModelRows.assertClose(answer, expected, tolerance());
                                answered.incrementAndGet();
                                if (first) {
                                    first = false;
                                    warm.countDown();
                                }
                            }
                        } catch (ClosedException e) {
                            return; // the only other way to end
                        } finally {
                            if (first) {
                                warm.countDown();
                            }
                        }
                    }));
                }
                warm.await();
                model.close();
                for (Future<?> call : calls) {
                    call.get();
                }
                assertThat(answered.get()).isGreaterThanOrEqualTo(THREADS);
                assertThatThrownBy(() -> model.predict(inputs)).isInstanceOf(ClosedException.class);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void throwsOnlyExceptionsOfOurs() {
        try (InferenceModel model = open()) {
            assertThatThrownBy(() -> model.predict(Tensors.builder().build())).isInstanceOf(MlopsException.class);
        }
    }

    private int rows() {
        Tensors inputs = inputs();
        int rows = inputs.at(0).rows();
        assertThat(rows).as("rows of the contract's inputs").isGreaterThanOrEqualTo(2);
        return rows;
    }

    private static boolean isBatched(TensorSpec spec) {
        return spec.shape().rank() > 0 && spec.shape().dim(0) == -1;
    }
}
