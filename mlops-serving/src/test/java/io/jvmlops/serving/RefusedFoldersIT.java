package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged model folders on a disk: each is refused with a reason, whatever the caller trusts. */
class RefusedFoldersIT {
    private static final byte[] ONNX = Fixture.load("breast_cancer").onnx;

    @TempDir
    private Path root;

    private Path folder;
    private Path onnx;
    private Digest digest;

    @BeforeEach
    void write() throws IOException {
        folder = Files.createDirectory(root.resolve("model"));
        onnx = Files.write(folder.resolve("model.onnx"), ONNX);
        ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "model.onnx"));
        digest = ModelFolder.files(folder).digest();
    }

    private void assertRefused(Class<? extends MlopsException> type, String... words) {
        assertThatThrownBy(() -> Models.load(ModelSource.folder(folder).trusted()))
                .isInstanceOf(type)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> Models.load(ModelSource.folder(folder).expecting(digest)))
                .isInstanceOf(MlopsException.class);
    }

    @Test
    void theFolderAsItWasWrittenLoads() {
        try (InferenceModel model = Models.load(ModelSource.folder(folder).expecting(digest))) {
            assertThat(model.digest()).isEqualTo(digest);
        }
    }

    @Test
    void truncated() throws IOException {
        byte[] half = Arrays.copyOf(ONNX, ONNX.length / 2);
        Files.write(onnx, half);
        assertRefused(
                IntegrityException.class,
                "model.onnx",
                Digest.of(ONNX).toString(),
                Digest.of(half).toString());
    }

    @Test
    void bitFlipped() throws IOException {
        byte[] flipped = ONNX.clone();
        flipped[700] ^= 1;
        Files.write(onnx, flipped);
        assertRefused(
                IntegrityException.class,
                "model.onnx",
                Digest.of(ONNX).toString(),
                Digest.of(flipped).toString());
    }

    @Test
    void empty() throws IOException {
        Files.write(onnx, new byte[0]);
        assertRefused(
                IntegrityException.class, "model.onnx", Digest.of(new byte[0]).toString());
    }

    @Test
    void missing() throws IOException {
        Files.delete(onnx);
        assertRefused(IntegrityException.class, "model.onnx", Digest.of(ONNX).toString(), "no such file");
    }

    @Test
    void anotherModelThatIsValid() throws IOException {
        Files.write(onnx, Fixture.load("friedman_regression").onnx);
        assertRefused(IntegrityException.class, "model.onnx");
    }

    @Test
    void aFolderThatWasRewrittenWithItsDigestsIsStillNotTheOneExpected() throws IOException {
        Files.write(onnx, Fixture.load("friedman_regression").onnx);
        ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "model.onnx"));
        assertThatThrownBy(() -> Models.load(ModelSource.folder(folder).expecting(digest)))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(digest.toString())
                .hasMessageContaining(ModelFolder.files(folder).digest().toString());
    }

    @Test
    void textInsteadOfAModel() throws IOException {
        Files.writeString(onnx, "this is text, recorded as the model\n");
        ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "model.onnx"));
        assertRefused(ModelLoadException.class, "model.onnx", "is not an ONNX model");
    }

    @Test
    void anMlmodelThatNamesAPathOutside() throws IOException {
        Path outside = Files.write(root.resolve("outside.onnx"), ONNX);
        for (String path :
                new String[] {"../outside.onnx", outside.toString(), "a/../../outside.onnx", "..\\outside.onnx"}) {
            Files.writeString(
                    folder.resolve("MLmodel"),
                    "flavors:\n  onnx:\n    data: '" + path + "'\n    onnx_version: 1.20.0\n");
            assertRefused(ModelLoadException.class, "MLmodel", "outside.onnx");
        }
    }

    @Test
    void aLinkThatLeavesTheFolder() throws IOException {
        Path outside = Files.write(root.resolve("outside.onnx"), ONNX);
        Files.delete(onnx);
        Files.createSymbolicLink(onnx, outside);
        assertRefused(ModelLoadException.class, "model.onnx");
    }

    @Test
    void noMlmodelOrNoFolder() throws IOException {
        Files.delete(folder.resolve("MLmodel"));
        assertRefused(ModelLoadException.class, "MLmodel");
        assertThatThrownBy(() ->
                        Models.load(ModelSource.folder(root.resolve("absent")).trusted()))
                .isInstanceOf(MlopsException.class)
                .hasMessageContaining("absent");
    }
}
