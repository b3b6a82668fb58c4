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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A hit, beside the ways to look up an answer that people write themselves. */
final class HitPart {
    private static final int KEYS = 50_000;
    private static final double MOST_TIME = 1.3;
    private static final double MOST_BYTES = 64;

    /** Entries that the cache has room for: so that it is nearly full, as caches come to be. */
    private static final long ROOM = 62_500;

    /** So many that Caffeine keeps no account of what is used, which it begins when a cache is half full. */
    private static final long WIDE = 2_500_000;

    private final StudyContext context;
    private final List<HitKind> contenders;
    private final int rounds;

    HitPart(StudyContext context, List<HitKind> contenders, int rounds) {
        this.context = context;
        this.contenders = contenders;
        this.rounds = rounds;
    }

    /** Who asks, and how. */
    private record Asked(int threads, boolean shuffled, long room) {
        String title() {
            return (room == WIDE ? "wide cache, " : "") + (shuffled ? "in random order" : "in turn") + ", " + threads
                    + (threads == 1 ? " thread" : " threads");
        }
    }

    private record Entry(Asked asked, HitKind kind) {}

    /** @return what failed */
    List<String> run() throws IOException {
        Fixture fixture = FixtureMaker.make(ModelKind.MLP, context.workFolder().resolve("hit"));
        ForkPlan plan = context.quick()
                ? new ForkPlan(ForkPlan.Timing.MEAN, rounds, 1, 1, Duration.ofMillis(300), CacheStudy.JVM_FLAGS)
                : new ForkPlan(ForkPlan.Timing.MEAN, rounds, 8, 8, Duration.ofMillis(250), CacheStudy.JVM_FLAGS);
        List<Asked> ways = context.quick()
                ? List.of(new Asked(1, false, ROOM))
                : List.of(
                        new Asked(1, false, ROOM),
                        new Asked(2, false, ROOM),
                        new Asked(1, true, ROOM),
                        new Asked(1, false, WIDE));
        Map<Entry, ForkCase> cases = new LinkedHashMap<>();
        for (Asked asked : ways) {
            for (HitKind kind : contenders) {
                cases.put(
                        new Entry(asked, kind),
                        new ForkCase(
                                "hit, " + asked.title() + ", " + kind.title(),
                                Map.of(
                                        "folder", fixture.folder().toString(),
                                        "contender", kind.id(),
                                        "keys", Integer.toString(KEYS),
                                        "shuffled", Boolean.toString(asked.shuffled),
                                        "room", Long.toString(asked.room)),
                                asked.threads));
            }
        }
        InterleavedForks.Outcome outcome = InterleavedForks.run(
                HitBenchmark.class,
                plan,
                List.copyOf(cases.values()),
                context.progress(rounds * cases.size(), plan.expectedSeconds() + 1),
                context.log());
        for (Asked asked : ways) {
            rows(asked, cases, outcome, "hit", "ns/call", ForkResult::nanos);
        }
        for (Asked asked : ways) {
            rows(asked, cases, outcome, "heap of a hit", "B/call", ForkResult::bytes);
        }
        context.note("hit: " + KEYS + " rows of " + fixture.features()
                + " floats, all known, in a cache with room for " + ROOM + " (wide: " + WIDE
                + "); every answer of every contender was" + " within " + Fixture.TOLERANCE
                + " of the model's before anything was timed.");
        List<String> failures = new ArrayList<>();
        outcome.failures().forEach((failed, why) -> failures.add(failed.label() + ": " + why));
        return failures;
    }

    private void rows(
            Asked asked,
            Map<Entry, ForkCase> cases,
            InterleavedForks.Outcome outcome,
            String what,
            String unit,
            ToDoubleFunction<ForkResult> number) {
        for (HitKind our : contenders) {
            List<ForkResult> ours = outcome.results().get(cases.get(new Entry(asked, our)));
            for (HitKind peer : contenders) {
                List<ForkResult> theirs = outcome.results().get(cases.get(new Entry(asked, peer)));
                if (our.isOurs() && !peer.isOurs() && ours != null && theirs != null) {
                    context.row(new Row(
                            what + ", " + asked.title() + ": " + our.title() + " / " + peer.title(),
                            unit,
                            ours.stream().map(number::applyAsDouble).toList(),
                            theirs.stream().map(number::applyAsDouble).toList(),
                            target(unit, asked, peer)));
                }
            }
        }
    }

    private static @Nullable Target target(String unit, Asked asked, HitKind peer) {
        if (peer != HitKind.PERFECT) {
            return null;
        }
        if (unit.startsWith("B")) {
            return Target.oursAtMost(MOST_BYTES);
        }
        return asked.shuffled || asked.room == WIDE ? null : Target.ratioAtMost(MOST_TIME);
    }
}
