package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a tracking that is in use. */
class BackupIT {
    @TempDir
    Path folder;

    @Test
    void aCopyHoldsWhatWasAcknowledgedWhileOthersGoOn() throws Exception {
        Path copy = folder.resolve("copy");
        AtomicBoolean stop = new AtomicBoolean();
        String id;
        long acknowledged = 10_000;
        try (Tracking tracking = Tracking.open(folder.resolve("original"))) {
            Run run = tracking.experiment("iris").startRun("run");
            id = run.id();
            for (long step = 0; step < acknowledged; step++) {
                run.logMetric("loss", 1.0 / (1 + step), step);
            }
            run.logText("notes/a.txt", "kept ☃");
            run.flush();
            Thread writer = new Thread(
                    () -> {
                        long step = acknowledged;
                        while (!stop.get()) {
                            run.logMetric("loss", 1.0 / (1 + step), step);
                            run.logText("notes/" + step % 7, "text " + step);
                            step++;
                        }
                    },
                    "writer");
            writer.start();
            tracking.backup(copy);
            stop.set(true);
            writer.join();
            assertThatThrownBy(() -> tracking.backup(copy))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("already")
                    .hasMessageContaining(copy.toString());
            run.complete();
        }
        try (Tracking restored = Tracking.open(copy);
                Stream<MetricPoint> history = restored.metrics().history(id, "loss")) {
            List<Long> steps = history.map(MetricPoint::step).toList();
            assertThat(steps)
                    .isEqualTo(LongStream.range(0, steps.size()).boxed().toList());
            assertThat(steps).hasSizeGreaterThanOrEqualTo((int) acknowledged);
            // Whatever the copy's runs refer to is there.
            for (var file : restored.store().artifacts(id).files()) {
                try (InputStream in = restored.artifacts().open(file.digest())) {
                    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                            .isNotEmpty();
                }
            }
            assertThat(restored.store().artifacts(id).find("notes/a.txt")).isPresent();
        }
        assertThat(names(folder)).containsExactlyInAnyOrder("original", "copy");
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertThat(Files.getPosixFilePermissions(copy)).hasSize(3);
        }
    }

    @Test
    void aCopyThatCannotBeWrittenLeavesNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        try (Tracking tracking = Tracking.open(folder.resolve("original"))) {
            assertThatThrownBy(() -> tracking.backup(file.resolve("copy"))).isInstanceOf(StorageException.class);
            assertThatThrownBy(() -> tracking.backup(file)).isInstanceOf(StorageException.class);
        }
        assertThat(names(folder)).containsExactlyInAnyOrder("original", "file");
        assertThat(Files.readString(file)).isEqualTo("no folder");
    }

    @Test
    void storesOfTheHostAreNotOursToCopy() {
        InMemoryTrackingStore runs = new InMemoryTrackingStore();
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        try (Tracking tracking = Tracking.builder()
                .store(runs)
                .metrics(runs.metrics())
                .artifacts(artifacts)
                .registry(new InMemoryModelRegistry(artifacts))
                .build()) {
            assertThatThrownBy(() -> tracking.backup(folder.resolve("copy")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("own tools");
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
