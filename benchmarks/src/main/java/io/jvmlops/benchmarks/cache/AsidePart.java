package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.forks.ForkCase;
import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.forks.ForkResult;
import io.jvmlops.benchmarks.forks.InterleavedForks;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.benchmarks.predict.FixtureMaker;
import io.jvmlops.benchmarks.predict.ModelKind;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model that answers about as fast as a cache does. */
final class AsidePart {
    private static final double LEAST = 0.95;
    private static final List<Integer> REPEATING = List.of(0, 1_000);

    private final StudyContext context;
    private final int rounds;

    AsidePart(StudyContext context, int rounds) {
        this.context = context;
        this.rounds = rounds;
    }

    private record Entry(int repeating, boolean cached) {
        String rows() {
            return repeating == 0 ? "no row twice" : repeating + " rows in turn";
        }
    }

    /** @return what failed */
    List<String> run() throws IOException {
        Fixture fixture =
                FixtureMaker.make(ModelKind.TRIBUO, context.workFolder().resolve("aside"));
        ForkPlan plan = context.quick()
                ? new ForkPlan(ForkPlan.Timing.MEAN, rounds, 1, 1, Duration.ofMillis(300), CacheStudy.JVM_FLAGS)
                : new ForkPlan(ForkPlan.Timing.MEAN, rounds, 8, 8, Duration.ofMillis(250), CacheStudy.JVM_FLAGS);
        Map<Entry, ForkCase> cases = new LinkedHashMap<>();
        for (int repeating : REPEATING) {
            for (boolean cached : List.of(true, false)) {
                Entry entry = new Entry(repeating, cached);
                cases.put(
                        entry,
                        new ForkCase(
                                "aside, " + entry.rows() + (cached ? ", with the cache" : ", without"),
                                Map.of(
                                        "folder", fixture.folder().toString(),
                                        "cached", Boolean.toString(cached),
                                        "repeating", Integer.toString(repeating))));
            }
        }
        InterleavedForks.Outcome outcome = InterleavedForks.run(
                AsideBenchmark.class,
                plan,
                List.copyOf(cases.values()),
                context.progress(rounds * cases.size(), plan.expectedSeconds()),
                context.log());
        for (int repeating : REPEATING) {
            Entry with = new Entry(repeating, true);
            List<ForkResult> ours = outcome.results().get(cases.get(with));
            List<ForkResult> bare = outcome.results().get(cases.get(new Entry(repeating, false)));
            if (ours != null && bare != null) {
                context.row(Row.compared(
                                "Tribuo, logistic regression, " + with.rows() + ": with the cache / without",
                                "calls/s",
                                perSecond(ours),
                                perSecond(bare))
                        .withTarget(Target.ratioAtLeast(LEAST)));
                Path status = fixture.folder().resolve(AsideBenchmark.STATUS + repeating);
                context.note("aside, " + with.rows() + ", what the cache said at the end of the last fork: "
                        + Files.readString(status));
            }
        }
        List<String> failures = new ArrayList<>();
        outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));
        return failures;
    }

    private static List<Double> perSecond(List<ForkResult> results) {
        return results.stream().map(result -> 1e9 / result.nanos()).toList();
    }
}
