package io.jvmlops.benchmarks.predict;

import io.jvmlops.benchmarks.forks.ForkCase;
import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.forks.ForkResult;
import io.jvmlops.benchmarks.forks.InterleavedForks;
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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Time and allocation of one prediction of a logistic regression with 30 features, through our API and the ways there
 * are without it. Every contender answers the same rows, and must agree with Tribuo's own arithmetic before it is timed.
 */
public final class PredictStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String BATCHES = "batches";
    private static final String CONTENDERS = "contenders";
    private static final String TIME = "time";

    /** A fixed heap, so that its growing is not measured; DJL must not ask the network. */
    private static final List<String> JVM_FLAGS =
            ForkPlan.withNativeAccess(List.of("-Xms512m", "-Xmx512m", "-Dai.djl.offline=true"));

    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String summary() {
        return "one prediction of a small ONNX model: our API, ONNX Runtime by hand (two ways), DJL";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "forks of each contender and batch", "5", "1"),
                StudyOption.of(BATCHES, "rows in one call, between commas", "1,32,512"),
                StudyOption.of(
                        TIME, "of a call: mean, or median of single calls where the machine is not quiet", "mean"),
                StudyOption.of(CONTENDERS, "who takes part", String.join(",", ContenderKind.ids())));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<Integer> batches = context.intsOption(BATCHES, 1, Fixture.ROWS);
        List<ContenderKind> contenders = context.choicesOption(CONTENDERS, ContenderKind.ids()).stream()
                .map(ContenderKind::of)
                .sorted()
                .toList();
        ForkPlan.Timing timing = context.enumOption(TIME, ForkPlan.Timing.class);
        context.forkFlags(JVM_FLAGS);
        ForkPlan plan = context.quick()
                ? new ForkPlan(timing, rounds, 1, 1, Duration.ofMillis(300), JVM_FLAGS)
                : new ForkPlan(timing, rounds, 8, 8, Duration.ofMillis(250), JVM_FLAGS);

        Fixture fixture = Fixture.create(context.workFolder());
        List<String> failures = new ArrayList<>();
        List<ContenderKind> agreeing = agreeing(context, fixture, contenders, batches, failures);
        Map<Integer, Map<ContenderKind, ForkCase>> cases = new LinkedHashMap<>();
        List<ForkCase> order = new ArrayList<>();
        for (int batch : batches) {
            Map<ContenderKind, ForkCase> ofBatch = new LinkedHashMap<>();
            for (ContenderKind contender : agreeing) {
                ForkCase next = new ForkCase(
                        "batch " + batch + ", " + contender.title(),
                        Map.of(
                                "folder", fixture.folder().toString(),
                                "contender", contender.id(),
                                "batch", Integer.toString(batch)));
                ofBatch.put(contender, next);
                order.add(next);
            }
            cases.put(batch, ofBatch);
        }
        Progress progress = context.progress(rounds * order.size(), plan.expectedSeconds());
        InterleavedForks.Outcome outcome =
                InterleavedForks.run(PredictBenchmark.class, plan, order, progress, context.log());
        outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));

        for (Map.Entry<Integer, Map<ContenderKind, ForkCase>> batch : cases.entrySet()) {
            new Rows(
                            context,
                            outcome,
                            batch.getValue(),
                            timing.name().toLowerCase(Locale.ROOT) + " time, batch " + batch.getKey(),
                            "µs/call",
                            r -> r.nanos() / 1e3)
                    .add(PredictStudy::timeTarget);
        }
        for (Map.Entry<Integer, Map<ContenderKind, ForkCase>> batch : cases.entrySet()) {
            new Rows(context, outcome, batch.getValue(), "heap, batch " + batch.getKey(), "B/call", ForkResult::bytes)
                    .add((our, peer) -> null);
        }
        context.note("Every answer of every contender was within " + Fixture.TOLERANCE
                + " of Tribuo's own before anything was timed.");
        context.note("Medians over " + rounds + (rounds == 1 ? " fork" : " forks")
                + " of each, taking turns; the spread is over the ratios within a round.");
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }

    /**
     * The bare model is to be ahead of what people use instead; hand-written code that does without checks and leases it
     * may trail by some tenths. What stands around it has no target of its own.
     */
    private static @Nullable Target timeTarget(ContenderKind our, ContenderKind peer) {
        return our != ContenderKind.MODEL ? null : Target.ratioAtMost(peer == ContenderKind.RAW ? 1.3 : 1.0);
    }

    /** Those whose answers are right, all asked in JVMs of their own; the others are told of in {@code failures}. */
    private static List<ContenderKind> agreeing(
            StudyContext context,
            Fixture fixture,
            List<ContenderKind> contenders,
            List<Integer> batches,
            List<String> failures)
            throws IOException, InterruptedException {
        Progress progress = context.progress(contenders.size(), 2);
        List<ContenderKind> agreeing = new ArrayList<>();
        for (ContenderKind contender : contenders) {
            progress.step("compare the answers of " + contender.title());
            List<String> mismatches = mismatches(context, fixture, contender, batches);
            if (mismatches.isEmpty()) {
                agreeing.add(contender);
            } else {
                failures.add(contender.title() + ": " + String.join(", ", mismatches));
            }
        }
        return agreeing;
    }

    private static List<String> mismatches(
            StudyContext context, Fixture fixture, ContenderKind contender, List<Integer> batches)
            throws IOException, InterruptedException {
        Path answers = fixture.folder().resolve("answers-" + contender.id() + "-");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), AnswersProgram.class.getName()));
        command.addAll(List.of(fixture.folder().toString(), contender.id(), answers.toString()));
        batches.forEach(batch -> command.add(batch.toString()));
        Path output = fixture.folder().resolve("answers-" + contender.id() + ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        context.log().println("# answers of " + contender.id() + System.lineSeparator() + Files.readString(output));
        if (!ended || process.exitValue() != 0) {
            return List.of(
                    ended
                            ? "its program ended with " + process.exitValue() + ", the log tells why"
                            : "it did not answer within a minute");
        }
        List<String> mismatches = new ArrayList<>();
        for (int batch : batches) {
            mismatches.addAll(fixture.mismatches(batch, Fixture.readFloats(Path.of(answers.toString() + batch))));
        }
        return mismatches;
    }

    /**
     * The rows of one batch and one number: the first of ours against each peer, the others of ours against the strongest
     * peer. Whoever has nobody on the other side stands alone.
     */
    private record Rows(
            StudyContext context,
            InterleavedForks.Outcome outcome,
            Map<ContenderKind, ForkCase> cases,
            String what,
            String unit,
            ToDoubleFunction<ForkResult> number) {
        void add(BiFunction<ContenderKind, ContenderKind, @Nullable Target> target) {
            List<ContenderKind> measured = cases.keySet().stream()
                    .filter(c -> outcome.results().containsKey(cases.get(c)))
                    .toList();
            List<ContenderKind> ours =
                    measured.stream().filter(ContenderKind::isOurs).toList();
            List<ContenderKind> peers =
                    measured.stream().filter(c -> !c.isOurs()).toList();
            for (ContenderKind our : ours) {
                for (ContenderKind peer : our == ours.get(0) ? peers : peers.subList(0, Math.min(1, peers.size()))) {
                    context.row(new Row(
                            what + ": " + our.title() + " / " + peer.title(),
                            unit,
                            values(our),
                            values(peer),
                            target.apply(our, peer)));
                }
                if (peers.isEmpty()) {
                    context.row(Row.measured(what + ": " + our.title(), unit, values(our)));
                }
            }
            if (ours.isEmpty()) {
                for (ContenderKind peer : peers) {
                    context.row(new Row(what + ": " + peer.title(), unit, List.of(), values(peer), null));
                }
            }
        }

        private List<Double> values(ContenderKind contender) {
            return outcome.results().getOrDefault(cases.get(contender), List.of()).stream()
                    .map(number::applyAsDouble)
                    .toList();
        }
    }
}
