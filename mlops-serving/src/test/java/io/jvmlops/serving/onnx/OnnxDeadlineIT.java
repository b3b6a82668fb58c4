package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Native runs that are over their deadline, with a model that would run for days. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OnnxDeadlineIT {
    private static InferenceModel open() {
        return Models.load(ModelSource.bytes("loop.onnx", LoopModel.onnx()).trusted());
    }

    private static double answer(InferenceModel model, long trips, Deadline deadline) {
        return model.predict(LoopModel.inputs(trips), deadline).get("y").doubleAt(LoopModel.WIDTH - 1);
    }

    @Test
    void aRunThatIsOverItsDeadlineIsStopped() {
        try (InferenceModel model = open()) {
            assertThatThrownBy(() -> answer(model, LoopModel.FOREVER, Deadline.after(Duration.ofMillis(20))))
                    .isInstanceOf(TimedOutException.class)
                    .hasMessageContaining("stopped at its deadline")
                    .hasMessageContaining("loop.onnx");
            assertThat(answer(model, 1_000, Deadline.NONE)).isEqualTo(1_000);
        }
    }

    @Test
    void oneCallsDeadlineDoesNotStopTheNext() {
        try (InferenceModel model = open()) {
            Random random = new Random(7);
            int stopped = 0;
            for (int i = 0; i < 300; i++) {
                // Around the time that the run takes, so that deadlines pass before, during, at the end and after.
                int trips = 1 + random.nextInt(400);
                try {
                    double found = answer(model, trips, Deadline.afterNanos(1 + random.nextInt(400_000)));
                    assertThat(found).isEqualTo(trips);
                } catch (TimedOutException e) {
                    stopped++;
                }
                assertThat(answer(model, trips, Deadline.NONE)).isEqualTo(trips);
            }
            assertThat(stopped).isBetween(1, 299);
        }
    }

    @Test
    void manyCallersAreStoppedEachAtItsOwnTime() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(6);
        try (InferenceModel model = open()) {
            List<Future<?>> all = new ArrayList<>();
            for (int c = 0; c < 6; c++) {
                boolean endless = c % 2 == 0;
                Random random = new Random(c);
                all.add(callers.submit(() -> {
                    for (int i = 0; i < 25; i++) {
                        if (endless) {
                            assertThatThrownBy(() -> answer(
                                            model, LoopModel.FOREVER, Deadline.afterNanos(random.nextInt(5_000_000))))
                                    .isInstanceOf(TimedOutException.class);
                        } else {
                            assertThat(answer(model, 50, Deadline.after(Duration.ofMinutes(5))))
                                    .isEqualTo(50);
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get(50, TimeUnit.SECONDS);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void aModelThatIsClosedWhileACallIsStoppedIsFreedAfterIt() throws Exception {
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 20; i++) {
                InferenceModel model = open();
                Future<?> call = caller.submit(
                        () -> assertThatThrownBy(() -> answer(model, LoopModel.FOREVER, Deadline.afterNanos(3_000_000)))
                                .isInstanceOfAny(TimedOutException.class, ClosedException.class));
                TimeUnit.MILLISECONDS.sleep(i % 5);
                model.close();
                call.get(20, TimeUnit.SECONDS);
            }
        } finally {
            caller.shutdownNow();
        }
    }
}
