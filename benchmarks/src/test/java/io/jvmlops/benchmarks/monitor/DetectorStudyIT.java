package io.jvmlops.benchmarks.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DetectorStudyIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(DetectorKind.class)
    void everyDetectorTakesItsStream(DetectorKind kind) {
        DetectorBenchmark benchmark = new DetectorBenchmark();
        benchmark.detector = kind.id();
        benchmark.setUp();

        for (int i = 0; i < 1000; i++) {
            assertThat(benchmark.update()).isNotNull();
        }
        assertThat(DoubleStream.of(kind.stream(1000))).hasSize(1000).allMatch(value -> value >= 0 && value <= 1);
    }

    @Test
    void theStudyMeasuresAndGoesOnWithoutPython() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true,
                Map.of("rounds", "1", "detectors", "adwin", "python", "no-such-python"),
                folder,
                print,
                print,
                System::nanoTime,
                c -> {});

        new DetectorStudy().run(context);

        assertThat(context.rows())
                .as(() -> console.toString(StandardCharsets.UTF_8))
                .hasSize(2)
                .allSatisfy(row -> {
                    assertThat(row.ours()).hasSize(1);
                    assertThat(row.peer()).isEmpty();
                    assertThat(row.target()).isNotNull();
                });
        assertThat(context.notes()).anySatisfy(note -> assertThat(note).contains("river is missing"));
    }
}
