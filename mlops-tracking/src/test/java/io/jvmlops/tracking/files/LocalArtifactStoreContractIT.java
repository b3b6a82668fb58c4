package io.jvmlops.tracking.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.test.artifact.ArtifactStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class LocalArtifactStoreContractIT extends ArtifactStoreContract {
    @TempDir
    Path folder;

    @Override
    protected ArtifactStore open() {
        return LocalArtifactStore.open(folder.resolve("artifacts"));
    }

    /** Whatever a test did, its store has no file in the making when the test is over. */
    @AfterEach
    void noFileInTheMakingIsLeft() throws IOException {
        Path making = folder.resolve("artifacts/tmp");
        if (Files.exists(making)) {
            try (Stream<Path> files = Files.walk(making)) {
                assertThat(files.filter(Files::isRegularFile)
                                .map(file -> file.getFileName().toString()))
                        .allMatch(".lock"::equals);
            }
        }
    }
}
