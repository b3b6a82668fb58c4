package io.jvmlops.serving;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.serving.folder.GoldenRows;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Moves an alias again and again under four callers, in a process of its own, whose memory is that of the serving. Prints one
 * line; see {@link SwapIT}.
 */
final class SwapProgram {
    /** Different models; a version has that of its number. A call does not last so many swaps that two are confused. */
    private static final int MODELS = 25;

    /** Weights of a model: what a version that is not freed costs. */
    private static final int WEIGHTS = 1 << 17;

    private record X(float x) {}

    private SwapProgram() {}

    public static void main(String[] arguments) throws Exception {
        int swaps = Integer.parseInt(arguments[0]);
        boolean someFail = Boolean.parseBoolean(arguments[1]);
        SwapLoop loop = new SwapLoop(swaps, v -> !someFail || v % 10 != 0, SwapProgram::answerOf);
        try (TestRegistry models = new TestRegistry()) {
            List<Manifest> good = new ArrayList<>();
            for (int m = 0; m < MODELS; m++) {
                good.add(store(models, m, m));
            }
            Manifest missesItsRows = store(models, 2 * MODELS, 2 * MODELS + 1);
            Manifest damaged = store(models, 3 * MODELS, 3 * MODELS);
            for (int v = 1; v <= swaps + 1; v++) {
                Manifest manifest =
                        v % 10 != 0 || !someFail ? good.get(v % MODELS) : v % 20 == 0 ? damaged : missesItsRows;
                models.registry.register(NewModelVersion.builder("m", manifest).build());
            }
            models.artifacts.damage(damaged.find("model.onnx").orElseThrow().digest(), new byte[] {1, 2, 3});
            List<ModelVersion> versions = models.registry.versions("m");
            models.registry.setAlias("m", "live", versions.get(0));
            SwapLoop.Result result;
            try (Serving serving =
                    Serving.builder(models.registry).pollEvery(Duration.ZERO).build()) {
                result = loop.run(
                        v -> {
                            models.registry.setAlias("m", "live", versions.get(v - 1));
                            serving.refresh();
                            check(serving.live("m@live"), v, someFail && v % 10 == 0);
                        },
                        callers(serving));
            }
            System.out.printf(
                    "swaps=%d calls=%d failed=%d wrong=%d rss-at-%d=%d rss-at-end=%d %s%n",
                    result.swaps(),
                    result.calls(),
                    result.failed(),
                    result.wrong(),
                    SwapLoop.WARM,
                    result.rssAtStart(),
                    result.rssAtEnd(),
                    result.first());
        }
    }

    private static void check(LiveModel live, int version, boolean fails) {
        if (fails == (live.version() == version) || fails == (live.lastFailure() == null)) {
            throw new IllegalStateException("version " + version + (fails ? " is" : " is not") + " live: " + live);
        }
    }

    private static int answerOf(int version) {
        return 1 + version % MODELS;
    }

    /** A model as a folder in the store: it multiplies with a factor, and has a row that says so, or does not. */
    private static Manifest store(TestRegistry models, int factor, int golden) throws IOException {
        Path folder = Files.createTempDirectory("swap");
        try {
            Tensors rows = Tensors.of("x", Tensor.copyOf(new float[] {1, 2}, 2, 1));
            GoldenRows.of(rows, Tensors.of("y", Tensor.copyOf(new float[] {golden + 1, 2 * (golden + 1)}, 2, 1)))
                    .attachTo((where, runId) -> {
                        try {
                            Files.write(where.resolve("model.onnx"), OnnxBytes.times(factor + 1, WEIGHTS));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        return ModelFolder.write(where, ModelDescriptor.ofFile("onnx", "model.onnx"));
                    })
                    .export(folder, null);
            return TestRegistry.store(models.artifacts, folder);
        } finally {
            for (String file : List.of("model.onnx", "MLmodel", GoldenRows.FILE)) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.delete(folder);
        }
    }

    /** In all the ways there are; each finds out which factor answered, and that it is the same for all rows. */
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
                    Tensors row = Tensors.of("x", Tensor.transfer(new float[] {x, x}, 2, 1));
                    Tensor y = tensors.predict(row).get("y");
                    return y.type() == DataType.FP32 && y.doubleAt(0) == y.doubleAt(1) ? factor(y.doubleAt(0), x) : -1;
                },
                () -> {
                    int x = number();
                    return factor(records.predictAsync(new X(x)).get().value(), x);
                },
                () -> {
                    int x = number();
                    List<Regression> answers = records.predictAllAsync(List.of(new X(x), new X(2 * x)))
                            .get();
                    return answers.get(1).value() == 2 * answers.get(0).value()
                            ? factor(answers.get(0).value(), x)
                            : -1;
                });
    }

    private static int number() {
        return ThreadLocalRandom.current().nextInt(1, 1000);
    }

    /** Exact: all are small integers. */
    private static int factor(double answer, int x) {
        double factor = answer / x;
        return factor == Math.rint(factor) ? (int) factor : -1;
    }
}
