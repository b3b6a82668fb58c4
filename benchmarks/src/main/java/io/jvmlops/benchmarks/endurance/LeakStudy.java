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
import java.util.List;

/** Whether loading, closing and asking leave memory as it was: native and heap, after a tenth and at the end. */
public final class LeakStudy implements Study {
    @Override
    public String name() {
        return "leak";
    }

    @Override
    public String summary() {
        return "memory after many loads and closes, and after many predictions";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("loads", "how often a model is loaded, asked and closed", "10000", "200"),
                new StudyOption("calls", "how often one is asked", "10000000", "100000"));
    }

    @Override
    public void run(StudyContext context) throws IOException, InterruptedException {
        int loads = context.intOption("loads", 10, 10_000_000);
        int calls = context.intOption("calls", 10, 1_000_000_000);
        List<String> flags = List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch");
        context.forkFlags(flags);
        Progress progress = context.progress(1, loads * 0.002 + calls * 2e-5);
        progress.step("load, ask and close");
        JavaProgram.Ended ended = JavaProgram.run(
                context, "leak", Duration.ofHours(2), JavaProgram.command(flags, LeakProgram.class, loads, calls));
        if (!ended.well()) {
            throw new IOException("the process " + ended.how());
        }
        row(context, ended, "resident memory, " + loads + " loads / a tenth of them", "loads-end", "loads-base");
        row(context, ended, "resident memory, " + calls + " calls / a tenth of them", "calls-end", "calls-base");
        row(context, ended, "heap in use, " + loads + " loads / a tenth of them", "loads-end-heap", "loads-base-heap");
        row(context, ended, "heap in use, " + calls + " calls / a tenth of them", "calls-end-heap", "calls-base-heap");
    }

    private static void row(StudyContext context, JavaProgram.Ended ended, String what, String end, String base)
            throws IOException {
        double now = ended.last(end).orElseThrow(() -> new IOException("no " + end));
        double before = ended.last(base).orElseThrow(() -> new IOException("no " + base));
        context.row(Row.compared(what, "MB", List.of(now), List.of(before)).withTarget(Target.ratioAtMost(1.05)));
    }
}
