package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link ModelExporter} does. */
public abstract class ModelExporterContract {
    private static final String RUN = "0123456789abcdef0123456789abcdef";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    protected abstract ModelExporter exporter();

    @Test
    void writesADescriptorAndTheFilesItNames() {
        ModelDescriptor descriptor = exporter().export(folder, null);
        assertThat(folder.resolve(ModelDescriptor.FILE)).isNotEmptyFile();
        assertThat(descriptor.flavors()).isNotEmpty();
        for (Map<String, String> settings : descriptor.flavors().values()) {
            assertThat(settings).containsKey(ModelDescriptor.DATA);
            assertThat(folder.resolve(settings.getOrDefault(ModelDescriptor.DATA, "")))
                    .exists();
        }
    }

    @Test
    void saysWhatTheModelTakesAndGives() {
        ModelDescriptor descriptor = exporter().export(folder, null);
        assertThat(descriptor.signature()).isNotNull();
    }

    @Test
    void recordsTheDigestsOfTheFiles() throws IOException {
        ModelDescriptor descriptor = exporter().export(folder, null);
        for (String path : files(folder)) {
            if (!path.equals(ModelDescriptor.FILE)) {
                assertThat(descriptor.digests())
                        .containsEntry(path, Digest.of(Files.readAllBytes(folder.resolve(path))));
            }
        }
        assertThat(descriptor.digests()).isNotEmpty();
    }

    @Test
    void remembersTheRun() {
        assertThat(exporter().export(folder, RUN).runId()).isEqualTo(RUN);
    }

    @Test
    void needsNoRun() {
        assertThat(exporter().export(folder, null).runId()).isNull();
    }

    @Test
    void writesTheSameBytesAgain() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        ModelExporter exporter = exporter();
        ModelDescriptor descriptor = exporter.export(first, RUN);
        assertThat(exporter.export(second, RUN)).isEqualTo(descriptor);
        assertThat(files(second)).isEqualTo(files(first));
        for (String path : files(first)) {
            assertThat(second.resolve(path)).hasSameBinaryContentAs(first.resolve(path));
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
