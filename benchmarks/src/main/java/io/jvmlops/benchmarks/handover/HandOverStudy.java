package io.jvmlops.benchmarks.handover;

import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.handover.HandOverProgram.Way;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.benchmarks.predict.FixtureMaker;
import io.jvmlops.benchmarks.predict.ModelKind;
import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a monitor costs the caller of a prediction, and the process. */
public final class HandOverStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String MODELS = "models";
    private static final String BATCHES = "batches";
    private static final String BUDGET = "budget";
    private static final double MOST = 1.05;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> ALL = List.of("mlp", "logistic");

    private static final List<String> JVM_FLAGS = ForkPlan.withNativeAccess(List.of("-Xms512m", "-Xmx512m"));

    @Override
    public String name() {
        return "handover";
    }

    @Override
    public String summary() {
        return "what a monitor costs the caller of a prediction, and whether it stays within its budget";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "JVMs per model, way and batch", "11", "1"),
                new StudyOption(MODELS, "what is asked: " + String.join(",", ALL), "mlp,logistic", "mlp"),
                StudyOption.of(BATCHES, "rows in a call", "1,64"),
                StudyOption.of(BUDGET, "the monitor's share of a processor, in percent", "5"));
    }

    /** What is asked, and how. */
    private record Case(Fixture fixture, String model, Way way, int batch) {
        @Override
        public String toString() {
            return model + ", batch " + batch + ", " + (way == Way.ARRAY ? "float[]" : "tensors");
        }

        /** The net has the 32 features of which a monitor's price is promised. */
        boolean isPromised() {
            return model.equals("mlp");
        }
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<String> models = context.choicesOption(MODELS, ALL);
        List<Integer> batches = context.intsOption(BATCHES, 1, Fixture.ROWS);
        double budget = context.intOption(BUDGET, 1, 100) / 100.0;
        context.forkFlags(JVM_FLAGS);
        Map<Case, List<JavaProgram.Ended>> said = new LinkedHashMap<>();
        for (String model : models) {
            Fixture fixture =
                    FixtureMaker.make(ModelKind.valueOf(model.toUpperCase(Locale.ROOT)), context.workFolder());
            for (int batch : batches) {
                for (Way way : Way.values()) {
                    said.put(new Case(fixture, model, way, batch), new ArrayList<>());
                }
            }
        }
        double warm = context.quick() ? 0.5 : 3;
        double turns = context.quick() ? 1 : 8;
        double alone = context.quick() ? 1 : 6;
        List<String> failures = new ArrayList<>();
        Progress progress = context.progress(rounds * said.size(), 2 * warm + turns + alone + 2);
        int runs = 0;
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<Case, List<JavaProgram.Ended>> each : said.entrySet()) {
                Case asked = each.getKey();
                progress.step("round " + round + " of " + rounds + ", " + asked);
                JavaProgram.Ended ended = JavaProgram.run(
                        context,
                        "handover" + ++runs,
                        LIMIT,
                        JavaProgram.command(
                                JVM_FLAGS,
                                HandOverProgram.class,
                                asked.fixture.folder(),
                                asked.batch,
                                asked.way,
                                budget,
                                warm,
                                turns,
                                alone));
                if (ended.well()) {
                    each.getValue().add(ended);
                } else {
                    failures.add(asked + " " + ended.how() + ": the log tells why");
                }
            }
        }
        said.forEach((asked, ended) -> {
            if (!ended.isEmpty()) {
                report(context, asked, ended, budget);
            }
        });
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }

    private static void report(StudyContext context, Case asked, List<JavaProgram.Ended> ended, double budget) {
        compare(context, asked, ended, "median", HandOverProgram.ON_MEDIAN, HandOverProgram.OFF_MEDIAN);
        compare(context, asked, ended, "99th percentile", HandOverProgram.ON_P99, HandOverProgram.OFF_P99);
        context.row(Row.measured(
                        asked + ": processor time of the monitor's thread",
                        "processors",
                        JavaProgram.numbers(ended, HandOverProgram.CPU))
                .withTarget(Target.oursAtMost(budget)));
        context.row(
                Row.measured(asked + ": rows profiled", "rows/s", JavaProgram.numbers(ended, HandOverProgram.TOLD)));
        context.note(asked + ": each row was profiled with probability 2^-"
                + Numbers.format(Numbers.median(JavaProgram.numbers(ended, HandOverProgram.SAMPLING))) + " at the end; "
                + Numbers.format(Numbers.median(JavaProgram.numbers(ended, HandOverProgram.LOST)))
                + " calls were lost.");
    }

    /**
     * Times of one JVM differ from those of another by more than a monitor makes them differ, so it is the ratio within each JVM
     * that has a target.
     */
    private static void compare(
            StudyContext context, Case asked, List<JavaProgram.Ended> ended, String what, String on, String off) {
        List<Double> with = JavaProgram.numbers(ended, on);
        List<Double> without = JavaProgram.numbers(ended, off);
        context.row(Row.compared(asked + ", " + what + ": with a monitor / without", "µs/call", with, without));
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < with.size(); i++) {
            ratios.add(with.get(i) / without.get(i));
        }
        Row row = Row.measured(asked + ", " + what + ": the ratio within a JVM", "", ratios);
        context.row(asked.isPromised() ? row.withTarget(Target.oursAtMost(MOST)) : row);
    }
}
