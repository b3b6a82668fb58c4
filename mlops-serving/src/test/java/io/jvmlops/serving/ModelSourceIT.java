package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceIT {
    private static final Fixture CANCER = Fixture.load("breast_cancer");
    private static final double[] EXPECTED = CANCER.expected("probabilities");

    @TempDir
    Path folder;

    private static void assertAnswers(InferenceModel model) {
        try (model) {
            assertThat(model.predict(CANCER.inputs).get("probabilities").toDoubleArray())
                    .containsExactly(EXPECTED, within(1e-5));
        }
    }

    private Path modelFolder(Path below) throws IOException {
        Path model = Files.createDirectories(below.resolve("models/cancer v1"));
        Files.createDirectories(model.resolve("weights"));
        Files.write(model.resolve("weights/model.onnx"), CANCER.onnx);
        ModelFolder.write(model, ModelDescriptor.ofFile("onnx", "weights/model.onnx"));
        return model;
    }

    private Path jar(Path root) throws IOException {
        Path jar = folder.resolve("app.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry("models/"));
            entries.putNextEntry(new JarEntry("models/cancer v10/MLmodel"));
            for (String name : List.of("MLmodel", "weights/model.onnx")) {
                entries.putNextEntry(new JarEntry("models/cancer v1/" + name));
                entries.write(
                        Files.readAllBytes(root.resolve("models/cancer v1").resolve(name)));
            }
            entries.putNextEntry(new JarEntry("single.onnx"));
            entries.write(CANCER.onnx);
        }
        return jar;
    }

    @Test
    void aFileOfTheClassPath() {
        Digest digest = Digest.of(CANCER.onnx);
        assertAnswers(Models.load(ModelSource.classPath(ModelSourceIT.class, "/models/breast_cancer.onnx")
                .expecting(digest)));
        assertAnswers(
                Models.load(ModelSource.classPath(ModelSourceIT.class.getClassLoader(), "models/breast_cancer.onnx")
                        .trusted()));
        assertThatThrownBy(() -> Models.load(ModelSource.classPath(ModelSourceIT.class, "/models/iris_zipmap.onnx")
                        .expecting(digest)))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("class path /models/iris_zipmap.onnx is not the one expected");
        assertThatThrownBy(() -> Models.load(ModelSource.classPath(ModelSourceIT.class, "models/breast_cancer.onnx")
                        .trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("there is no such file, nor a folder that holds MLmodel");
    }

    @Test
    void aFolderOfTheClassPathInFoldersAndJars() throws IOException {
        Path root = folder.resolve("classes");
        Digest digest = ModelFolder.files(modelFolder(root)).digest();
        for (URL url : List.of(root.toUri().toURL(), jar(root).toUri().toURL())) {
            try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, null)) {
                for (String resource : List.of("models/cancer v1", "models/cancer v1/")) {
                    assertAnswers(
                            Models.load(ModelSource.classPath(loader, resource).expecting(digest)));
                }
                assertThatThrownBy(() -> Models.load(ModelSource.classPath(loader, "models/cancer v1")
                                .expecting(Digest.of(new byte[0]))))
                        .isInstanceOf(IntegrityException.class);
                assertThatThrownBy(() -> Models.load(ModelSource.classPath(loader, "models/cancer v2")
                                .trusted()))
                        .isInstanceOf(ModelLoadException.class);
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.resolve("app.jar").toUri().toURL()}, null)) {
            assertAnswers(
                    Models.load(ModelSource.classPath(loader, "single.onnx").expecting(Digest.of(CANCER.onnx))));
            assertThatThrownBy(() -> Models.load(
                            ModelSource.classPath(loader, "models/cancer v10").trusted()))
                    .as("an MLmodel that is empty")
                    .isInstanceOf(ModelLoadException.class);
        }
        // Nothing holds the jar any more.
        Files.delete(folder.resolve("app.jar"));
    }

    @Test
    void aVersionOfARegistry() {
        try (TestRegistry models = new TestRegistry()) {
            ModelVersion version = models.onnx("cancer", CANCER.onnx);
            ModelSource champion = ModelSource.registered(models.registry, "cancer@champion");
            assertThatThrownBy(() -> Models.load(champion)).isInstanceOf(NotFoundException.class);
            models.registry.setAlias("cancer", "champion", version);
            assertAnswers(Models.load(champion));
            assertAnswers(Models.load(ModelSource.registered(models.registry, "cancer/1")));
            byte[] altered = CANCER.onnx.clone();
            altered[altered.length / 2] ^= 4;
            models.artifacts.damage(Digest.of(CANCER.onnx), altered);
            assertThatThrownBy(() -> Models.load(champion))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("'model.onnx' of model cancer/1 was altered");
        }
    }

    @Test
    void aVerifierDecides() throws IOException {
        Path model = modelFolder(folder);
        Digest digest = ModelFolder.files(model).digest();
        assertAnswers(Models.load(ModelSource.folder(model).verifiedBy(ModelVerifier.allowing(Set.of(digest)))));
        assertThatThrownBy(() -> Models.load(ModelSource.folder(model).verifiedBy(ModelVerifier.allowing(Set.of()))))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("is not among the 0 approved");
        assertThatThrownBy(() -> Models.loader()
                        .verifier(ModelVerifier.allowing(Set.of()))
                        .load(ModelSource.folder(model).trusted()))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> Models.loader()
                        .flavor("tribuo")
                        .load(ModelSource.folder(model).trusted()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("has no flavor 'tribuo'");
    }

    private record Wrong(String city) {}

    @Test
    void aModelByItselfIsAskedInTheCallersTypes() throws Exception {
        InferenceModel model =
                Models.load(ModelSource.bytes("cancer.onnx", CANCER.onnx).trusted());
        Predictor<Tensors, Tensors> cancer = Models.predictor(model, Tensors.class, Tensors.class);
        Tensors expected = model.predict(CANCER.inputs);
        assertThat(cancer.predict(CANCER.inputs)).isEqualTo(expected);
        assertThat(cancer.predictAll(List.of(CANCER.inputs))).containsExactly(expected);
        assertThat(cancer.predictAsync(CANCER.inputs).get()).isEqualTo(expected);
        assertThat(cancer.predictAllAsync(List.of(CANCER.inputs, CANCER.inputs)).get())
                .containsExactly(expected, expected);
        assertThatThrownBy(() -> cancer.predict(CANCER.inputs, Deadline.after(Duration.ZERO)))
                .isInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> cancer.predictAsync(CANCER.inputs, Deadline.after(Duration.ZERO))
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> Models.predictor(model, Wrong.class, Tensors.class))
                .isInstanceOf(InvalidInputException.class);
        model.close();
        assertThatThrownBy(() -> cancer.predict(CANCER.inputs)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> cancer.predictAsync(CANCER.inputs).get()).hasCauseInstanceOf(ClosedException.class);
    }
}
