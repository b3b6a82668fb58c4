package io.jvmlops.tracking.internal.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentReaderIT {
    @TempDir
    Path folder;

    private final AtomicLong read = new AtomicLong();
    private final ContentReader reader = new ContentReader("test", read::addAndGet);

    @Test
    void whatIsReadIsHashedWithTheStatThatItHas() throws IOException {
        ScannedFile file = write("x".repeat(700_000));
        ContentReader.Content content = reader.read(file, ContentReader::hash);
        assertThat(content.digest()).isEqualTo(Digest.of("x".repeat(700_000).getBytes(UTF_8)));
        assertThat(content.file()).isEqualTo(file);
        assertThat(read).hasValue(700_000);
    }

    @Test
    void aFileThatChangesIsReadUntilItIsStill() throws IOException {
        ScannedFile file = write("0");
        AtomicInteger attempts = new AtomicInteger();
        ContentReader.Content content = reader.read(file, in -> {
            ArtifactStore.Stored stored = ContentReader.hash(in);
            if (attempts.incrementAndGet() < ContentReader.ATTEMPTS) {
                // After its end was read, so that only its stat says that this was not all.
                append();
            }
            return stored;
        });
        assertThat(attempts).hasValue(ContentReader.ATTEMPTS);
        assertThat(content.digest()).isEqualTo(Digest.of("0+++".getBytes(UTF_8)));
        assertThat(content.file().stat()).isEqualTo(FileStat.of(folder.resolve("file")));
        // What was read in vain does not count.
        assertThat(read).hasValue(4);
    }

    @Test
    void aFileThatIsNeverStillIsAnErrorThatMayGoAway() throws IOException {
        ScannedFile file = write("0");
        assertThatThrownBy(() -> reader.read(file, in -> {
                    ArtifactStore.Stored stored = ContentReader.hash(in);
                    append();
                    return stored;
                }))
                .hasMessageContaining(file.file().toString())
                .hasMessageContaining("4 times")
                .asInstanceOf(type(StorageException.class))
                .matches(StorageException::retryable);
        assertThat(read).hasValue(0);
    }

    @Test
    void aFileThatIsGoneIsSaid() throws IOException {
        ScannedFile file = write("0");
        Files.delete(file.file());
        assertThatThrownBy(() -> reader.read(file, ContentReader::hash))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("deleted");
    }

    @Test
    void whoTakesTheBytesFailsInItsOwnName() throws IOException {
        ScannedFile file = write("0");
        StorageException full = new StorageException("the disk is full", null);
        assertThatThrownBy(() -> reader.read(file, in -> {
                    throw full;
                }))
                .isSameAs(full);
    }

    @Test
    void singleBytesAreReadToo() throws IOException {
        ScannedFile file = write("\u00ff\u0001");
        ContentReader.Content content = reader.read(file, in -> {
            assertThat(first(in)).isEqualTo(0xC3);
            ArtifactStore.Stored rest = ContentReader.hash(in);
            return new ArtifactStore.Stored(rest.digest(), rest.size() + 1);
        });
        assertThat(content.digest()).isEqualTo(Digest.of(new byte[] {(byte) 0xBF, 1}));
    }

    private static int first(InputStream in) {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ScannedFile write(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), content);
        return new ScannedFile("file", file, FileStat.of(file));
    }

    private void append() {
        try {
            Path file = folder.resolve("file");
            Files.writeString(file, Files.readString(file) + "+");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
