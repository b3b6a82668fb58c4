package io.jvmlops.benchmarks.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictStudyIT {
    /** {@link FixtureTest} asks the others, which get along in one JVM. */
    private static final List<ContenderKind> CONTENDERS =
            List.of(ContenderKind.ARRAY, ContenderKind.RAW, ContenderKind.DJL, ContenderKind.TRIBUO);

    @TempDir
    Path folder;

    @Test
    void contendersAnswerRightAndAreMeasured() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        List<Integer> rows = new ArrayList<>();
        StudyContext context = new StudyContext(
                true,
                Map.of(
                        "rounds", "1",
                        "models", "logistic,forest",
                        "batches", "3",
                        "time", "median",
                        "contenders", CONTENDERS.stream().map(ContenderKind::id).collect(Collectors.joining(","))),
                folder,
                print,
                print,
                System::nanoTime,
                c -> rows.add(c.rows().size()));

        new PredictStudy().run(context);

        assertThat(context.rows())
                .as(() -> console.toString(StandardCharsets.UTF_8))
                .isNotEmpty();
        assertThat(rows).hasSize(context.rows().size());
        for (ContenderKind contender : CONTENDERS) {
            assertThat(context.rows())
                    .filteredOn(row -> row.what().contains(contender.title()))
                    .as(contender.title())
                    .isNotEmpty()
                    .allSatisfy(PredictStudyIT::assertMeasured);
        }
        assertThat(context.rows())
                .filteredOn(row -> row.target() != null && row.target().of() == Target.Of.BEYOND)
                .singleElement()
                .satisfies(row -> assertThat(row.met()).isPresent());
        assertThat(context.rows())
                .filteredOn(row -> row.what().startsWith("Tribuo, random forest"))
                .hasSize(2);
    }

    private static void assertMeasured(Row row) {
        assertThat(row.ours()).allSatisfy(value -> assertThat(value).isPositive());
        assertThat(row.peer()).allSatisfy(value -> assertThat(value).isPositive());
    }
}
