package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * An alias moves again and again between ONNX models under four callers: no call fails, none is answered by a version that was
 * not live during it, and memory stays where it was. {@code -Djvmlops.swaps=1000} for more than what every build does.
 */
class SwapIT {
    private static final int SWAPS = Integer.getInteger("jvmlops.swaps", 300);

    private static final Pattern LINE = Pattern.compile(
            "swaps=(\\d+) calls=(\\d+) failed=(\\d+) wrong=(\\d+) rss-at-50=(\\d+) rss-at-end=(\\d+) (.*)");

    /** Every tenth version is damaged, or misses its golden rows: the one before it stays. */
    @Test
    void swapsLoseNoCallMixNoVersionAndKeepNoMemoryThoughSomeFail() throws Exception {
        check(true);
    }

    @Test
    @EnabledIfSystemProperty(named = "jvmlops.swaps", matches = ".+")
    void swapsLoseNoCallMixNoVersionAndKeepNoMemory() throws Exception {
        check(false);
    }

    private static void check(boolean someFail) throws IOException, InterruptedException {
        Matcher result = LINE.matcher(run(someFail));
        assertThat(result.matches()).as(result.toString()).isTrue();
        assertThat(result.group(7)).as("the first that went wrong").isEmpty();
        assertThat(result.group(3)).as("failed").isEqualTo("0");
        assertThat(result.group(4)).as("wrong").isEqualTo("0");
        assertThat(Integer.parseInt(result.group(1))).isEqualTo(SWAPS);
        assertThat(Long.parseLong(result.group(2))).isGreaterThan(16L * SWAPS);
        long early = Long.parseLong(result.group(5));
        if (early > 0) {
            assertThat(Long.parseLong(result.group(6))).isLessThanOrEqualTo(early + early / 5);
        }
    }

    private static String run(boolean someFail) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        // The heap is there from the start, and the second compiler, which takes tens of megabytes when it comes to it,
        // never:
        // what grows is something else.
        command.addAll(List.of(
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SwapProgram.class.getName(),
                Integer.toString(SWAPS),
                Boolean.toString(someFail)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Process process = builder.start();
        try {
            List<String> lines;
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                lines = reader.lines().toList();
            }
            assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
            String tail = lines.stream()
                    .skip(Math.max(0, lines.size() - 40))
                    .collect(Collectors.joining(System.lineSeparator()));
            assertThat(process.exitValue()).as(tail).isZero();
            String last = lines.stream()
                    .filter(line -> line.startsWith("swaps="))
                    .findFirst()
                    .orElse(tail);
            System.out.println(last);
            return last;
        } finally {
            process.destroyForcibly();
        }
    }
}
