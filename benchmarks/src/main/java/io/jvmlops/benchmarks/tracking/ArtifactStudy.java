package io.jvmlops.benchmarks.tracking;

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
import java.util.SplittableRandom;

/** How long it takes to store one large file as a run's artifact. */
public final class ArtifactStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx256m");

    @Override
    public String name() {
        return "artifact";
    }

    @Override
    public String summary() {
        return "storing one large file as a run's artifact, durably, beside cp, sha256sum and sync";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "of each contender", "7", "1"),
                new StudyOption("megabytes", "of the file", "1000", "20"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int megabytes = context.intOption("megabytes", 1, 1_000_000);
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        Progress progress = context.progress(1 + 2 * rounds, 8);
        progress.step("make a file of " + megabytes + " MB");
        Path file = context.workFolder().resolve("file");
        Folders.makeFile(file, megabytes * 1_000_000L, new SplittableRandom(3));
        Path home = context.workFolder().resolve("ours");
        Path copy = context.workFolder().resolve("copy");
        List<Double> ours = new ArrayList<>();
        List<Double> shell = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                // What others have written is not ours to wait for.
                programs.seconds(List.of("sync"));
                if (turn == round % 2) {
                    progress.step("round " + round + ", shell");
                    shell.add(programs.seconds(List.of(
                            "bash",
                            "-c",
                            "cp \"$1\" \"$2\" && sha256sum \"$2\" && sync",
                            "bash",
                            file.toString(),
                            copy.toString())));
                    Files.delete(copy);
                } else {
                    progress.step("round " + round + ", ours");
                    ours.add(programs.seconds(
                            programs.javaCommand(FLAGS, DatasetProgram.class, "artifact", home, file)));
                    Folders.delete(home);
                }
            }
        }
        context.row(Row.compared("store " + megabytes + " MB: ours / cp, sha256sum, sync", "s", ours, shell)
                .withTarget(Target.ratioAtMost(1.3)));
        context.note(
                "Times are of whole processes; ours starts a JVM, opens a tracking, and records a run with the file as"
                        + " its artifact. The file is in the page cache.");
    }
}
