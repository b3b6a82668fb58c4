package io.jvmlops.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProfileStudyIT {
    @TempDir
    Path folder;

    /** DataSketches 6.2.0 knows JDKs up to 21; its memory library asks for one that it was tested with. */
    @ParameterizedTest
    @EnumSource(Contender.class)
    void everyContenderCountsAllValues(Contender contender) {
        for (int rows : new int[] {1, 64}) {
            ProfileBenchmark benchmark = new ProfileBenchmark();
            benchmark.contender = contender.id();
            benchmark.rows = rows;
            // It checks the counts itself.
            benchmark.setUp();
            assertThat(benchmark.add(new ProfileBenchmark.Position())).isNotNull();
        }
    }

    @Test
    void theStudyMeasuresInProcesses() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true,
                Map.of("rounds", "1", "parts", "tenants,verdict", "python", "no-such-python"),
                folder,
                print,
                print,
                System::nanoTime,
                c -> {});

        new ProfileStudy().run(context);

        assertThat(context.rows())
                .as(() -> console.toString(StandardCharsets.UTF_8))
                .hasSize(5)
                .allSatisfy(row -> assertThat(row.ours())
                        .singleElement()
                        .satisfies(v -> assertThat(v).isPositive()))
                .filteredOn(row -> row.target() != null)
                .hasSize(4);
    }
}
