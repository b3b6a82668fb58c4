package io.jvmlops.benchmarks.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandOverStudyIT {
    @Test
    void measuresCallsWithAndWithoutAMonitor(@TempDir Path folder) throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true,
                Map.of("rounds", "1", "models", "mlp", "batches", "1", "budget", "50"),
                folder,
                print,
                print,
                System::nanoTime,
                c -> {});

        new HandOverStudy().run(context);

        assertThat(context.rows())
                .as(() -> console.toString(StandardCharsets.UTF_8))
                .hasSize(12)
                .allSatisfy(row -> assertThat(row.ours())
                        .singleElement()
                        .satisfies(number -> assertThat(number).isPositive()));
        assertThat(context.rows()).filteredOn(row -> row.target() != null).hasSize(6);
        assertThat(context.notes()).hasSize(2);
    }
}
