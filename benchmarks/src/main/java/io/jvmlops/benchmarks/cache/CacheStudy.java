package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.forks.ForkPlan;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the prediction cache costs and saves: a hit beside other ways to look an answer up, rows whose hashes are twins, traffic in
 * which few inputs are popular, and a model so quick that no cache can win.
 */
public final class CacheStudy implements Study {
    private static final String ROUNDS = "rounds";
    private static final String PARTS = "parts";
    private static final String CONTENDERS = "contenders";
    private static final List<String> ALL = List.of("hit", "rows", "zipf", "aside");

    /**
     * A fixed heap whose pages are there, as in a program that has run for a while: else whoever allocates is measured with the
     * kernel's handing out of new pages, a quarter of the time of a hit that returns an array.
     */
    static final List<String> JVM_FLAGS = ForkPlan.withNativeAccess(List.of("-Xms2g", "-Xmx2g", "-XX:+AlwaysPreTouch"));

    @Override
    public String name() {
        return "cache";
    }

    @Override
    public String summary() {
        return "the prediction cache: hits beside Caffeine and Spring's @Cacheable, hash twins, Zipf traffic, a quick model";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption(ROUNDS, "repetitions of each contender, of aside twice as many", "5", "1"),
                StudyOption.of(PARTS, "what is measured", String.join(",", ALL)),
                StudyOption.of(CONTENDERS, "of hit", String.join(",", HitKind.ids())));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int rounds = context.intOption(ROUNDS, 1, 100);
        List<String> parts = context.choicesOption(PARTS, ALL);
        List<HitKind> contenders = context.choicesOption(CONTENDERS, HitKind.ids()).stream()
                .map(HitKind::of)
                .toList();
        context.forkFlags(JVM_FLAGS);
        List<String> failures = new ArrayList<>();
        if (parts.contains("hit")) {
            failures.addAll(new HitPart(context, contenders, rounds).run());
        }
        if (parts.contains("rows")) {
            failures.addAll(new RowsPart(context, rounds).run());
        }
        if (parts.contains("zipf")) {
            failures.addAll(new ZipfPart(context, rounds).run());
        }
        if (parts.contains("aside")) {
            failures.addAll(new AsidePart(context, context.quick() ? rounds : 2 * rounds).run());
        }
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }
}
