package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Versions of a folder: the first one, and the question whether anything has changed. */
public final class DatasetStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx1g");
    private static final long MEGABYTE = 1_000_000;

    /** What a shell has: every core hashes; then a copy, on disk. */
    private static final String HASH_ALL = "find \"$1\" -type f -print0 | xargs -0 -P \"$2\" -n 64 sha256sum > \"$3\"";

    private static final String HASH_AND_COPY = HASH_ALL + " && cp -r \"$1\" \"$4\" && sync";

    @Override
    public String name() {
        return "dataset";
    }

    @Override
    public String summary() {
        return "the first version of a folder and re-checking an unchanged one, beside sha256sum, cp and DVC";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "of each contender", "5", "1"),
                new StudyOption("files", "of the folder that is added", "10000", "200"),
                new StudyOption("megabytes", "in them", "2000", "20"),
                new StudyOption("check-files", "of the folder that is re-checked", "100000", "2000"),
                new StudyOption("check-megabytes", "in them", "400", "8"),
                StudyOption.of("dvc", "the program, if there is one", "dvc"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int files = context.intOption("files", 1, 1_000_000);
        int megabytes = context.intOption("megabytes", 1, 1_000_000);
        int checkFiles = context.intOption("check-files", 1, 10_000_000);
        int checkMegabytes = context.intOption("check-megabytes", 1, 1_000_000);
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        Dvc dvc = Dvc.find(programs, context);
        Progress progress = context.progress(2 + rounds * (dvc == null ? 4 : 6), 20);

        progress.step("make " + files + " files of " + megabytes + " MB");
        Path data = context.workFolder().resolve("data");
        Folders.make(data, files, megabytes * MEGABYTE);
        first(context, programs, progress, dvc, data, rounds, files + " files of " + megabytes + " MB");
        Folders.delete(data);

        progress.step("make " + checkFiles + " files of " + checkMegabytes + " MB");
        Path many = context.workFolder().resolve("many");
        Folders.make(many, checkFiles, checkMegabytes * MEGABYTE);
        check(context, programs, progress, dvc, many, rounds, checkFiles + " files of " + checkMegabytes + " MB");
        context.note(
                "Times are of whole processes, but for later calls in a JVM. All files are in the page cache. Ours is on"
                        + " disk file by file, the shell's by the sync at its end.");
    }

    private static void first(
            StudyContext context,
            Programs programs,
            Progress progress,
            @Nullable Dvc dvc,
            Path data,
            int rounds,
            String what)
            throws IOException, InterruptedException {
        Path home = context.workFolder().resolve("ours");
        Path copy = context.workFolder().resolve("copy");
        List<Double> ours = new ArrayList<>();
        List<Double> shell = new ArrayList<>();
        List<Double> verify = new ArrayList<>();
        List<Double> restore = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                settle(programs);
                if (turn == round % 2) {
                    progress.step("round " + round + ", shell");
                    shell.add(programs.seconds(hashing(context, HASH_AND_COPY, data, copy)));
                    Folders.delete(copy);
                } else {
                    progress.step("round " + round + ", ours");
                    ours.add(programs.seconds(programs.javaCommand(FLAGS, DatasetProgram.class, "add", home, data)));
                    verify.add(programs.seconds(programs.javaCommand(FLAGS, DatasetProgram.class, "verify", home)));
                    restore.add(
                            programs.seconds(programs.javaCommand(FLAGS, DatasetProgram.class, "restore", home, copy)));
                    Folders.delete(copy);
                    Folders.delete(home);
                }
            }
            if (dvc != null) {
                progress.step("round " + round + ", dvc add");
                Path repository = dvc.repository(data);
                settle(programs);
                theirs.add(dvc.seconds(repository, "add", "data"));
                Folders.delete(repository);
            }
        }
        context.row(Row.compared(
                        "first version of " + what + ": ours / sha256sum on all cores, cp -r, sync", "s", ours, shell)
                .withTarget(Target.ratioAtMost(1.3)));
        if (dvc != null) {
            context.row(Row.compared("first version: ours / dvc add", "s", ours, theirs));
        }
        context.row(Row.measured("verify it", "s", verify));
        context.row(Row.measured("restore it", "s", restore));
    }

    private static void check(
            StudyContext context,
            Programs programs,
            Progress progress,
            @Nullable Dvc dvc,
            Path data,
            int rounds,
            String what)
            throws IOException, InterruptedException {
        Path home = context.workFolder().resolve("ours");
        programs.java(FLAGS, DatasetProgram.class, "add", home, data);
        // What had just been written when it was added is read once more, and remembered then.
        programs.java(FLAGS, DatasetProgram.class, "check", home, data, 1);
        Path repository = null;
        if (dvc != null) {
            repository = dvc.repository(data);
            dvc.seconds(repository, "add", "data");
            dvc.seconds(repository, "status");
        }
        List<Double> process = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        List<Double> later = new ArrayList<>();
        List<Double> shell = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                if (turn == round % 2) {
                    progress.step("round " + round + ", sha256sum");
                    shell.add(programs.seconds(hashing(context, HASH_ALL, data, data)));
                } else {
                    progress.step("round " + round + ", ours");
                    process.add(programs.seconds(
                            programs.javaCommand(FLAGS, DatasetProgram.class, "check", home, data, 1)));
                    Map<String, List<Double>> numbers =
                            programs.java(FLAGS, DatasetProgram.class, "check", home, data, 12);
                    first.addAll(Objects.requireNonNull(numbers.get("first")));
                    later.add(Numbers.median(Objects.requireNonNull(numbers.get("later"))));
                }
            }
            if (dvc != null && repository != null) {
                progress.step("round " + round + ", dvc status");
                theirs.add(dvc.seconds(repository, "status"));
            }
        }
        context.row(Row.compared("re-check of unchanged " + what + ": ours / sha256sum of all", "s", later, shell)
                .withTarget(Target.oursAtMost(1)));
        context.row(Row.compared("the first call in a new JVM / sha256sum of all", "s", first, shell));
        context.row(Row.compared("the whole process / sha256sum of all", "s", process, shell));
        if (dvc != null) {
            context.row(Row.compared("the whole process / dvc status", "s", process, theirs));
        }
        Folders.delete(home);
        Folders.delete(data);
        if (repository != null) {
            Folders.delete(repository);
        }
    }

    /** What others have written is not ours to wait for. */
    private static void settle(Programs programs) throws IOException, InterruptedException {
        programs.seconds(List.of("sync"));
    }

    private static List<String> hashing(StudyContext context, String script, Path data, Path copy) {
        return List.of(
                "bash",
                "-c",
                "set -o pipefail; " + script,
                "bash",
                data.toString(),
                Integer.toString(Runtime.getRuntime().availableProcessors()),
                context.workFolder().resolve("sums").toString(),
                copy.toString());
    }

    /** DVC, without Git and without asking anybody whether it is the newest. */
    private static final class Dvc {
        private final Programs programs;
        private final String program;
        private final Path work;
        private int repositories;

        private Dvc(Programs programs, String program, Path work) {
            this.programs = programs;
            this.program = program;
            this.work = work;
        }

        /** Null if there is none. */
        @Nullable
        static Dvc find(Programs programs, StudyContext context) throws InterruptedException {
            Dvc dvc = new Dvc(programs, context.option("dvc"), context.workFolder());
            try {
                programs.seconds(dvc.command(context.workFolder(), "--version"));
                return dvc;
            } catch (IOException e) {
                context.log().println("# no DVC: " + e.getMessage());
                context.note(
                        "DVC is missing here: the rows beside it are left out. Install it (pip install dvc), or name"
                                + " the program with --dvc.");
                return null;
            }
        }

        /** A repository that holds a copy of the data, of which DVC does not know yet. */
        Path repository(Path data) throws IOException, InterruptedException {
            Path repository = Files.createDirectory(work.resolve("dvc-" + ++repositories));
            seconds(repository, "init", "--no-scm", "--quiet");
            seconds(repository, "config", "core.analytics", "false");
            seconds(repository, "config", "core.check_update", "false");
            programs.seconds(List.of(
                    "cp", "-r", data.toString(), repository.resolve("data").toString()));
            return repository;
        }

        double seconds(Path repository, String... arguments) throws IOException, InterruptedException {
            return programs.seconds(command(repository, arguments));
        }

        private List<String> command(Path repository, String... arguments) {
            List<String> command = new ArrayList<>(List.of(
                    "env",
                    "-C",
                    repository.toString(),
                    "DVC_NO_ANALYTICS=true",
                    "DVC_SITE_CACHE_DIR=" + work.resolve("dvc-site"),
                    program));
            command.addAll(List.of(arguments));
            return command;
        }
    }
}
