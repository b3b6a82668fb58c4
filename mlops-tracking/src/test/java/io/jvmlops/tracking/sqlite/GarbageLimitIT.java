package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarbageLimitIT {
    @TempDir
    Path folder;

    /** A machine whose clock is far ahead would else have every reference refused until its time has come. */
    @Test
    void aLimitInTheFutureIsRefusedAndChangesNothing() {
        Instant now = InstantSource.system().instant();
        try (SqliteStores stores = SqliteStores.open(folder.resolve("test.db"))) {
            String run = "00000000000000000000000000000001";
            stores.runs()
                    .createRun(new NewRun(run, stores.runs().experiment("e").id(), "run", now));
            ArtifactReferences references = (ArtifactReferences) stores.runs();
            assertThatThrownBy(() -> references.beginCollection(now.plus(Duration.ofHours(2))))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("clock");
            stores.runs()
                    .updateRun(
                            run,
                            RunChanges.builder()
                                    .artifact(new FileEntry("a", 0, Digest.of(new byte[0])))
                                    .storedSince(now)
                                    .build());
            assertThat(stores.runs().artifacts(run).files()).hasSize(1);
        }
    }
}
