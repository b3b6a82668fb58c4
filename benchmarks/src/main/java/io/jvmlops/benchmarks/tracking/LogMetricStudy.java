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

/** What a training loop pays for {@code logMetric}. */
public final class LogMetricStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx256m");

    @Override
    public String name() {
        return "logmetric";
    }

    @Override
    public String summary() {
        return "the caller's cost of logMetric, in bursts of half the buffer";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("rounds", "JVMs of each case", "5", "1"),
                new StudyOption("bursts", "that count in each JVM", "500", "20"),
                StudyOption.of("keys", "how many metrics take turns", "1,8"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption("rounds", 1, 100);
        int bursts = context.intOption("bursts", 1, 100_000);
        List<Integer> keys = context.intsOption("keys", 1, 1000);
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        Progress progress = context.progress(rounds * keys.size(), 4);
        for (int each : keys) {
            List<Double> nanos = new ArrayList<>();
            List<Double> bytes = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                progress.step(each + " metrics, round " + round);
                Map<String, List<Double>> numbers = programs.java(
                        FLAGS,
                        LogMetricProgram.class,
                        context.workFolder().resolve("log-" + each + "-" + round),
                        each,
                        context.quick() ? 20 : 300,
                        bursts);
                nanos.add(Numbers.median(Objects.requireNonNull(numbers.get("nanos"))));
                bytes.add(Numbers.median(Objects.requireNonNull(numbers.get("bytes"))));
            }
            context.row(Row.measured("caller's time, " + each + (each == 1 ? " metric" : " metrics"), "ns/point", nanos)
                    .withTarget(Target.oursAtMost(150)));
            context.row(Row.measured("caller's heap, " + each + (each == 1 ? " metric" : " metrics"), "B/point", bytes)
                    .withTarget(Target.oursAtMost(32)));
        }
        context.note("Median burst of each JVM, of 8,192 points.");
    }
}
