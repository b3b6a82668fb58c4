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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Time and allocation of one prediction, through our API and the ways there are without it: a logistic regression with 30
 * features and a net of 32-256-256-1 in ONNX, and two models in Tribuo's own form. Every contender answers the same rows,
 * and must agree with an independent arithmetic before it is timed.
 */
public final class PredictStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String MODELS = "models";
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
        return "one prediction of a small model: our API, ONNX Runtime by hand (three ways), DJL, Tribuo (two ways)";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "forks of each contender and batch", "5", "1"),
                new StudyOption(MODELS, "what is asked", String.join(",", ModelKind.ids()), "logistic"),
                new StudyOption(BATCHES, "rows in one call, between commas", "1,32,512", "32"),
                StudyOption.of(
                        TIME, "of a call: mean, or median of single calls where the machine is not quiet", "mean"),
                StudyOption.of(CONTENDERS, "who takes part", String.join(",", ContenderKind.ids())));
    }

    /** One thing to measure. */
    private record Entry(ModelKind model, int batch, ContenderKind contender) {}

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<ModelKind> models = context.choicesOption(MODELS, ModelKind.ids()).stream()
                .map(ModelKind::of)
                .sorted()
                .toList();
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

        List<String> failures = new ArrayList<>();
        Map<Entry, ForkCase> cases = new LinkedHashMap<>();
        for (ModelKind model : models) {
            Fixture fixture = FixtureMaker.make(model, context.workFolder());
            List<ContenderKind> able =
                    contenders.stream().filter(c -> c.takes(model)).toList();
            List<ContenderKind> agreeing = agreeing(context, fixture, able, batches, failures);
            for (int batch : batches) {
                for (ContenderKind contender : agreeing) {
                    cases.put(
                            new Entry(model, batch, contender),
                            new ForkCase(
                                    model.title() + ", batch " + batch + ", " + contender.title(),
                                    Map.of(
                                            "folder", fixture.folder().toString(),
                                            "contender", contender.id(),
                                            "batch", Integer.toString(batch))));
                }
            }
        }
        Progress progress = context.progress(rounds * cases.size(), plan.expectedSeconds());
        InterleavedForks.Outcome outcome = InterleavedForks.run(
                PredictBenchmark.class, plan, List.copyOf(cases.values()), progress, context.log());
        outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));

        String time = timing.name().toLowerCase(Locale.ROOT) + " time";
        for (ModelKind model : models) {
            for (int batch : batches) {
                new Rows(context, outcome, cases, model, batch, time, "µs/call", r -> r.nanos() / 1e3)
                        .add(PredictStudy::timeTarget);
            }
        }
        for (ModelKind model : models) {
            for (int batch : batches) {
                new Rows(context, outcome, cases, model, batch, "heap", "B/call", ForkResult::bytes)
                        .add(PredictStudy::heapTarget);
            }
        }
        context.note("Every answer of every contender was within " + Fixture.TOLERANCE
                + " of Tribuo's own (the net's: of plain Java in double precision) before anything was timed.");
        context.note("Medians over " + rounds + (rounds == 1 ? " fork" : " forks")
                + " of each, taking turns; the spread is over the ratios within a round.");
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }

    /** What we promise of one of ours beside a peer. */
    @FunctionalInterface
    private interface Promise {
        @Nullable
        Target of(Entry our, ContenderKind peer);
    }

    /**
     * Whole servings, with all that stands around a model, beside those who do the same without any of it: a hand-written
     * program that reuses its buffers, and checks nothing.
     */
    private static @Nullable Target timeTarget(Entry our, ContenderKind peer) {
        if (peer == ContenderKind.TRIBUO) {
            return Target.ratioAtMost(1.2);
        }
        if (our.contender == ContenderKind.RECORD) {
            return peer == ContenderKind.RAW_RECORD ? Target.ratioAtMost(1.3) : null;
        }
        if (our.contender != ContenderKind.ARRAY) {
            return null;
        }
        if (peer == ContenderKind.DJL) {
            // A larger net or batch spends its time in the runtime, which is the same.
            return our.model == ModelKind.LOGISTIC && our.batch <= 32 ? Target.ratioAtMost(0.5) : null;
        }
        return peer == ContenderKind.RAW ? Target.ratioAtMost(1.15) : null;
    }

    private static @Nullable Target heapTarget(Entry our, ContenderKind peer) {
        return our.contender == ContenderKind.ARRAY && peer == ContenderKind.RAW ? Target.beyondAtMost(200) : null;
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
            progress.step("compare the answers of " + contender.title() + " to those of the "
                    + fixture.kind().title());
            List<String> mismatches = mismatches(context, fixture, contender, batches);
            if (mismatches.isEmpty()) {
                agreeing.add(contender);
            } else {
                failures.add(fixture.kind().title() + ", " + contender.title() + ": " + String.join(", ", mismatches));
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
     * The rows of one model, one batch and one number: each of ours beside each of its peers. Whoever has nobody on the
     * other side stands alone.
     */
    private record Rows(
            StudyContext context,
            InterleavedForks.Outcome outcome,
            Map<Entry, ForkCase> cases,
            ModelKind model,
            int batch,
            String what,
            String unit,
            ToDoubleFunction<ForkResult> number) {
        void add(Promise promise) {
            List<ContenderKind> measured = List.of(ContenderKind.values()).stream()
                    .filter(c -> result(c).isPresent())
                    .toList();
            Set<ContenderKind> alone = new LinkedHashSet<>(measured);
            for (ContenderKind our : measured) {
                for (ContenderKind peer : our.peers()) {
                    if (measured.contains(peer)) {
                        alone.removeAll(List.of(our, peer));
                        context.row(new Row(
                                title() + ": " + our.title() + " / " + peer.title(),
                                unit,
                                values(our),
                                values(peer),
                                promise.of(new Entry(model, batch, our), peer)));
                    }
                }
            }
            for (ContenderKind one : alone) {
                context.row(new Row(
                        title() + ": " + one.title(),
                        unit,
                        one.isOurs() ? values(one) : List.of(),
                        one.isOurs() ? List.of() : values(one),
                        null));
            }
        }

        private String title() {
            return model.title() + ", " + what + ", batch " + batch;
        }

        private Optional<List<ForkResult>> result(ContenderKind contender) {
            return Optional.ofNullable(cases.get(new Entry(model, batch, contender)))
                    .map(outcome.results()::get);
        }

        private List<Double> values(ContenderKind contender) {
            return result(contender).orElseThrow().stream()
                    .map(number::applyAsDouble)
                    .toList();
        }
    }
}
