package io.jvmlops.benchmarks.profile;

import io.jvmlops.benchmarks.forks.ForkCase;
import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.forks.ForkResult;
import io.jvmlops.benchmarks.forks.InterleavedForks;
import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.forks.PythonPeer;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What profiling costs: a value's time and heap in blocks and single rows, the memory of tenants, the time to a verdict. */
public final class ProfileStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String PARTS = "parts";
    private static final String PYTHON = "python";
    private static final String PEER = "evidently_peer.py";
    private static final int REFERENCE_ROWS = 10_000;
    private static final int TABLE_COLUMNS = 100;
    private static final double MOST_VERDICT_MILLIS = 5;
    private static final Duration PEER_LIMIT = Duration.ofMinutes(30);
    private static final List<String> ALL = List.of("values", "tenants", "verdict");
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int COLUMNS = ProfileBenchmark.COLUMNS;
    private static final List<String> JVM_FLAGS = ForkPlan.withNativeAccess(List.of("-Xms1g", "-Xmx1g"));

    /** Of the profiler's own and JMH's, shared by a fork's calls. */
    private static final double MOST_BYTES = 0.1;

    private final List<String> failures = new ArrayList<>();
    private int programs;

    @Override
    public String name() {
        return "profile";
    }

    @Override
    public String summary() {
        return "profiles: time and heap of a value beside plain code and DataSketches, memory of tenants, time to a verdict";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "repetitions of each", "5", "1"),
                StudyOption.of(PARTS, "what is measured", String.join(",", ALL)),
                StudyOption.of(PYTHON, "a Python that has Evidently", "python3"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<String> parts = context.choicesOption(PARTS, ALL);
        context.forkFlags(JVM_FLAGS);
        if (parts.contains("values")) {
            values(context, rounds);
        }
        if (parts.contains("tenants")) {
            tenants(context, rounds);
        }
        if (parts.contains("verdict")) {
            verdict(context, rounds);
        }
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }

    /** How values come. */
    private record Shape(String title, int rows, int threads, double mostNanos) {}

    private record Entry(Shape shape, Contender contender) {}

    private void values(StudyContext context, int rounds) {
        ForkPlan plan = context.quick()
                ? new ForkPlan(ForkPlan.Timing.MEAN, rounds, 1, 1, Duration.ofMillis(300), JVM_FLAGS)
                : new ForkPlan(ForkPlan.Timing.MEAN, rounds, 8, 10, Duration.ofMillis(250), JVM_FLAGS);
        List<Shape> shapes = List.of(
                new Shape("blocks of 4,096 rows of 32, one thread", 4096, 1, 12),
                new Shape("single rows of 32, two threads", 1, 2, 40));
        Map<Entry, ForkCase> cases = new LinkedHashMap<>();
        for (Shape shape : shapes) {
            for (Contender contender : Contender.values()) {
                cases.put(
                        new Entry(shape, contender),
                        new ForkCase(
                                shape.title + ", " + contender.title(),
                                Map.of("contender", contender.id(), "rows", Integer.toString(shape.rows)),
                                shape.threads));
            }
        }
        InterleavedForks.Outcome outcome = InterleavedForks.run(
                ProfileBenchmark.class,
                plan,
                List.copyOf(cases.values()),
                context.progress(rounds * cases.size(), plan.expectedSeconds()),
                context.log());
        for (Shape shape : shapes) {
            List<ForkResult> ours = outcome.results().get(cases.get(new Entry(shape, Contender.OURS)));
            for (Contender peer : Contender.values()) {
                List<ForkResult> theirs = outcome.results().get(cases.get(new Entry(shape, peer)));
                if (peer != Contender.OURS && ours != null && theirs != null) {
                    context.row(new Row(
                            shape.title + ": ours / " + peer.title(),
                            "ns/value",
                            perValue(ours, shape),
                            perValue(theirs, shape),
                            peer == Contender.PLAIN ? Target.oursAtMost(shape.mostNanos) : null));
                }
            }
            if (ours != null) {
                context.row(Row.measured(
                                "heap of a value, " + shape.title,
                                "B/value",
                                ours.stream()
                                        .map(r -> r.bytes() / shape.rows / COLUMNS)
                                        .toList())
                        .withTarget(Target.oursAtMost(MOST_BYTES)));
            }
        }
        context.note(
                "values: ours counts distinct values too, which the target leaves apart and plain code does not do.");
        outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));
    }

    private static List<Double> perValue(List<ForkResult> results, Shape shape) {
        return results.stream().map(r -> r.nanos() / shape.rows / COLUMNS).toList();
    }

    private void tenants(StudyContext context, int rounds) throws IOException, InterruptedException {
        int tenants = context.quick() ? 200 : 10_000;
        double most = 512.0 * tenants / 10_000;
        Progress progress = context.progress(3, 10);
        for (boolean shared : new boolean[] {true, false}) {
            String what = tenants + " tenants' profilers of 20 columns, "
                    + (shared ? "one reference" : "a reference for each");
            progress.step(what);
            program(
                    context,
                    rounds,
                    TenantsProgram.class,
                    0x1p-20,
                    what,
                    "MB",
                    TenantsProgram.BYTES,
                    most,
                    tenants,
                    20,
                    2_000,
                    shared);
        }
        progress.step("bytes of a column");
        program(
                context,
                1,
                TenantsProgram.class,
                1.0 / 1000 / 32,
                "a numeric column and stripe, distinct count included",
                "B",
                TenantsProgram.BYTES,
                2048 + 256 + 64.0,
                1000,
                32,
                10_000,
                true);
    }

    private void verdict(StudyContext context, int rounds) throws IOException, InterruptedException {
        int rows = context.quick() ? 20_000 : 1_000_000;
        PythonPeer evidently =
                PythonPeer.find(context, context.option(PYTHON), "evidently").orElse(null);
        Progress progress = context.progress(rounds + 1, 200);
        progress.step("a table of " + rows + " rows");
        Path reference = context.workFolder().resolve("reference.csv");
        Path current = context.workFolder().resolve("current.csv");
        Data.write(reference, REFERENCE_ROWS, TABLE_COLUMNS, 1);
        Data.write(current, rows, TABLE_COLUMNS, 7);
        List<JavaProgram.Ended> ours = new ArrayList<>();
        List<JavaProgram.Ended> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            progress.step("verdict, round " + round + " of " + rounds);
            JavaProgram.Ended ended = JavaProgram.run(
                    context,
                    "verdict" + round,
                    LIMIT,
                    JavaProgram.command(List.of("-Xmx2g"), VerdictProgram.class, reference, current));
            if (!ended.well()) {
                failures.add("the verdict " + ended.how());
                return;
            }
            ours.add(ended);
            if (evidently != null) {
                try {
                    theirs.add(evidently.run(context, ProfileStudy.class, PEER, PEER_LIMIT, reference, current));
                } catch (IOException e) {
                    context.note("Evidently, round " + round + ": " + e.getMessage() + "; it had "
                            + PEER_LIMIT.toMinutes() + " minutes.");
                }
            }
        }
        Files.delete(current);
        String what = TABLE_COLUMNS + " columns of " + rows + " rows, ";
        context.row(new Row(
                        what + "from profile to verdict"
                                + (theirs.isEmpty() ? "" : ": ours / Evidently, from data frames"),
                        "ms",
                        JavaProgram.numbers(ours, VerdictProgram.VERDICT),
                        JavaProgram.numbers(theirs, VerdictProgram.VERDICT),
                        null)
                .withTarget(Target.oursAtMost(MOST_VERDICT_MILLIS)));
        context.row(new Row(
                what + "from CSV to profile" + (theirs.isEmpty() ? "" : ": ours / pandas, to a data frame"),
                "s",
                JavaProgram.numbers(ours, VerdictProgram.PROFILING),
                JavaProgram.numbers(theirs, VerdictProgram.PROFILING),
                null));
        if (evidently != null && !theirs.isEmpty()) {
            context.note("Evidently " + evidently.version() + " with the preset DataDriftPreset; columns that drifted: "
                    + JavaProgram.numbers(theirs, VerdictProgram.DRIFTED) + ", ours "
                    + JavaProgram.numbers(ours, VerdictProgram.DRIFTED)
                    + ". The reference has " + REFERENCE_ROWS + " rows, of the same law.");
        }
    }

    private void program(
            StudyContext context,
            int rounds,
            Class<?> main,
            double factor,
            String what,
            String unit,
            String number,
            @Nullable Double most,
            Object... arguments)
            throws IOException, InterruptedException {
        List<Double> numbers = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            JavaProgram.Ended ended = JavaProgram.run(
                    context,
                    main.getSimpleName() + ++programs,
                    LIMIT,
                    JavaProgram.command(List.of("-Xmx2g"), main, arguments));
            if (ended.well() && ended.last(number).isPresent()) {
                numbers.add(ended.last(number).get() * factor);
            } else {
                failures.add(what + ": it " + ended.how());
                return;
            }
        }
        Row row = Row.measured(what, unit, numbers);
        context.row(most == null ? row : row.withTarget(Target.oursAtMost(most)));
    }
}
