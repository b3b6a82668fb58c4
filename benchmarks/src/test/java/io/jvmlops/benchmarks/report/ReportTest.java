package io.jvmlops.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Machine MACHINE =
            new Machine(2, "Some CPU", 24L << 30, "Linux 6", "JDK 17", List.of("-Xmx1g"), List.of(), 0.5, null);

    @TempDir
    Path folder;

    @Test
    void markdownShowsEveryRowUnderOneHeader() {
        String text = MarkdownReport.render(report(
                List.of(
                        Row.compared("time | us", "µs", List.of(2.0, 2.0), List.of(4.0, 5.0))
                                .withTarget(Target.ratioAtMost(1)),
                        Row.measured("size", "MB", List.of(1500.0)).withTarget(Target.oursAtMost(100))),
                null));

        List<String> lines = text.lines().toList();
        assertThat(lines.get(0)).startsWith("| measured").contains(" ours |");
        assertThat(lines.get(1)).matches("\\|[-:|]+\\|");
        assertThat(lines.get(2))
                .contains("time \\| us", "2.00", "4.50", "0.444", "ratio 0.400–0.500", "ratio ≤ 1.00", "yes", "µs");
        assertThat(lines.get(3)).contains("size", "1,500", "ours ≤ 100", "NO", "MB");
        assertThat(lines.subList(0, 4))
                .allSatisfy(line ->
                        assertThat(line.replace("\\|", "").split("\\|", -1)).hasSize(10));
        assertThat(text)
                .contains("- 2 cores of Some CPU, 24 GiB, Linux 6, JDK 17")
                .contains("- a note");
    }

    @Test
    void markdownSaysWhyARunFailed() {
        assertThat(MarkdownReport.render(report(List.of(), "the disk is full"))).contains("FAILED: the disk is full");
    }

    @Test
    void jsonHoldsEverythingAndNullForWhatThereIsNot() throws IOException {
        Path file = folder.resolve("deeper").resolve("trivial.json");
        JsonReport.write(
                report(
                        List.of(
                                Row.compared("time \"quoted\"", "µs", List.of(2.0, 3.0), List.of(4.0, 4.0))
                                        .withTarget(Target.ratioAtMost(1)),
                                Row.measured("odd", "ms", List.of(Double.NaN))),
                        null),
                file);

        Map<String, Object> json = parse(file);
        assertThat(json)
                .containsEntry("/study", "trivial")
                .containsEntry("/quick", true)
                .containsEntry("/options/rounds", "5")
                .containsEntry("/status", "complete")
                .containsEntry("/failure", null)
                .containsEntry("/startedAt", "2026-01-02T03:04:05Z")
                .containsEntry("/tookSeconds", 1.5)
                .containsEntry("/machine/cores", 2.0)
                .containsEntry("/machine/jvmFlags/0", "-Xmx1g")
                .containsEntry("/machine/commit", null)
                .containsEntry("/notes/0", "a note")
                .containsEntry("/rows/0/what", "time \"quoted\"")
                .containsEntry("/rows/0/ours", 2.5)
                .containsEntry("/rows/0/peer", 4.0)
                .containsEntry("/rows/0/ratio", 0.625)
                .containsEntry("/rows/0/target/of", "ratio")
                .containsEntry("/rows/0/target/atMost", 1.0)
                .containsEntry("/rows/0/met", true)
                .containsEntry("/rows/0/spread/low", 0.5)
                .containsEntry("/rows/0/spread/high", 0.75)
                .containsEntry("/rows/0/oursValues/1", 3.0)
                .containsEntry("/rows/1/ours", null)
                .containsEntry("/rows/1/peer", null)
                .containsEntry("/rows/1/target", null)
                .containsEntry("/rows/1/met", null)
                .containsEntry("/rows/1/spread", null)
                .containsEntry("/rows/1/oursValues/0", null);
    }

    @Test
    void writingAgainReplacesTheFileAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("trivial.json");
        JsonReport.write(report(List.of(), "first"), file);
        JsonReport.write(report(List.of(), "second"), file);

        assertThat(parse(file)).containsEntry("/failure", "second").containsEntry("/status", "failed");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void theMachineIsDescribed() {
        Machine here = Machine.here(folder);

        assertThat(here.cores()).isPositive();
        assertThat(here.cpu()).isNotBlank();
        assertThat(here.memoryBytes()).isGreaterThan(1L << 26);
        assertThat(here.jdk()).contains(System.getProperty("java.runtime.version"));
        assertThat(here.commit()).as("a temporary folder is no checkout").isNull();
    }

    private static Report report(List<Row> rows, @Nullable String failure) {
        return new Report(
                "trivial",
                true,
                Map.of("rounds", "5"),
                failure == null ? Report.Status.COMPLETE : Report.Status.FAILED,
                Instant.parse("2026-01-02T03:04:05Z"),
                Duration.ofMillis(1500),
                MACHINE,
                rows,
                List.of("a note"),
                failure);
    }

    /** Scalars by JSON pointer; fails on anything that is not well-formed JSON. */
    private static Map<String, Object> parse(Path file) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        JsonFactory strict = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try (JsonParser parser = strict.createParser(file.toFile())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue()) {
                    values.put(
                            parser.getParsingContext().pathAsPointer().toString(),
                            switch (token) {
                                case VALUE_NULL -> null;
                                case VALUE_TRUE -> true;
                                case VALUE_FALSE -> false;
                                case VALUE_STRING -> parser.getText();
                                default -> parser.getDoubleValue();
                            });
                }
            }
        }
        return values;
    }
}
