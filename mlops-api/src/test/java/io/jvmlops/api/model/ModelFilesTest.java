package io.jvmlops.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFilesTest {
    private static final byte[] BYTES = {1, 2, 3, 4};
    private static final Manifest MANIFEST =
            new Manifest(List.of(new FileEntry("model.onnx", BYTES.length, Digest.of(BYTES))));

    private static ModelFiles holding(byte[] bytes) {
        return ModelFiles.of("iris/1", MANIFEST, file -> new ByteArrayInputStream(bytes));
    }

    @Test
    void readsWhatWasRegistered() {
        assertThat(holding(BYTES).read("model.onnx")).isEqualTo(BYTES);
    }

    @Test
    void refusesAlteredBytesNamingFileAndDigests() {
        for (byte[] altered : List.of(
                new byte[] {1, 2, 3, 5},
                new byte[0],
                Arrays.copyOf(BYTES, 3),
                Arrays.copyOf(BYTES, 5),
                new byte[100])) {
            assertThatThrownBy(() -> holding(altered).read("model.onnx"))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("'model.onnx' of model iris/1")
                    .hasMessageContaining(Digest.of(BYTES).toString());
        }
    }

    @Test
    void namesFilesThatAreNotThere() {
        assertThatThrownBy(() -> holding(BYTES).read("weights.bin"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("no file 'weights.bin'; it has [model.onnx]");
        ModelFiles missing = ModelFiles.of("iris/1", MANIFEST, file -> {
            throw new NotFoundException("no such bytes");
        });
        assertThatThrownBy(() -> missing.read("model.onnx"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("is missing");
        ModelFiles broken = ModelFiles.of("iris/1", MANIFEST, file -> {
            throw new IOException("disk");
        });
        assertThatThrownBy(() -> broken.read("model.onnx")).isInstanceOf(StorageException.class);
    }
}
