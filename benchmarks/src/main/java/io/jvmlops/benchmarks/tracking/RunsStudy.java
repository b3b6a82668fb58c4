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

/** Finding the best of many runs, and opening the store that holds them. */
public final class RunsStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx256m");

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public String summary() {
        return "the top 100 of many runs by a metric, with a param filter, beside MLflow's store; opening the store";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "of each contender", "5", "1"),
                new StudyOption("runs", "in the store", "100000", "2000"),
                new StudyOption("calls", "of ours in each round", "100", "10"),
                StudyOption.of("python", "with MLflow", "python3"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int runs = context.intOption("runs", 1000, 10_000_000);
        int calls = context.intOption("calls", 2, 1_000_000);
        String python = context.option("python");
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        boolean mlflow = programs.hasMlflow(python);
        Progress progress = context.progress((mlflow ? 2 : 1) + rounds * (mlflow ? 3 : 2), 10);
        Path ours = context.workFolder().resolve("ours");
        Path peer = context.workFolder().resolve("mlflow");
        progress.step("store " + runs + " runs");
        programs.java(FLAGS, RunsProgram.class, ours, "fill", runs);
        if (mlflow) {
            progress.step("store them in MLflow's");
            programs.mlflow(python, "fill-runs", peer, runs);
        }
        List<Double> first = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> open = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            progress.step("round " + round + ", search ours");
            Map<String, List<Double>> numbers = programs.java(FLAGS, RunsProgram.class, ours, "search", calls);
            first.addAll(Objects.requireNonNull(numbers.get("first_millis")));
            warm.add(Numbers.median(Objects.requireNonNull(numbers.get("millis"))));
            if (mlflow) {
                progress.step("round " + round + ", search MLflow's");
                theirs.add(Numbers.median(Objects.requireNonNull(
                        programs.mlflow(python, "search", peer, 1).get("millis"))));
            }
            progress.step("round " + round + ", open ours");
            open.add(Objects.requireNonNull(programs.java(FLAGS, RunsProgram.class, ours, "open")
                            .get("millis"))
                    .get(0));
        }
        context.row(Row.compared("top 100 of " + runs + " runs: ours / MLflow's store", "ms", warm, theirs)
                .withTarget(Target.oursAtMost(20)));
        context.row(Row.measured("the first search of a new JVM", "ms", first));
        context.row(Row.measured("open a store of " + runs + " runs, driver loaded", "ms", open)
                .withTarget(Target.oursAtMost(100)));
        context.note("A tenth of the runs pass the filter. Medians over " + calls
                + " calls of ours and one of MLflow's in each of " + rounds
                + " processes; of opening, the first in each JVM.");
    }
}
