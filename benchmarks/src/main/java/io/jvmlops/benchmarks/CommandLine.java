package io.jvmlops.benchmarks;

import io.jvmlops.benchmarks.report.JsonReport;
import io.jvmlops.benchmarks.report.Machine;
import io.jvmlops.benchmarks.report.MarkdownReport;
import io.jvmlops.benchmarks.report.Report;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import io.jvmlops.benchmarks.study.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the arguments and does what they say. Tables go to {@code out}; progress and complaints to {@code err}. */
final class CommandLine {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    private final List<Study> studies;
    private final Path home;
    private final PrintStream out;
    private final PrintStream err;
    private final InstantSource clock;

    /** @param home beside which results are written, in {@code results} */
    CommandLine(List<Study> studies, Path home, PrintStream out, PrintStream err, InstantSource clock) {
        this.studies = studies;
        this.home = home;
        this.out = out;
        this.err = err;
        this.clock = clock;
    }

    /** @return the exit code: 0 well, 1 a study failed, 2 the arguments are wrong */
    int run(String... args) {
        try {
            if (args.length == 0) {
                throw new UsageException("nothing to do: expected list, run NAME or help");
            }
            return switch (args[0]) {
                case "list" -> {
                    noMore(args);
                    list();
                    yield OK;
                }
                case "help", "--help", "-h" -> {
                    noMore(args);
                    help();
                    yield OK;
                }
                case "run" -> runStudy(args);
                default -> throw new UsageException("'" + args[0] + "': expected list, run NAME or help");
            };
        } catch (UsageException e) {
            err.println("benchmarks: " + e.getMessage());
            err.println("'java -jar benchmarks.jar help' tells more.");
            return USAGE;
        }
    }

    private static void noMore(String[] args) {
        if (args.length > 1) {
            throw new UsageException("'" + args[1] + "' after " + args[0] + ": expected nothing");
        }
    }

    private void list() {
        int width = studies.stream().mapToInt(s -> s.name().length()).max().orElse(0);
        for (Study study : studies) {
            out.println(study.name() + " ".repeat(width - study.name().length() + 2) + study.summary());
        }
    }

    private void help() {
        out.println("""
                java -jar benchmarks.jar list
                    the studies there are
                java -jar benchmarks.jar run NAME [--quick] [--results FOLDER] [options]
                    runs one; prints a Markdown table, and writes FOLDER/NAME.json and FOLDER/NAME.log
                    --quick    well under a minute: shows that it works, measures little
                    --results  default: the folder 'results' beside the jar
                java -jar benchmarks.jar help

                Exit codes: 0 done, 1 the study failed (rows measured until then are kept), 2 wrong arguments.

                Studies and their options:""");
        for (Study study : studies) {
            out.println("  " + study.name() + ": " + study.summary());
            for (StudyOption option : study.options()) {
                out.println("    --" + option.name() + "  " + option.help() + "; default " + option.fallback()
                        + (option.quickFallback().equals(option.fallback())
                                ? ""
                                : ", with --quick " + option.quickFallback()));
            }
        }
    }

    private int runStudy(String[] args) {
        if (args.length < 2) {
            throw new UsageException("run what? There are " + names());
        }
        Study study = studies.stream()
                .filter(s -> s.name().equals(args[1]))
                .findFirst()
                .orElseThrow(() -> new UsageException("no study '" + args[1] + "'; there are " + names()));
        boolean quick = List.of(args).subList(2, args.length).contains("--quick");
        Map<String, String> options = new LinkedHashMap<>();
        for (StudyOption option : study.options()) {
            options.put(option.name(), quick ? option.quickFallback() : option.fallback());
        }
        Path results = home.resolve("results");
        for (int i = 2; i < args.length; i++) {
            String word = args[i];
            if (word.equals("--quick")) {
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (name.equals("--quick")) {
                throw new UsageException("--quick takes no value");
            }
            boolean known = name.equals("--results") || name.startsWith("--") && options.containsKey(name.substring(2));
            if (!known) {
                throw new UsageException("study " + study.name() + " has no option '" + name
                        + "'; it takes --quick --results"
                        + String.join(
                                "",
                                options.keySet().stream().map(o -> " --" + o).toList()));
            }
            if (equals < 0 && ++i == args.length) {
                throw new UsageException(name + " needs a value");
            }
            String value = equals < 0 ? args[i] : word.substring(equals + 1);
            if (name.equals("--results")) {
                results = Path.of(value).toAbsolutePath();
            } else {
                options.put(name.substring(2), value);
            }
        }
        return new Running(study, quick, options, results).run();
    }

    private String names() {
        return String.join(", ", studies.stream().map(Study::name).toList());
    }

    /** One run of one study. */
    private final class Running {
        private final Study study;
        private final boolean quick;
        private final Map<String, String> options;
        private final Path results;
        private final Path file;
        private final Path logFile;
        private final Instant startedAt = clock.instant();
        private final long start = System.nanoTime();
        private final Machine machine = Machine.here(home);

        Running(Study study, boolean quick, Map<String, String> options, Path results) {
            this.study = study;
            this.quick = quick;
            this.options = options;
            this.results = results;
            this.file = results.resolve(study.name() + ".json");
            this.logFile = results.resolve(study.name() + ".log");
        }

        int run() {
            Path work = null;
            try {
                Files.createDirectories(results);
                work = Files.createTempDirectory("benchmarks-" + study.name());
                try (PrintStream log = new PrintStream(Files.newOutputStream(logFile), true, StandardCharsets.UTF_8)) {
                    return run(work, log);
                }
            } catch (IOException | UncheckedIOException e) {
                err.println("benchmarks: the results of " + study.name() + " cannot be written: " + e);
                return FAILED;
            } finally {
                delete(work);
            }
        }

        private int run(Path work, PrintStream log) throws IOException {
            StudyContext context = new StudyContext(quick, options, work, err, log, System::nanoTime, this::keep);
            String failure = null;
            try {
                study.run(context);
                if (context.rows().isEmpty()) {
                    failure = "the study measured nothing";
                }
            } catch (UsageException e) {
                throw e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = "interrupted";
            } catch (Exception | LinkageError e) {
                e.printStackTrace(log);
                failure = e.getMessage() == null ? e.toString() : e.getMessage();
            }
            Report report = report(context, failure == null ? Report.Status.COMPLETE : Report.Status.FAILED, failure);
            JsonReport.write(report, file);
            out.println(MarkdownReport.render(report));
            out.flush();
            err.println("results: " + file + ", details: " + logFile);
            if (failure != null) {
                err.println("benchmarks: study " + study.name() + " failed: " + failure);
                return FAILED;
            }
            return OK;
        }

        /** So that a run that is killed leaves what it had. */
        private void keep(StudyContext context) {
            try {
                JsonReport.write(report(context, Report.Status.RUNNING, null), file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Report report(StudyContext context, Report.Status status, @Nullable String failure) {
            return new Report(
                    study.name(),
                    quick,
                    options,
                    status,
                    startedAt,
                    Duration.ofNanos(System.nanoTime() - start),
                    machine.withForkFlags(context.forkFlags()),
                    context.rows(),
                    context.notes(),
                    failure);
        }
    }

    private static void delete(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // A leftover in the temporary folder harms nobody.
        }
    }
}
