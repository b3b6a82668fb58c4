package io.jvmlops.benchmarks.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.benchmarks.predict.FixtureMaker;
import io.jvmlops.benchmarks.predict.ModelKind;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forks and processes cost seconds; all but one part is asked in this JVM, where what is measured is the same code. */
class CacheStudyIT {
    private static final int ROWS = 300;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init") // by make
    private static Fixture mlp;

    @BeforeAll
    static void make() throws IOException {
        mlp = FixtureMaker.make(ModelKind.MLP, folder);
    }

    @ParameterizedTest
    @EnumSource(HitKind.class)
    void everybodyKnowsAllRowsAndAnswersRight(HitKind kind) throws Exception {
        try (HitInputs inputs = HitInputs.open(mlp, ROWS, 2 * ROWS);
                Hits hits = kind.open(inputs)) {
            inputs.check(hits);
            assertThat(hits.entries()).isEqualTo(ROWS);
        }
    }

    @Test
    void whoDoesNotKeepAllIsNotMeasured() throws Exception {
        try (HitInputs inputs = HitInputs.open(mlp, ROWS, ROWS / 2);
                Hits hits = HitKind.TENSORS.open(inputs)) {
            assertThatThrownBy(() -> inputs.check(hits)).hasMessageContaining("0 of 300 answers are wrong");
        }
    }

    @Test
    void theStudyMeasuresRowsInProcesses() throws Exception {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        StudyContext context = new StudyContext(
                true,
                Map.of("rounds", "1", "parts", "rows", "contenders", "floats"),
                folder,
                print,
                print,
                System::nanoTime,
                c -> {});

        new CacheStudy().run(context);

        assertThat(context.rows())
                .as(() -> console.toString(StandardCharsets.UTF_8))
                .hasSize(6)
                .allSatisfy(row -> {
                    assertThat(row.ours())
                            .singleElement()
                            .satisfies(nanos -> assertThat(nanos).isPositive());
                    assertThat(row.peer())
                            .singleElement()
                            .satisfies(nanos -> assertThat(nanos).isPositive());
                });
        assertThat(context.rows()).filteredOn(row -> row.target() != null).hasSize(1);
        assertThat(context.notes()).anySatisfy(note -> assertThat(note).contains("gives 4096 numbers"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100})
    void manyCallersGetRightAnswersWithAndWithoutACache(int capacity) throws Exception {
        ZipfProgram.main(new String[] {
            mlp.folder().toString(), Integer.toString(ROWS), Integer.toString(capacity), "4", "0.1", "0.2"
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQuickModelAnswersRightBehindTheCache(boolean cached) throws Exception {
        Fixture fixture = FixtureMaker.make(ModelKind.TRIBUO, folder.resolve("aside" + cached));
        AsideBenchmark benchmark = new AsideBenchmark();
        benchmark.folder = fixture.folder().toString();
        benchmark.cached = cached;
        benchmark.setUp();
        try {
            float[] first = benchmark.predict();
            assertThat(first).hasSize(2);
            assertThat(benchmark.predict()).isNotEqualTo(first);
        } finally {
            benchmark.tearDown();
        }
    }
}
