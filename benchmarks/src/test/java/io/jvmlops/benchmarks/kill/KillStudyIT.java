package io.jvmlops.benchmarks.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillStudyIT {
    @TempDir
    Path folder;

    @Test
    void nothingAcknowledgedIsLost() {
        PrintStream console = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true, Map.of("kills", "2", "seed", "7"), folder, console, console, System::nanoTime, c -> {});

        new KillStudy().run(context);

        assertThat(context.rows())
                .hasSize(6)
                .allSatisfy(row -> assertThat(row.met()).as(row.what()).hasValue(true));
        // A trial in which nothing was acknowledged would lose nothing either.
        assertThat(context.notes())
                .singleElement()
                .asString()
                .matches("2 kills, [0-9]+ acknowledged points, [1-9][0-9]* acknowledged groups.*");
    }
}
