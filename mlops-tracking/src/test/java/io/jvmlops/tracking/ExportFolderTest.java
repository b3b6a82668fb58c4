package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFolderTest {
    @TempDir
    Path temporary;

    @Test
    void onlyWhatTheDeadLeftLongAgoIsRemoved() throws IOException {
        Path ours = ExportFolder.create();
        try {
            // No process has such a number, and this process did not start in 1970.
            Path dead = folder("jvmlops-model-999999999999-5-abc");
            Path reborn = folder("jvmlops-model-" + ProcessHandle.current().pid() + "-5-abc");
            Path alive = folder(ours.getFileName().toString());
            Path other = folder("jvmlops-model-notes");
            Path link = Files.createSymbolicLink(temporary.resolve("jvmlops-model-999999999999-5-link"), other);
            Instant now = Files.getLastModifiedTime(dead).toInstant();

            ExportFolder.removeDead(temporary, now.plus(Duration.ofHours(1)));
            assertThat(dead).exists();

            ExportFolder.removeDead(temporary, now.plus(Duration.ofDays(2)));
            assertThat(dead).doesNotExist();
            assertThat(reborn).doesNotExist();
            assertThat(alive.resolve("data/weights.bin")).exists();
            assertThat(other.resolve("data/weights.bin")).exists();
            assertThat(link).isSymbolicLink();
        } finally {
            Files.delete(ours);
        }
    }

    private Path folder(String name) throws IOException {
        Path folder = temporary.resolve(name);
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/weights.bin"), "w");
        return folder;
    }
}
