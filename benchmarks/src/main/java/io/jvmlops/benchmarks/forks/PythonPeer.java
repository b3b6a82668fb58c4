package io.jvmlops.benchmarks.forks;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A library in Python that is measured in processes of its own, where there is one. */
public final class PythonPeer {
    private final String python;
    private final String version;
    private int runs;

    private PythonPeer(String python, String version) {
        this.python = python;
        this.version = version;
    }

    /**
     * The library, if that Python has it; a note tells if not.
     *
     * @param module that is imported, which is the name of its package too
     */
    public static Optional<PythonPeer> find(StudyContext context, String python, String module)
            throws InterruptedException {
        try {
            JavaProgram.Ended ended = JavaProgram.run(
                    context,
                    module + "-version",
                    Duration.ofMinutes(1),
                    List.of(
                            python,
                            "-W",
                            "ignore",
                            "-c",
                            "import importlib.metadata, " + module + "; print('version', importlib.metadata.version('"
                                    + module + "'))"));
            if (ended.well()) {
                for (String line : ended.lines()) {
                    if (line.startsWith("version ")) {
                        return Optional.of(new PythonPeer(python, line.substring("version ".length())));
                    }
                }
            }
            context.log().println("# no " + module + ": " + ended.how());
        } catch (IOException e) {
            context.log().println("# no Python: " + e.getMessage());
        }
        context.note(module + " is missing here: nothing is beside ours. Install it for '" + python + "' (pip install "
                + module + "), or name another Python with --python.");
        return Optional.empty();
    }

    public String version() {
        return version;
    }

    /**
     * Runs a script to its end.
     *
     * @param owner beside whose class the script is a resource
     * @throws IOException if it did not end well
     */
    public JavaProgram.Ended run(
            StudyContext context, Class<?> owner, String script, Duration limit, Object... arguments)
            throws IOException, InterruptedException {
        Path file = context.workFolder().resolve(script);
        if (Files.notExists(file)) {
            try (InputStream in = owner.getResourceAsStream(script)) {
                if (in == null) {
                    throw new IOException("resource " + script + " is not in the jar");
                }
                Files.copy(in, file);
            }
        }
        List<String> command = new ArrayList<>(List.of(python, "-W", "ignore", file.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        JavaProgram.Ended ended = JavaProgram.run(context, script + ++runs, limit, command);
        if (!ended.well()) {
            throw new IOException(script + " " + ended.how() + ": " + ended.lines());
        }
        return ended;
    }
}
