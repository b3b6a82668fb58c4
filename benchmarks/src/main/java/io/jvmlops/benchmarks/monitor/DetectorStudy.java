package io.jvmlops.benchmarks.monitor;

import io.jvmlops.benchmarks.forks.ForkCase;
import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.forks.ForkResult;
import io.jvmlops.benchmarks.forks.InterleavedForks;
import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.forks.PythonPeer;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import io.jvmlops.monitoring.detector.ChangeDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one more value costs each change detector, in time and heap, beside River in Python. */
public final class DetectorStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String DETECTORS = "detectors";
    private static final String PYTHON = "python";
    private static final String PEER = "detector_peer.py";
    private static final double MOST_TIME_OF_ADWIN = 60;

    /** Of the profiler's own and JMH's, shared by a fork's calls. */
    private static final double MOST_BYTES = 0.1;

    private static final List<String> JVM_FLAGS = ForkPlan.withNativeAccess(List.of("-Xms256m", "-Xmx256m"));
    private static final List<String> ALL =
            List.of(DetectorKind.values()).stream().map(DetectorKind::id).toList();

    @Override
    public String name() {
        return "detectors";
    }

    @Override
    public String summary() {
        return "change detectors: time and heap of an update, beside River";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "repetitions of each", "5", "1"),
                StudyOption.of(DETECTORS, "which are measured", String.join(",", ALL)),
                StudyOption.of(PYTHON, "a Python that has River", "python3"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<DetectorKind> kinds = context.choicesOption(DETECTORS, ALL).stream()
                .map(DetectorKind::of)
                .toList();
        ForkPlan plan = context.quick()
                ? new ForkPlan(ForkPlan.Timing.MEAN, rounds, 1, 1, Duration.ofMillis(200), JVM_FLAGS)
                : new ForkPlan(ForkPlan.Timing.MEAN, rounds, 6, 10, Duration.ofMillis(250), JVM_FLAGS);
        context.forkFlags(JVM_FLAGS);
        Map<DetectorKind, ForkCase> cases = new LinkedHashMap<>();
        kinds.forEach(kind -> cases.put(kind, new ForkCase(kind.id(), Map.of("detector", kind.id()))));
        InterleavedForks.Outcome outcome = InterleavedForks.run(
                DetectorBenchmark.class,
                plan,
                List.copyOf(cases.values()),
                context.progress(rounds * cases.size(), plan.expectedSeconds()),
                context.log());
        Map<DetectorKind, List<Double>> river = river(context, kinds, rounds);
        for (DetectorKind kind : kinds) {
            List<ForkResult> ours = outcome.results().get(cases.get(kind));
            if (ours != null) {
                List<Double> theirs = river.getOrDefault(kind, List.of());
                context.row(new Row(
                        "update " + kind.id() + (theirs.isEmpty() ? "" : ": ours / River"),
                        "ns/value",
                        ours.stream().map(ForkResult::nanos).toList(),
                        theirs,
                        kind == DetectorKind.ADWIN ? Target.oursAtMost(MOST_TIME_OF_ADWIN) : null));
            }
        }
        for (DetectorKind kind : kinds) {
            List<ForkResult> ours = outcome.results().get(cases.get(kind));
            if (ours != null) {
                context.row(Row.measured(
                                "heap of an update " + kind.id(),
                                "B/value",
                                ours.stream().map(ForkResult::bytes).toList())
                        .withTarget(Target.oursAtMost(MOST_BYTES)));
            }
        }
        if (!outcome.failures().isEmpty()) {
            List<String> failures = new ArrayList<>();
            outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));
            throw new IllegalStateException(String.join("; ", failures));
        }
    }

    /** River's nanoseconds, a repetition each; where River is missing, none. */
    private static Map<DetectorKind, List<Double>> river(StudyContext context, List<DetectorKind> kinds, int rounds)
            throws IOException, InterruptedException {
        Map<DetectorKind, List<Double>> all = new LinkedHashMap<>();
        PythonPeer river =
                PythonPeer.find(context, context.option(PYTHON), "river").orElse(null);
        if (river == null) {
            return all;
        }
        context.note("River " + river.version() + ", a loop over a list in Python, which is some 10 ns of each of its"
                + " values; both told of as many drifts in the same streams, but KSWIN, whose samples are random.");
        for (DetectorKind kind : kinds) {
            if (kind.riverValues() == 0) {
                continue;
            }
            int values = context.quick() ? Math.min(20_000, kind.riverValues()) : kind.riverValues();
            List<Double> nanos = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                JavaProgram.Ended ended =
                        river.run(context, DetectorStudy.class, PEER, Duration.ofMinutes(2), kind.id(), values);
                nanos.add(ended.last("nanos").orElseThrow(() -> new IOException("River said no time")));
                double drifts = ended.last("drifts").orElseThrow(() -> new IOException("River counted no drifts"));
                if (kind != DetectorKind.KSWIN && drifts != drifts(kind, values)) {
                    throw new IllegalStateException(kind.id() + ": River found " + drifts + " drifts in " + values
                            + " values, ours " + drifts(kind, values));
                }
            }
            all.put(kind, nanos);
        }
        return all;
    }

    private static double drifts(DetectorKind kind, int values) {
        ChangeDetector detector = kind.open();
        for (double value : kind.stream(values)) {
            detector.update(value);
        }
        return detector.drifts();
    }
}
