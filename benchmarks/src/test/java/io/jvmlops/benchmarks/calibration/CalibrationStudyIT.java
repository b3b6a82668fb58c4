package io.jvmlops.benchmarks.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationStudyIT {
    @TempDir
    Path folder;

    @Test
    void allCellsAreMeasuredAndTheShiftIsFound() throws Exception {
        PrintStream console = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true, Map.of("replicates", "12", "threads", "2"), folder, console, console, System::nanoTime, c -> {});

        new CalibrationStudy().run(context);

        List<Row> rows = context.rows();
        assertThat(rows)
                .hasSize(2 * 72 + 1 + 3 + 2 + 2)
                .allSatisfy(row -> assertThat(row.oursMedian().orElseThrow())
                        .as(row.what())
                        .isBetween(0.0, 100.0));
        assertThat(rows.stream().filter(row -> row.what().startsWith("found")))
                .singleElement()
                .satisfies(row -> assertThat(row.oursMedian().orElseThrow()).isEqualTo(100));
        // A goodness-of-fit test takes the reference's shares for the truth.
        assertThat(rows.stream().filter(row -> row.what().startsWith("verdict: 500 levels, 500 and 1000 rows")))
                .singleElement()
                .satisfies(row -> assertThat(row.peerMedian().orElseThrow()).isGreaterThan(50));
    }
}
