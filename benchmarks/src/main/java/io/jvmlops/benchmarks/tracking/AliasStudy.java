package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How long it takes until an alias has durably moved. */
public final class AliasStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx256m");

    @Override
    public String name() {
        return "alias";
    }

    @Override
    public String summary() {
        return "moving an alias on SQLite, durably; rolling it back; a poll for moves";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "JVMs", "5", "1"),
                new StudyOption("moves", "that count in each JVM", "2000", "50"),
                StudyOption.of("behind", "how many moves there are before", "1000"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int moves = context.intOption("moves", 10, 1_000_000);
        int behind = context.intOption("behind", 0, 10_000_000);
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        Progress progress = context.progress(rounds, 10);
        List<Double> medians = new ArrayList<>();
        List<Double> ninetyNinths = new ArrayList<>();
        List<Double> rollbacks = new ArrayList<>();
        List<Double> polls = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            progress.step("round " + round);
            Map<String, List<Double>> numbers = programs.java(
                    FLAGS, AliasProgram.class, context.workFolder().resolve("alias-" + round), behind, moves);
            List<Double> millis = new ArrayList<>(Objects.requireNonNull(numbers.get("move")));
            medians.add(Numbers.median(millis));
            millis.sort(null);
            ninetyNinths.add(millis.get((int) Math.ceil(0.99 * millis.size()) - 1));
            rollbacks.add(Numbers.median(Objects.requireNonNull(numbers.get("rollback"))));
            polls.add(Numbers.median(Objects.requireNonNull(numbers.get("poll"))));
        }
        context.row(
                Row.measured("move an alias, durable: median", "ms", medians).withTarget(Target.oursAtMost(2)));
        context.row(Row.measured("move an alias, durable: 99th percentile", "ms", ninetyNinths));
        context.row(Row.measured("roll an alias back, durable: median", "ms", rollbacks));
        context.row(Row.measured("poll when nothing has moved: median", "ms", polls));
        context.note("Of " + moves + " moves by compare-and-set in each JVM, of which each is on disk before the next; "
                + behind + " moves came before.");
    }
}
