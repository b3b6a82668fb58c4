package io.jvmlops.tracking;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A main class of the tests in a process of its own, which can be killed. Small, and quick to start. */
public final class ForkedJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    public ForkedJvm(Class<?> main, String... arguments) throws IOException {
        this(List.of(), main, arguments);
    }

    /** @param launcher a command that becomes, by {@code exec}, the command that follows its last word */
    public ForkedJvm(List<String> launcher, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            // SQLite's driver loads a native library, of which these JDKs warn.
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dslf4j.internal.verbosity=ERROR",
                "-cp",
                classPath(),
                main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Without what logs: it takes a third of the time that such a process needs to start. */
    private static String classPath() {
        return String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(entry -> !entry.contains("logback"))
                        .toList());
    }

    /** The next line of its output, or null if it has ended. */
    public @Nullable String readLine() throws IOException {
        return output.readLine();
    }

    /** The next line of its output. */
    public String requireLine() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new AssertionError("the process has ended; see what it wrote to standard error");
        }
        return line;
    }

    /** All lines until it ends. */
    public List<String> readLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
        }
        return lines;
    }

    /** Sends a line to its input. */
    public void println(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    public long pid() {
        return process.pid();
    }

    /** As {@code kill -9}; returns the lines that it had written and nobody has read. */
    public List<String> kill() throws IOException, InterruptedException {
        // Through the handle: the process itself would close the output that is yet to be read.
        process.toHandle().destroyForcibly();
        List<String> rest = readLines();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("a killed process is still there");
        }
        return rest;
    }

    /** Waits for it to end by itself; returns its exit status. */
    public int await() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the process has not ended after 60 s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
