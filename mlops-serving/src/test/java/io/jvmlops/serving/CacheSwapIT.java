package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.cache.CacheRule;
import io.jvmlops.serving.cache.CacheSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * As {@link SwapIT}, behind the cache: callers ask for the same few rows all the time while an alias moves to and fro between
 * versions, so that what is known comes from versions that are gone, and come again.
 */
class CacheSwapIT {
    private static final int SWAPS = Math.min(1000, Integer.getInteger("jvmlops.swaps", 100));
    private static final int MODELS = 5;
    private static final int ROWS = 8;

    private record X(float x) {}

    @Test
    void noVersionAnswersWithWhatAnotherWasAsked() throws Exception {
        SwapLoop loop = new SwapLoop(SWAPS, version -> true, CacheSwapIT::factorOf);
        CacheSpec spec = CacheSpec.maxBytes(1_000_000)
                .checkEvery(16)
                .rule("m", CacheRule.exact().always());
        try (TestRegistry models = new TestRegistry()) {
            List<ModelVersion> versions = new ArrayList<>();
            for (int v = 1; v <= SWAPS + 1; v++) {
                versions.add(models.onnx("m", OnnxBytes.times(factorOf(v), 16)));
            }
            models.registry.setAlias("m", "live", versions.get(0));
            try (Serving serving = Serving.builder(models.registry)
                    .cache(spec)
                    .pollEvery(Duration.ZERO)
                    .build()) {
                SwapLoop.Result result = loop.run(
                        version -> {
                            models.registry.setAlias("m", "live", versions.get(version - 1));
                            serving.refresh();
                        },
                        callers(serving));
                assertThat(result.first()).isEmpty();
                assertThat(result.failed()).isZero();
                assertThat(result.wrong()).isZero();
                assertThat(result.calls()).isGreaterThan(16L * SWAPS);
                long entries = serving.cache().orElseThrow().entries();
                assertThat(entries).as("answers known").isBetween(1L, (long) MODELS * 3 * ROWS);
            }
        }
    }

    private static int factorOf(int version) {
        return 2 + version % MODELS;
    }

    private static List<SwapLoop.Caller> callers(Serving serving) {
        Predictor<X, Regression> records = serving.predictor("m@live", X.class, Regression.class);
        Predictor<Tensors, Tensors> tensors = serving.predictor("m@live", Tensors.class, Tensors.class);
        return List.of(
                () -> {
                    int x = number();
                    return factor(records.predict(new X(x)).value(), x);
                },
                () -> {
                    int x = number();
                    Tensors row = Tensors.of("x", Tensor.transfer(new float[] {x}, 1, 1));
                    return factor(tensors.predict(row, Deadline.after(Duration.ofSeconds(20))).get("y").doubleAt(0), x);
                },
                () -> {
                    int x = number();
                    int other = number();
                    Tensors rows = Tensors.of("x", Tensor.transfer(new float[] {x, other, x}, 3, 1));
                    Tensor y = tensors.predict(rows).get("y");
                    int factor = factor(y.doubleAt(0), x);
                    return factor == factor(y.doubleAt(1), other) && factor == factor(y.doubleAt(2), x) ? factor : -1;
                },
                () -> {
                    int x = number();
                    return factor(records.predictAsync(new X(x)).get().value(), x);
                });
    }

    private static int number() {
        return ThreadLocalRandom.current().nextInt(1, ROWS);
    }

    /** Exact: all are small integers. */
    private static int factor(double answer, int x) {
        double factor = answer / x;
        return factor == Math.rint(factor) ? (int) factor : -1;
    }
}
