package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How fast points become durable, and how much room they take. */
public final class IngestStudy implements Study {
    private static final int PRODUCERS = 8;
    private static final List<String> FLAGS = List.of("-Xmx1g");

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public String summary() {
        return "points from 8 producers until they are durable, and bytes on disk, beside a row per point and MLflow";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "of each contender", "3", "1"),
                new StudyOption("points", "of all producers, ours and a row per point", "10000000", "400000"),
                new StudyOption("mlflow-points", "of all producers, MLflow", "100000", "8000"),
                new StudyOption("rest-calls", "single points through MLflow's REST server", "2000", "200"),
                StudyOption.of("python", "with MLflow", "python3"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int points = context.intOption("points", PRODUCERS, 100_000_000);
        int mlflowPoints = context.intOption("mlflow-points", PRODUCERS, 10_000_000);
        int restCalls = context.intOption("rest-calls", PRODUCERS, 1_000_000);
        String python = context.option("python");
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        boolean mlflow = programs.hasMlflow(python);
        Progress progress = context.progress(rounds * (mlflow ? 5 : 3), 15);
        Map<String, List<Double>> speed = new LinkedHashMap<>();
        Map<String, List<Double>> size = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Curve.Values kind : Curve.Values.values()) {
                String label = kind == Curve.Values.FLOATS ? "floats" : "doubles";
                progress.step("round " + round + ", ours, " + label);
                keep(
                        label,
                        speed,
                        size,
                        programs.java(
                                FLAGS, IngestProgram.class, folder(context, label, round), points, PRODUCERS, kind));
            }
            progress.step("round " + round + ", a row per point");
            keep(
                    "rows",
                    speed,
                    size,
                    programs.java(
                            FLAGS,
                            RowIngestProgram.class,
                            folder(context, "rows", round),
                            points,
                            PRODUCERS,
                            Curve.Values.DOUBLES));
            if (mlflow) {
                progress.step("round " + round + ", MLflow's store");
                keep(
                        "mlflow",
                        speed,
                        size,
                        programs.mlflow(python, "ingest", folder(context, "mlflow", round), mlflowPoints, PRODUCERS));
                progress.step("round " + round + ", MLflow's server");
                try (MlflowServer server = MlflowServer.start(context, python, folder(context, "rest", round))) {
                    speed.computeIfAbsent("rest-batch", k -> new ArrayList<>())
                            .add(Math.max(
                                    server.batches(mlflowPoints, PRODUCERS), server.batches(mlflowPoints / 4, 1)));
                    speed.computeIfAbsent("rest-single", k -> new ArrayList<>())
                            .add(Math.max(server.singles(restCalls, PRODUCERS), server.singles(restCalls / 4, 1)));
                }
            }
        }
        List<Double> ours = of(speed, "doubles");
        context.row(Row.measured("durable points, 8 producers until close, full doubles", "points/s", ours)
                .withTarget(Target.oursAtLeast(1_000_000)));
        context.row(Row.measured("the same, values that began as floats", "points/s", of(speed, "floats"))
                .withTarget(Target.oursAtLeast(1_000_000)));
        context.row(Row.compared("durable points: ours / a row per point", "points/s", ours, of(speed, "rows")));
        if (mlflow) {
            context.row(Row.compared(
                    "durable points: ours / MLflow's store, batches", "points/s", ours, of(speed, "mlflow")));
            context.row(Row.compared(
                    "durable points: ours / MLflow's server, batches", "points/s", ours, of(speed, "rest-batch")));
            context.row(Row.compared(
                    "durable points: ours / MLflow's server, single calls",
                    "points/s",
                    ours,
                    of(speed, "rest-single")));
        }
        context.row(Row.compared(
                        "disk, values that began as floats: ours / MLflow's schema",
                        "B/point",
                        of(size, "floats"),
                        mlflow ? of(size, "mlflow") : List.of())
                .withTarget(Target.oursAtMost(8)));
        context.row(Row.compared(
                        "disk, full doubles: ours / MLflow's schema",
                        "B/point",
                        of(size, "doubles"),
                        mlflow ? of(size, "mlflow") : List.of())
                .withTarget(Target.oursAtMost(10)));
        context.row(Row.compared(
                "disk, full doubles: ours / a row per point", "B/point", of(size, "doubles"), of(size, "rows")));
        context.note(
                points + " points of ours and of a row per point, " + mlflowPoints + " of MLflow's batches of 1,000, "
                        + restCalls
                        + " single calls, through the server from 8 callers and from one, whichever was faster; steps are counted, stamps are the clock's.");
    }

    private static String folder(StudyContext context, String label, int round) {
        return context.workFolder().resolve(label + "-" + round).toString();
    }

    private static void keep(
            String label,
            Map<String, List<Double>> speed,
            Map<String, List<Double>> size,
            Map<String, List<Double>> numbers) {
        speed.computeIfAbsent(label, k -> new ArrayList<>()).addAll(of(numbers, "points_per_second"));
        size.computeIfAbsent(label, k -> new ArrayList<>()).addAll(of(numbers, "bytes_per_point"));
    }

    private static List<Double> of(Map<String, List<Double>> numbers, String name) {
        return Objects.requireNonNull(numbers.get(name), () -> "no numbers for " + name);
    }
}
