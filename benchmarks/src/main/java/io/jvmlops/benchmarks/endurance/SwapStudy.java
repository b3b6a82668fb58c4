package io.jvmlops.benchmarks.endurance;

import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Models that take each other's place under four callers: whether the process lives, whether a call fails or is answered by a
 * version that was not live during it, and what becomes of its memory. Our serving, and what people write around ONNX Runtime
 * and DJL.
 */
public final class SwapStudy implements Study {
    enum Who {
        OURS("our serving"),
        RAW("ONNX Runtime, old session closed"),
        LEAKING("ONNX Runtime, old session left open"),
        DJL("DJL, old model closed");

        private final String title;

        Who(String title) {
            this.title = title;
        }

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String name() {
        return "swap";
    }

    @Override
    public String summary() {
        return "models swapped under four callers: crashes, failed calls, answers of the wrong version, memory";
    }

    @Override
    public List<StudyOption> options() {
        String all = String.join(",", Arrays.stream(Who.values()).map(Who::id).toList());
        return List.of(
                new StudyOption("swaps", "how often", "1000", "100"),
                StudyOption.of("contenders", "who takes part", all));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int swaps = context.intOption("swaps", 2, 1_000_000);
        List<String> contenders = context.choicesOption(
                "contenders", Arrays.stream(Who.values()).map(Who::id).toList());
        // The heap is all there from the start, so that what grows is native.
        List<String> flags = List.of(
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-Dai.djl.offline=true",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + context.workFolder().resolve("hs_err_%p.log"));
        context.forkFlags(flags);
        Progress progress = context.progress(contenders.size(), swaps * 0.02);
        boolean oursWell = true;
        for (String contender : contenders) {
            Who who = Who.valueOf(contender.toUpperCase(Locale.ROOT));
            progress.step(who.title);
            JavaProgram.Ended ended = JavaProgram.run(
                    context,
                    "swap-" + who.id(),
                    Duration.ofMinutes(30),
                    JavaProgram.command(
                            flags,
                            SwapProgram.class,
                            who.id(),
                            context.workFolder().resolve(who.id()),
                            swaps));
            rows(context, who, ended, swaps);
            oursWell &= who != Who.OURS || ended.well();
        }
        context.note("Four callers, a network of 32-256-256-1 whose answer is its version's number; " + swaps
                + " swaps, 2 ms of calls between two.");
        if (!oursWell) {
            throw new IOException("our process did not end well; the log tells how");
        }
    }

    private static void rows(StudyContext context, Who who, JavaProgram.Ended ended, int swaps) {
        row(context, who, "swaps survived", "swaps", ended.last("swaps").orElse(0.0), Target.oursAtLeast(swaps));
        // Of a process that died, what it said last is not what became of its calls.
        if (ended.well()) {
            row(context, who, "failed calls", "calls", ended.last("failed").orElse(0.0), Target.oursAtMost(0));
            row(
                    context,
                    who,
                    "answers of a version not live",
                    "calls",
                    ended.last("wrong").orElse(0.0),
                    Target.oursAtMost(0));
        }
        if (ended.last("base").isPresent() && ended.last("end").isPresent()) {
            double growth = ended.last("end").get() / ended.last("base").get();
            row(context, who, "resident memory at the end / at swap 50", "ratio", growth, Target.oursAtMost(1.2));
        }
        context.note(who.title + ": " + ended.how() + " after "
                + ended.last("calls").orElse(0.0).longValue() + " calls"
                + (ended.last("base").isEmpty()
                        ? ""
                        : ", " + ended.last("base").get().longValue() + " MB at swap 50")
                + (ended.last("end").isEmpty()
                        ? "."
                        : ", " + ended.last("end").get().longValue() + " MB at the end."));
    }

    private static void row(StudyContext context, Who who, String what, String unit, double value, Target target) {
        String title = what + ": " + who.title;
        context.row(
                who == Who.OURS
                        ? Row.measured(title, unit, List.of(value)).withTarget(target)
                        : new Row(title, unit, List.of(), List.of(value), null));
    }
}
