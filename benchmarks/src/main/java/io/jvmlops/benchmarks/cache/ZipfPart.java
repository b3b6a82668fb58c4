package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.benchmarks.predict.FixtureMaker;
import io.jvmlops.benchmarks.predict.ModelKind;
import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Callers who ask for few rows often, over the net in ONNX. */
final class ZipfPart {
    private static final int KEYS = 100_000;
    private static final int CAPACITY = 50_000;
    private static final int CALLERS = 64;
    private static final double LEAST = 3;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final StudyContext context;
    private final int rounds;

    ZipfPart(StudyContext context, int rounds) {
        this.context = context;
        this.rounds = rounds;
    }

    /** @return what failed */
    List<String> run() throws IOException, InterruptedException {
        Fixture fixture = FixtureMaker.make(ModelKind.MLP, context.workFolder().resolve("zipf"));
        double warm = context.quick() ? 2 : 5;
        double measured = context.quick() ? 2 : 10;
        List<Programs.Said> with = new ArrayList<>();
        List<Programs.Said> without = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        Programs programs = new Programs(context);
        Progress progress = context.progress(2 * rounds, warm + measured + 2);
        for (int round = 1; round <= rounds; round++) {
            for (int capacity : Programs.turn(List.of(CAPACITY, 0), round)) {
                String who = capacity > 0 ? "with the cache" : "without";
                progress.step("zipf, round " + round + " of " + rounds + ", " + who);
                programs.run(
                                LIMIT,
                                CacheStudy.JVM_FLAGS,
                                ZipfProgram.class,
                                fixture.folder(),
                                KEYS,
                                capacity,
                                CALLERS,
                                warm,
                                measured)
                        .ifPresentOrElse(
                                (capacity > 0 ? with : without)::add,
                                () -> failures.add("zipf, " + who + ": the log tells why"));
            }
        }
        if (with.isEmpty() || without.isEmpty()) {
            return failures;
        }
        context.row(Row.compared(
                        "Zipf(1.0) over " + KEYS + " rows, " + CALLERS + " callers, MLP: with a cache of " + CAPACITY
                                + " / without",
                        "calls/s",
                        Programs.numbers(with, ZipfProgram.CALLS),
                        Programs.numbers(without, ZipfProgram.CALLS))
                .withTarget(Target.ratioAtLeast(LEAST)));
        context.row(Row.compared(
                "processor time of a call, with / without",
                "µs/call",
                Programs.numbers(with, ZipfProgram.CPU),
                Programs.numbers(without, ZipfProgram.CPU)));
        List<Double> asked = with.stream()
                .map(said -> 100 * said.number(ZipfProgram.ASKED) / said.number(ZipfProgram.TOTAL))
                .toList();
        context.row(Row.measured("calls that reached the model", "%", asked));
        context.note("zipf: of " + Numbers.format(Numbers.median(Programs.numbers(with, ZipfProgram.TOTAL)))
                + " calls in " + Numbers.format(measured) + " s with the cache, "
                + Numbers.format(Numbers.median(Programs.numbers(with, ZipfProgram.ASKED)))
                + " reached the model. Every 1024th answer was checked. What the cache said at the end: "
                + with.get(with.size() - 1).text(ZipfProgram.STATUS) + ".");
        return failures;
    }
}
