package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The chart of one long series. */
public final class HistoryStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx64m");

    @Override
    public String name() {
        return "history";
    }

    @Override
    public String summary() {
        return "the downsampled history of a long series with a heap of 64 MB, beside a full scan and MLflow";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "of each contender", "5", "1"),
                new StudyOption("points", "of the series", "10000000", "300000"),
                StudyOption.of("buckets", "of the chart", "320"),
                new StudyOption("calls", "of ours in each round", "200", "20"),
                StudyOption.of("python", "with MLflow", "python3"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int points = context.intOption("points", 1000, 100_000_000);
        int buckets = context.intOption("buckets", 1, 100_000);
        int calls = context.intOption("calls", 2, 1_000_000);
        String python = context.option("python");
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        boolean mlflow = programs.hasMlflow(python);
        Progress progress = context.progress((mlflow ? 2 : 1) + rounds * (mlflow ? 3 : 2), 20);
        Path ours = context.workFolder().resolve("ours");
        Path peer = context.workFolder().resolve("mlflow");
        progress.step("fill ours");
        programs.java(FLAGS, HistoryProgram.class, ours, "fill", points);
        if (mlflow) {
            progress.step("fill MLflow's");
            programs.mlflow(python, "fill-history", peer, points);
        }
        List<Double> first = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        List<Double> scan = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            progress.step("round " + round + ", ours");
            Map<String, List<Double>> numbers =
                    programs.java(FLAGS, HistoryProgram.class, ours, "buckets", buckets, calls);
            first.addAll(Objects.requireNonNull(numbers.get("first_millis")));
            warm.add(Numbers.median(Objects.requireNonNull(numbers.get("millis"))));
            progress.step("round " + round + ", a full scan");
            scan.add(Numbers.median(
                    Objects.requireNonNull(programs.java(FLAGS, HistoryProgram.class, ours, "scan", buckets, 2, points)
                            .get("millis"))));
            if (mlflow) {
                progress.step("round " + round + ", MLflow's store");
                theirs.add(Numbers.median(Objects.requireNonNull(
                        programs.mlflow(python, "history", peer, buckets, 1).get("millis"))));
            }
        }
        context.row(Row.compared(
                        buckets + " buckets of " + points + " points: ours / a full scan of ours", "ms", warm, scan)
                .withTarget(Target.oursAtMost(5)));
        if (mlflow) {
            context.row(Row.compared(buckets + " buckets: ours / MLflow's store", "ms", warm, theirs));
        }
        context.row(Row.measured("the first call of a new JVM", "ms", first));
        context.note("Medians over " + calls + " calls in each of " + rounds + " JVMs.");
    }
}
