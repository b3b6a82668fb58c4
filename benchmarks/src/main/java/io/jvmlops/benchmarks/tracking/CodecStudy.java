package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The codec of a series' chunks beside the one that time-series databases are built on. */
public final class CodecStudy implements Study {
    private static final List<String> FLAGS = List.of("-Xmx256m");
    private static final List<String> SERIES = List.of("floats", "doubles", "decimals", "counter");

    @Override
    public String name() {
        return "codec";
    }

    @Override
    public String summary() {
        return "bytes and time of coding chunks of 4,096 points, beside Gorilla's codec";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("forks", "of each series", "5", "1"),
                new StudyOption("rounds", "of 64 chunks in each", "100", "10"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int forks = context.intOption("forks", 1, 100);
        int rounds = context.intOption("rounds", 1, 10_000);
        context.forkFlags(FLAGS);
        Programs programs = new Programs(context);
        Progress progress = context.progress(forks * SERIES.size(), 6);
        Map<String, Map<String, List<Double>>> all = new LinkedHashMap<>();
        for (int fork = 1; fork <= forks; fork++) {
            for (String series : SERIES) {
                progress.step(series + ", fork " + fork);
                Map<String, List<Double>> kept = all.computeIfAbsent(series, s -> new LinkedHashMap<>());
                programs.java(FLAGS, CodecProgram.class, series, rounds)
                        .forEach((name, numbers) -> kept.computeIfAbsent(name, n -> new ArrayList<>())
                                .addAll(numbers));
            }
        }
        all.forEach((series, numbers) -> {
            context.row(row(numbers, "bytes", series + ", size: ours / Gorilla", "B/point"));
            context.row(row(numbers, "encode", series + ", encode: ours / Gorilla", "ns/point"));
            context.row(row(numbers, "decode", series + ", decode: ours / Gorilla", "ns/point"));
        });
        context.note(
                "A noisy loss curve as floats, as doubles and rounded to 4 decimals, and a counter; stamps 1 to 5 ms"
                        + " apart. Gorilla's was written after its paper for this study, byte by byte rather than word by word.");
    }

    private static Row row(Map<String, List<Double>> numbers, String what, String label, String unit) {
        return Row.compared(
                        label,
                        unit,
                        Objects.requireNonNull(numbers.get("our_" + what)),
                        Objects.requireNonNull(numbers.get("their_" + what)))
                .withTarget(Target.ratioAtMost(1));
    }
}
