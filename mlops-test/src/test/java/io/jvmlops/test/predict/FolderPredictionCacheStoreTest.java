package io.jvmlops.test.predict;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.predict.PredictionCacheStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** The store that the documents show, and the contract's defaults of many at once. */
class FolderPredictionCacheStoreTest extends PredictionCacheStoreContract {
    @TempDir
    private Path folder;

    @Override
    protected PredictionCacheStore store() {
        return new FolderStore(folder);
    }

    /** Files named after their keys' digests, in a folder that a job outside keeps small. */
    record FolderStore(Path folder) implements PredictionCacheStore {
        @Override
        public Optional<byte[]> get(byte[] key) {
            try {
                return Optional.of(Files.readAllBytes(file(key)));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try {
                // Whoever reads meanwhile sees the old file or the new one.
                Path written = Files.write(Files.createTempFile(folder, "answer", ".tmp"), value);
                Files.move(written, file(key), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Path file(byte[] key) {
            return folder.resolve(Digest.of(key).hex());
        }
    }
}
