package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs contenders, each in a process of its own, and reads what they measured: lines of a name and a number. */
final class Programs {
    private static final String PEER = "mlflow_peer.py";

    private final StudyContext context;
    private int runs;

    Programs(StudyContext context) {
        this.context = context;
    }

    /** A JVM with these flags. */
    Map<String, List<Double>> java(List<String> flags, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        return run(javaCommand(flags, main, arguments));
    }

    /** What {@link #java} runs. */
    List<String> javaCommand(List<String> flags, Class<?> main, Object... arguments) {
        return JavaProgram.command(flags, main, arguments);
    }

    /** How long a command takes, from its start to its end. */
    double seconds(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        run(command);
        return (System.nanoTime() - start) / 1e9;
    }

    /** The peer's script. */
    Map<String, List<Double>> mlflow(String python, Object... arguments) throws IOException, InterruptedException {
        Path script = context.workFolder().resolve(PEER);
        if (!Files.exists(script)) {
            try (InputStream in = Programs.class.getResourceAsStream(PEER)) {
                if (in == null) {
                    throw new IOException("resource " + PEER + " is not in the jar");
                }
                Files.copy(in, script);
            }
        }
        List<String> command = new ArrayList<>(List.of(python, "-W", "ignore", script.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return run(command);
    }

    /** Whether that Python has MLflow with its SQL store. */
    boolean hasMlflow(String python) throws InterruptedException {
        try {
            run(List.of(python, "-W", "ignore", "-c", "import mlflow.store.tracking.sqlalchemy_store"));
            return true;
        } catch (IOException e) {
            context.log().println("# no MLflow: " + e.getMessage());
            context.note("MLflow is missing here: the rows beside it are left out. Install it for '" + python
                    + "' (pip install mlflow), or name another Python with --python.");
            return false;
        }
    }

    private Map<String, List<Double>> run(List<String> command) throws IOException, InterruptedException {
        Path output = context.workFolder().resolve("output-" + ++runs + ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(30, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(output);
        context.log().println("# " + String.join(" ", command));
        lines.forEach(context.log()::println);
        if (!ended || process.exitValue() != 0) {
            throw new IOException(command.get(command.size() > 3 ? 3 : 0) + " "
                    + (ended ? "ended with " + process.exitValue() : "did not end within half an hour") + ": "
                    + (lines.isEmpty() ? "no output" : lines.get(lines.size() - 1)));
        }
        Map<String, List<Double>> numbers = new LinkedHashMap<>();
        for (String line : lines) {
            int space = line.indexOf(' ');
            if (space > 0) {
                try {
                    numbers.computeIfAbsent(line.substring(0, space), n -> new ArrayList<>())
                            .add(Double.valueOf(line.substring(space + 1)));
                } catch (NumberFormatException e) {
                    // Something a library printed.
                }
            }
        }
        return numbers;
    }
}
