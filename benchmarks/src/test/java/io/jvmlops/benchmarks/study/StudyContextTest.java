package io.jvmlops.benchmarks.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.benchmarks.report.Row;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StudyContextTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong(-5);
    private final List<Integer> rowsSeen = new ArrayList<>();

    @Test
    void optionsAreReadInTheirTypes() {
        StudyContext context = context(Map.of("n", "7", "batches", "1, 32,1", "who", "a,b"));

        assertThat(context.option("n")).isEqualTo("7");
        assertThat(context.intOption("n", 1, 10)).isEqualTo(7);
        assertThat(context.intsOption("batches", 1, 32)).containsExactly(1, 32);
        assertThat(context.choicesOption("who", List.of("a", "b", "c"))).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0", "11", "99999999999", "1.5"})
    void aNumberOutOfRangeIsTheUsersMistake(String value) {
        assertThatThrownBy(() -> context(Map.of("n", value)).intOption("n", 1, 10))
                .isInstanceOf(UsageException.class)
                .hasMessage("--n '" + value + "': expected a whole number from 1 to 10");
    }

    @Test
    void constantsAreNamedInLowerCase() {
        assertThat(context(Map.of("unit", "seconds")).enumOption("unit", TimeUnit.class))
                .isEqualTo(TimeUnit.SECONDS);
        assertThatThrownBy(() -> context(Map.of("unit", "SECONDS")).enumOption("unit", TimeUnit.class))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--unit 'SECONDS': expected one of nanoseconds,microseconds,");
    }

    @Test
    void aChoiceThatThereIsNotIsTheUsersMistake() {
        assertThatThrownBy(() -> context(Map.of("who", "a,d")).choicesOption("who", List.of("a", "b")))
                .isInstanceOf(UsageException.class)
                .hasMessage("--who 'd': expected some of a,b");
    }

    @Test
    void anOptionThatTheStudyDoesNotDeclareIsItsOwnMistake() {
        assertThatThrownBy(() -> context(Map.of()).option("n")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void eachRowIsToldOfWhenItIsThere() {
        StudyContext context = context(Map.of());
        context.row(Row.measured("a", "ms", List.of(1.0)));
        context.row(Row.measured("b", "ms", List.of(1.0)));

        assertThat(rowsSeen).containsExactly(1, 2);
        assertThat(context.rows()).extracting(Row::what).containsExactly("a", "b");
    }

    @Test
    void progressGuessesFirstAndThenMeasures() {
        Progress progress = context(Map.of()).progress(4, 10);
        progress.step("first");
        nanos.addAndGet(20_000_000_000L);
        progress.step("second");
        nanos.addAndGet(100_000_000_000L);
        progress.step("third");
        progress.step("fourth");

        assertThat(console.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "[1/4] first; about 40 s left",
                        "[2/4] second; about 60 s left",
                        "[3/4] third; about 2 min left",
                        "[4/4] fourth; about 40 s left");
    }

    private StudyContext context(Map<String, String> options) {
        PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
        return new StudyContext(
                false,
                options,
                Path.of("unused"),
                print,
                print,
                nanos::get,
                context -> rowsSeen.add(context.rows().size()));
    }
}
