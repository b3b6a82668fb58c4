package io.jvmlops.benchmarks.forks;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that says what it found in lines of a name and a number, and that may die of what it does. */
public final class JavaProgram {
    private JavaProgram() {}

    /** What runs a main class of ours on this JVM's class path. */
    public static List<String> command(List<String> flags, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ForkPlan.withNativeAccess(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /**
     * Runs it to its end, however that comes.
     *
     * @param name of its output's file in the study's work folder
     */
    public static Ended run(StudyContext context, String name, Duration limit, List<String> command)
            throws IOException, InterruptedException {
        Path output = context.workFolder().resolve(name + ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(output);
        context.log().println("# " + String.join(" ", command));
        lines.forEach(context.log()::println);
        return new Ended(process.exitValue(), !ended, lines);
    }

    /**
     * What each of them said last under a name.
     *
     * @throws IllegalStateException if one said nothing
     */
    public static List<Double> numbers(List<Ended> ended, String name) {
        return ended.stream().map(each -> each.number(name)).toList();
    }

    /**
     * How it ended.
     *
     * @param exit its exit status
     * @param overdue whether it was killed because it did not end
     */
    public record Ended(int exit, boolean overdue, List<String> lines) {
        public Ended {
            lines = List.copyOf(lines);
        }

        public boolean well() {
            return exit == 0 && !overdue;
        }

        /** The last number said under a name. */
        public Optional<Double> last(String name) {
            for (int i = lines.size() - 1; i >= 0; i--) {
                if (lines.get(i).startsWith(name + " ")) {
                    try {
                        return Optional.of(Double.valueOf(lines.get(i).substring(name.length() + 1)));
                    } catch (NumberFormatException e) {
                        // Something a library printed.
                    }
                }
            }
            return Optional.empty();
        }

        /**
         * As {@link #last}.
         *
         * @throws IllegalStateException if it said none
         */
        public double number(String name) {
            return last(name).orElseThrow(() -> new IllegalStateException("a program did not say its " + name));
        }

        /** Like {@code ended well}, {@code died: SIGSEGV in native code}. */
        public String how() {
            if (overdue) {
                return "did not end and was killed";
            }
            if (exit == 0) {
                return "ended well";
            }
            // What the JVM prints of its own death.
            for (String line : lines) {
                if (line.startsWith("#  SIG")) {
                    return "died: " + line.substring(3).split(" ", 2)[0];
                }
            }
            return "ended with " + exit;
        }
    }
}
