package io.jvmlops.serving;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM of its own, with this one's class path. What it says are the lines that begin with {@value #SAYS}: loggers write too. */
public final class ForkedJvm implements AutoCloseable {
    public static final String SAYS = "> ";

    private static final long PATIENCE = 120;

    private final Process process;
    private final Path folder;
    private final BufferedReader out;

    private ForkedJvm(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        this.out = process.inputReader();
    }

    /**
     * Starts a program.
     *
     * @param folder where it runs, and where it would leave a crash report
     * @param before what comes before the name of Java's executable
     */
    public static ForkedJvm start(
            Path folder, List<String> before, List<String> options, Class<?> main, Object... args) {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(
                            Files.createTempFile(folder, "stderr", ".txt").toFile())
                    .start();
            return new ForkedJvm(process, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says a line to the program and reads one back. */
    public String ask(String line) {
        try {
            process.outputWriter().write(line + "\n");
            process.outputWriter().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line();
    }

    /** The next line, or what became of the process if there is none. */
    public String line() {
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(SAYS)) {
                    return line.substring(SAYS.length());
                }
            }
            return "ended with " + exitCode() + " " + errors();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All lines to its end. */
    public List<String> lines() {
        return out.lines()
                .filter(line -> line.startsWith(SAYS))
                .map(line -> line.substring(SAYS.length()))
                .toList();
    }

    public Process process() {
        return process;
    }

    /** Waits for its end. */
    public int exitCode() {
        try {
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Crash reports of all programs that ran in the folder. */
    public List<Path> crashes() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith("hs_err"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What programs in the folder wrote to standard error, and where they crashed. */
    public String errors() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // Native code writes what it likes.
                String all = Files.readString(file, StandardCharsets.ISO_8859_1);
                text.append(all, 0, Math.min(all.length(), 2000));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        exitCode();
    }
}
