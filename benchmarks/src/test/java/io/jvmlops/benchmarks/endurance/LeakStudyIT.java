package io.jvmlops.benchmarks.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeakStudyIT {
    /** A session that stays open costs more than a megabyte, 160 bytes lost by each call as much as this. */
    private static final double MEGABYTES = 25;

    @TempDir
    Path folder;

    @Test
    void loadingClosingAndAskingKeepsNoMemory() throws Exception {
        PrintStream console = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true, Map.of("loads", "500", "calls", "200000"), folder, console, console, System::nanoTime, c -> {});

        new LeakStudy().run(context);

        assertThat(context.rows())
                .hasSize(4)
                .allSatisfy(row -> assertThat(row.oursMedian().orElseThrow()
                                - row.peerMedian().orElseThrow())
                        .as(row.what())
                        .isLessThan(MEGABYTES));
    }
}
