package io.jvmlops.tracking.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackingOnPostgresIT {
    @TempDir
    Path folder;

    private Tracking open() {
        return Tracking.builder()
                .folder(folder)
                .postgres(TestServer.source())
                .actor(() -> "ada")
                .build();
    }

    @Test
    void everythingButTheFilesIsInTheDatabase() throws IOException {
        ModelVersion version;
        RunInfo info;
        try (Tracking tracking = open();
                Run run = tracking.experiment("iris").startRun("r")) {
            run.logMetric("loss", 0.5, 1);
            version = run.logModel("iris", (target, id) -> {
                try {
                    Files.writeString(target.resolve("MLmodel"), "flavors: {}");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return ModelDescriptor.ofFile("onnx", "MLmodel");
            });
            run.complete();
            info = run.info();
            assertThat(tracking.location())
                    .contains("PostgreSQL schema 'mlops'")
                    .contains(folder.toString());
        }
        assertThat(folder.resolve("mlops.db")).doesNotExist();
        assertThat(folder.resolve("artifacts")).isDirectory();
        assertThat(version.createdBy()).isEqualTo("ada");
        try (Tracking again = open()) {
            assertThat(again.findRun(info.id())).contains(info);
            assertThat(again.registry().versionsFromRun(info.id())).containsExactly(version);
            again.registry().files(version).read("MLmodel");
        }
    }
}
