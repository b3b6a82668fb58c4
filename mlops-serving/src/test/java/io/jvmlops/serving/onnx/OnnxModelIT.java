package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxModelIT {
    private static final Fixture CANCER = Fixture.load("breast_cancer");

    private static InferenceModel open(byte[] onnx) {
        return Models.load(ModelSource.bytes("model.onnx", onnx).trusted());
    }

    @ParameterizedTest
    @CsvSource({
        "breast_cancer, probabilities, probabilities",
        "iris_zipmap, output_probability, probabilities",
        "friedman_regression, variable, variable",
        "mixed_columns, probabilities, probabilities"
    })
    void agreesWithScikitLearn(String name, String output, String expectedName) {
        Fixture fixture = Fixture.load(name);
        String key = fixture.outputs.containsKey(output) ? output : expectedName;
        double[] expected = fixture.expected(key);
        try (InferenceModel model = open(fixture.onnx)) {
            // Twice the whole, then row by row: buffers are reused across shapes.
            for (int round = 0; round < 2; round++) {
                assertThat(model.predict(fixture.inputs).get(output).toDoubleArray())
                        .containsExactly(expected, within(1e-5));
            }
            int width = expected.length / 20;
            for (int row = 0; row < 20; row++) {
                assertThat(model.predict(fixture.rows(row, row + 1)).get(output).toDoubleArray())
                        .containsExactly(Arrays.copyOfRange(expected, row * width, (row + 1) * width), within(1e-5));
            }
        }
    }

    @Test
    void takesClassLabelsFromTheModel() {
        try (InferenceModel model = open(Fixture.load("iris_zipmap").onnx)) {
            assertThat(model.descriptor().labels()).containsExactly("setosa", "versicolor", "virginica");
            assertThat(model.signature().output("output_probability"))
                    .hasValueSatisfying(o -> assertThat(o.width()).isEqualTo(3));
        }
        try (InferenceModel model = open(CANCER.onnx)) {
            assertThat(model.descriptor().labels()).containsExactly("0", "1");
        }
    }

    @Test
    void labelsOfStringsComeBackAsStrings() {
        Fixture fixture = Fixture.load("mixed_columns");
        try (InferenceModel model = open(fixture.onnx)) {
            Tensor labels = model.predict(fixture.inputs).get("label");
            assertThat(labels.type()).isEqualTo(DataType.BYTES);
            List<String> found = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                found.add(labels.stringAt(i));
            }
            assertThat(found).isEqualTo(fixture.expectedStrings("label"));
        }
    }

    @Test
    void noRowsGiveNoRows() {
        try (InferenceModel model = open(CANCER.onnx)) {
            Tensors none = model.predict(Tensors.of("input", Tensor.copyOf(new float[0], 0, 30)));
            assertThat(none.get("probabilities").shape().dims()).containsExactly(0, 2);
            assertThat(none.get("label").shape().dims()).containsExactly(0);
        }
    }

    @Test
    void listsEveryMismatchOfTheInputBeforeNativeCodeSeesIt() {
        Fixture fixture = Fixture.load("mixed_columns");
        try (InferenceModel model = open(fixture.onnx)) {
            Tensors wrong = Tensors.builder()
                    .put("city", Tensor.copyOf(new String[] {"a", "b"}, 2, 1))
                    .put("age", Tensor.copyOf(new double[] {1}, 1, 1))
                    .put("spend", Tensor.copyOf(new float[] {1}, 1, 1))
                    .put("visits", Tensor.copyOf(new long[] {1}, 1))
                    .put("extra", Tensor.copyOf(new float[] {1}, 1))
                    .build();
            assertThatThrownBy(() -> model.predict(wrong))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("'plan' is missing")
                    .hasMessageContaining("'age' is FP64[1, 1], expected FP32[-1, 1]")
                    .hasMessageContaining("'spend' has 1 rows, but 'city' has 2")
                    .hasMessageContaining("'visits' is INT64[1]")
                    .hasMessageContaining("'extra' is not an input");
        }
    }

    @Test
    void everyFlippedByteIsRefusedByItsDigest() {
        Digest digest = Digest.of(CANCER.onnx);
        for (int i = 0; i < CANCER.onnx.length; i += 7) {
            byte[] altered = CANCER.onnx.clone();
            altered[i] ^= 1;
            assertThatThrownBy(() ->
                            Models.load(ModelSource.bytes("model.onnx", altered).expecting(digest)))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("model.onnx")
                    .hasMessageContaining(digest.toString())
                    .hasMessageContaining(Digest.of(altered).toString());
        }
    }

    @Test
    void everyTruncationIsRefusedEvenWhenTrusted() {
        for (int length = 0; length < CANCER.onnx.length; length++) {
            byte[] truncated = Arrays.copyOf(CANCER.onnx, length);
            try (InferenceModel model = open(truncated)) {
                // The last field is the list of operator sets, which an older runtime might do without: a shorter list
                // of whole fields is still a model.
                assertThat(model.signature().inputs()).isNotEmpty();
            } catch (ModelLoadException e) {
                assertThat(e).hasMessageContaining("model.onnx");
            }
        }
        assertThatThrownBy(() -> open(Arrays.copyOf(CANCER.onnx, CANCER.onnx.length / 2)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("is not an ONNX model");
    }

    @Test
    void textEmptyAndMissingFilesAreRefused(@TempDir Path folder) throws Exception {
        Path text = Files.writeString(folder.resolve("model.onnx"), "# just a note\nnot a model\n");
        assertThatThrownBy(() -> Models.load(ModelSource.file(text).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("is not an ONNX model");
        Path empty = Files.createFile(folder.resolve("empty.onnx"));
        assertThatThrownBy(() -> Models.load(ModelSource.file(empty).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> Models.load(
                        ModelSource.file(folder.resolve("absent.onnx")).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("absent.onnx does not exist");
    }

    @Test
    void weightsInOtherFilesAreRefused() {
        // ModelProto { ir_version: 8, graph { initializer { data_location: EXTERNAL } } }
        byte[] tensor = {(14 << 3), 1};
        byte[] graph = message(5, tensor);
        byte[] model = concat(new byte[] {(1 << 3), 8}, message(7, graph));
        assertThatThrownBy(() -> open(model))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("external data");
        // The same within an attribute of a node: t is field 5 of AttributeProto, attribute 5 of NodeProto.
        byte[] node = message(1, message(5, message(5, tensor)));
        byte[] hidden = concat(new byte[] {(1 << 3), 8}, message(7, node));
        assertThatThrownBy(() -> open(hidden))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("external data");
    }

    private static byte[] message(int field, byte[] content) {
        assertThat(content.length).isLessThan(128);
        return concat(new byte[] {(byte) (field << 3 | 2), (byte) content.length}, content);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }

    @Test
    void garbageOfManyKindsNeverReachesNativeCode() {
        for (String text : List.of("\n", "{}", "\u0000", "PK\u0003\u0004", "\u0008\u0008", ":\u0000", "<xml/>")) {
            assertThatThrownBy(() -> open(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(ModelLoadException.class);
        }
    }

    @Test
    void closingWhileEightThreadsPredictLosesNothingAndCrashesNothing() throws Exception {
        double[] expected = CANCER.expected("probabilities");
        for (int round = 0; round < 20; round++) {
            InferenceModel model = open(CANCER.onnx);
            CountDownLatch running = new CountDownLatch(8);
            AtomicInteger answered = new AtomicInteger();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int rows = 1 + t;
                Thread thread = new Thread(() -> {
                    Tensors inputs = CANCER.rows(0, rows);
                    double[] mine = Arrays.copyOf(expected, rows * 2);
                    try {
                        for (int i = 0; ; i++) {
                            assertThat(model.predict(inputs)
                                            .get("probabilities")
                                            .toDoubleArray())
                                    .containsExactly(mine, within(1e-5));
                            answered.incrementAndGet();
                            if (i == 0) {
                                running.countDown();
                            }
                        }
                    } catch (ClosedException e) {
                        // What every thread ends with.
                    } catch (Throwable e) {
                        wrong.set(e);
                        running.countDown();
                    }
                });
                threads.add(thread);
                thread.start();
            }
            assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
            model.close();
            model.close();
            for (Thread thread : threads) {
                thread.join(30_000);
                assertThat(thread.isAlive()).isFalse();
            }
            assertThat(wrong.get()).isNull();
            assertThat(answered.get()).isGreaterThanOrEqualTo(8);
            assertThatThrownBy(() -> model.predict(CANCER.inputs)).isInstanceOf(ClosedException.class);
        }
    }

    @Test
    void anAbsentRuntimeIsAnsweredWithItsCoordinates() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains("onnxruntime")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader without =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> probe = without.loadClass(LoadWithoutRuntime.class.getName());
            assertThatThrownBy(() -> ((Runnable) probe.getDeclaredConstructor().newInstance()).run())
                    .satisfies(e ->
                            assertThat(e.getClass().getName()).isEqualTo(MissingDependencyException.class.getName()))
                    .hasMessageContaining("com.microsoft.onnxruntime:onnxruntime:1.28.0");
        }
    }

    /** Runs in a class loader that has no ONNX Runtime. */
    public static final class LoadWithoutRuntime implements Runnable {
        @Override
        public void run() {
            open(new byte[] {8, 8}).close();
        }
    }

    @Test
    void theCrashingRuntimeIsRefused() {
        assertThatThrownBy(() -> OnnxModelLoader.refuseCrashing("1.29.0"))
                .isInstanceOf(MissingDependencyException.class)
                .hasMessageContaining("1.28.0");
        OnnxModelLoader.refuseCrashing("1.28.0");
        OnnxModelLoader.refuseCrashing(null);
    }

    @Test
    void loadsInAJvmWithALongCommandLine() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "-Dfiller=" + "x".repeat(8192)));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoadAndPredict.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("predicted 20 rows");
        assertThat(process.exitValue()).isZero();
    }

    /** Runs in a JVM of its own. */
    public static final class LoadAndPredict {
        public static void main(String[] args) {
            try (InferenceModel model = open(CANCER.onnx)) {
                System.out.println(
                        "predicted " + model.predict(CANCER.inputs).get("label").rows() + " rows");
            }
        }
    }
}
