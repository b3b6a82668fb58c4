package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows that {@link java.util.Arrays#hashCode(float[])} cannot tell apart. */
final class RowsPart {
    private static final int QUICK_DRAWS = 100_000;
    private static final double MOST_TIME = 0.25;
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final StudyContext context;
    private final int rounds;

    RowsPart(StudyContext context, int rounds) {
        this.context = context;
        this.rounds = rounds;
    }

    /** @return what failed */
    List<String> run() throws IOException, InterruptedException {
        int draws = context.quick() ? QUICK_DRAWS : SmallIntegers.DRAWS;
        Map<RowsProgram.Contender, List<Programs.Said>> said = new EnumMap<>(RowsProgram.Contender.class);
        List<String> failures = new ArrayList<>();
        Programs programs = new Programs(context);
        List<RowsProgram.Contender> all = List.of(RowsProgram.Contender.values());
        Progress progress = context.progress(rounds * all.size(), context.quick() ? 2 : 8);
        for (int round = 1; round <= rounds; round++) {
            for (RowsProgram.Contender contender : Programs.turn(all, round)) {
                progress.step("rows, round " + round + " of " + rounds + ", " + contender.title());
                programs.run(
                                LIMIT,
                                CacheStudy.JVM_FLAGS,
                                RowsProgram.class,
                                contender.name().toLowerCase(Locale.ROOT),
                                draws)
                        .ifPresentOrElse(
                                numbers -> said.computeIfAbsent(contender, c -> new ArrayList<>())
                                        .add(numbers),
                                () -> failures.add("rows, " + contender.title() + ": the log tells why"));
            }
        }
        List<Programs.Said> ours = said.get(RowsProgram.Contender.OURS);
        if (ours == null) {
            return failures;
        }
        long rows = (long) ours.get(0).number(RowsProgram.DISTINCT);
        for (RowsProgram.Contender peer : all) {
            List<Programs.Said> theirs = said.get(peer);
            if (peer == RowsProgram.Contender.OURS || theirs == null) {
                continue;
            }
            String beside = ": ours / " + peer.title();
            Row both = Row.compared(
                    rows + " rows of small integers, put and looked up" + beside,
                    "ns/row",
                    Programs.numbers(ours, RowsProgram.FIRST, RowsProgram.AGAIN),
                    Programs.numbers(theirs, RowsProgram.FIRST, RowsProgram.AGAIN));
            context.row(
                    peer == RowsProgram.Contender.HASH_CODE ? both.withTarget(Target.ratioAtMost(MOST_TIME)) : both);
            context.row(Row.compared(
                    "asked for the first time" + beside,
                    "ns/row",
                    Programs.numbers(ours, RowsProgram.FIRST),
                    Programs.numbers(theirs, RowsProgram.FIRST)));
            context.row(Row.compared(
                    "asked again" + beside,
                    "ns/row",
                    Programs.numbers(ours, RowsProgram.AGAIN),
                    Programs.numbers(theirs, RowsProgram.AGAIN)));
        }
        context.note(
                "rows: Arrays.hashCode gives " + (long) ours.get(0).number(RowsProgram.HASHES) + " numbers for the "
                        + rows + " rows. The first time a model is asked that adds the row up, the same for all.");
        return failures;
    }
}
