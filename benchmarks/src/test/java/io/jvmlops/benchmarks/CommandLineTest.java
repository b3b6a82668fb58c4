package io.jvmlops.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @TempDir
    Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Path> workFolders = new ArrayList<>();

    @Test
    void listNamesTheStudies() {
        assertThat(run("list")).isZero();

        assertThat(text(out).lines()).containsExactly("count   counts to a number", "broken  fails half-way");
    }

    @Test
    void helpTellsOfEveryStudyAndOption() {
        assertThat(run("help")).isZero();

        assertThat(text(out)).contains("list", "run NAME", "count:", "--to  how far; default 1000, with --quick 10");
    }

    @Test
    void aStudyRunsFromTheCommandToTheFile() throws IOException {
        assertThat(run("run", "count", "--quick")).isZero();

        assertThat(text(err)).contains("[1/1] count to 10;").contains("results: " + results("count.json"));
        assertThat(text(out)).contains("| measured").contains("| sum ").contains("quick");
        String json = Files.readString(results("count.json"));
        assertThat(json)
                .contains("\"study\" : \"count\"", "\"status\" : \"complete\"", "\"to\" : \"10\"")
                .contains("\"startedAt\" : \"2026-01-02T03:04:05Z\"", "\"ours\" : 45.0");
        assertWellFormed(json);
        assertThat(results("count.log")).hasContent("counted");
    }

    @Test
    void optionsComeWithASpaceOrAnEqualsSignAndInAnyOrder() throws IOException {
        assertThat(run("run", "count", "--to", "4")).isZero();
        assertThat(Files.readString(results("count.json"))).contains("\"ours\" : 6.0", "\"quick\" : false");

        assertThat(run("run", "count", "--to=3", "--quick")).isZero();
        assertThat(Files.readString(results("count.json"))).contains("\"ours\" : 3.0", "\"quick\" : true");
    }

    @Test
    void resultsGoWhereOneWants() {
        Path elsewhere = home.resolve("else/where");

        assertThat(run("run", "count", "--results", elsewhere.toString())).isZero();

        assertThat(elsewhere.resolve("count.json")).exists();
        assertThat(home.resolve("results")).doesNotExist();
    }

    @Test
    void aStudyThatFailsKeepsTheRowsItHadAndSaysWhy() throws IOException {
        assertThat(run("run", "broken")).isEqualTo(CommandLine.FAILED);

        assertThat(text(err)).contains("study broken failed: no disk left");
        assertThat(text(out)).contains("| before ").contains("FAILED: no disk left");
        String json = Files.readString(results("broken.json"));
        assertThat(json).contains("\"status\" : \"failed\"", "\"failure\" : \"no disk left\"", "\"what\" : \"before\"");
        assertWellFormed(json);
        assertThat(Files.readString(results("broken.log"))).contains("java.io.IOException: no disk left");
    }

    @Test
    void theWorkFolderIsThereDuringARunAndGoneAfterwards() {
        run("run", "count");
        run("run", "broken");

        assertThat(workFolders)
                .hasSize(2)
                .allSatisfy(folder -> assertThat(folder).doesNotExist());
    }

    @ParameterizedTest
    @CsvSource({
        "'', nothing to do",
        "walk, 'walk'",
        "list more, 'more' after list",
        "run, There are count",
        "run nope, no study 'nope'; there are count",
        "run count --far, no option '--far'; it takes --quick --results --to",
        "run count --quick=yes, --quick takes no value",
        "run count to, no option 'to'",
        "run count --to, --to needs a value",
        "run count --to x, --to 'x': expected a whole number"
    })
    void wrongArgumentsAreExplained(String arguments, String expected) {
        String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ", -1);

        assertThat(run(words)).isEqualTo(CommandLine.USAGE);

        assertThat(text(err)).startsWith("benchmarks: ").contains(expected).contains("help");
        assertThat(text(out)).isEmpty();
        assertThat(results("count.json")).doesNotExist();
    }

    private int run(String... args) {
        return new CommandLine(
                        List.of(new Count(), new Broken()),
                        home,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> Instant.parse("2026-01-02T03:04:05Z"))
                .run(args);
    }

    private Path results(String file) {
        return home.resolve("results").resolve(file);
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static void assertWellFormed(String json) throws IOException {
        int depth = 0;
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                depth = Math.max(depth, parser.getParsingContext().getNestingDepth());
            }
        }
        assertThat(depth).isGreaterThan(2);
    }

    private final class Count implements Study {
        @Override
        public String name() {
            return "count";
        }

        @Override
        public String summary() {
            return "counts to a number";
        }

        @Override
        public List<StudyOption> options() {
            return List.of(new StudyOption("to", "how far", "1000", "10"));
        }

        @Override
        public void run(StudyContext context) {
            workFolders.add(context.workFolder());
            assertThat(context.workFolder()).isEmptyDirectory();
            int to = context.intOption("to", 1, 1_000_000);
            Progress progress = context.progress(1, 1);
            progress.step("count to " + to);
            double sum = 0;
            for (int i = 0; i < to; i++) {
                sum += i;
            }
            context.log().println("counted");
            context.row(Row.measured("sum", "1", List.of(sum)));
        }
    }

    private final class Broken implements Study {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public String summary() {
            return "fails half-way";
        }

        @Override
        public void run(StudyContext context) throws IOException {
            workFolders.add(context.workFolder());
            Files.writeString(context.workFolder().resolve("left"), "behind");
            context.row(Row.measured("before", "1", List.of(1.0)));
            throw new IOException("no disk left");
        }
    }
}
