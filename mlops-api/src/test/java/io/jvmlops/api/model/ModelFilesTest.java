package io.jvmlops.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
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

    @Test
    void verifyingGoesOnAfterWhatIsWrong() {
        Manifest files = new Manifest(List.of(
                entry("a-altered"),
                entry("b-broken"),
                entry("c-fails"),
                entry("d-missing"),
                entry("e-fine"),
                entry("f-gone")));
        Verification found = ModelFiles.of("iris/1", files, file -> switch (file.path()
                        .charAt(0)) {
                    case 'a' -> new ByteArrayInputStream(new byte[] {1, 2, 3, 5});
                    case 'b' ->
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("bad sector");
                            }

                            @Override
                            public int read(byte[] into, int offset, int length) throws IOException {
                                throw new IOException("bad sector");
                            }
                        };
                    case 'c' -> throw new StorageException("bucket", null);
                    case 'd' -> throw new NotFoundException("no such bytes");
                    case 'e' -> new ByteArrayInputStream(BYTES);
                    default -> throw new NoSuchFileException("f");
                })
                .verify();
        assertThat(found.subject()).isEqualTo("model iris/1");
        assertThat(found.files()).isEqualTo(6);
        assertThat(found.bytes()).isEqualTo(8);
        assertThat(found.problems())
                .extracting(problem -> problem.path() + " " + problem.kind())
                .containsExactly(
                        "a-altered ALTERED",
                        "b-broken UNREADABLE",
                        "c-fails UNREADABLE",
                        "d-missing MISSING",
                        "f-gone MISSING");
        assertThat(found.problems()).allMatch(problem -> problem.expected().equals(Digest.of(BYTES)));
        assertThat(holding(BYTES).verify().isIntact()).isTrue();
        ModelFiles closed = ModelFiles.of("iris/1", MANIFEST, file -> {
            throw new ClosedException("the store is closed");
        });
        assertThatThrownBy(closed::verify).isInstanceOf(ClosedException.class);
    }

    @Test
    void verifyingEndsWhereAFileDoesNot() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 7;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                return length;
            }
        };
        assertThat(ModelFiles.of("iris/1", MANIFEST, file -> endless).verify().problems())
                .extracting(Verification.Problem::kind)
                .containsExactly(Verification.Kind.ALTERED);
    }

    private static FileEntry entry(String path) {
        return new FileEntry(path, BYTES.length, Digest.of(BYTES));
    }
}
