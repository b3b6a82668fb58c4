package io.jvmlops.benchmarks.forks;

import io.jvmlops.benchmarks.report.Numbers;
import io.jvmlops.benchmarks.study.Progress;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs a JMH benchmark for several cases, one fork at a time: a first of each, then a second of each, and so on. JMH
 * alone would finish one case before the next, and a minute of noise would fall on one of them. Every other round runs
 * backwards, so that nobody is always the first. Within a fork the median iteration counts, not the mean: whoever else
 * gets the processor for a moment should cost an iteration, not the result.
 */
public final class InterleavedForks {
    private static final String BYTES_PER_CALL = "gc.alloc.rate.norm";

    private InterleavedForks() {}

    /**
     * Measures. A case that fails is not run again; the others go on.
     *
     * @param benchmark has one benchmark method
     * @param cases in the order in which they should stand next to each other in time
     * @param progress gets as many steps as there are rounds times cases
     */
    public static Outcome run(
            Class<?> benchmark, ForkPlan plan, List<ForkCase> cases, Progress progress, PrintStream log) {
        OutputFormat format = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
        Map<ForkCase, List<ForkResult>> results = new LinkedHashMap<>();
        Map<ForkCase, String> failures = new LinkedHashMap<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            List<ForkCase> order = new ArrayList<>(cases);
            if (round % 2 == 0) {
                Collections.reverse(order);
            }
            for (ForkCase next : order) {
                progress.step("round " + round + " of " + plan.rounds() + ", " + next.label());
                if (failures.containsKey(next)) {
                    continue;
                }
                try {
                    results.computeIfAbsent(next, c -> new ArrayList<>()).add(fork(benchmark, plan, next, format));
                } catch (RunnerException e) {
                    e.printStackTrace(log);
                    results.remove(next);
                    failures.put(next, rootMessage(e));
                }
            }
        }
        return new Outcome(results, failures);
    }

    private static ForkResult fork(Class<?> benchmark, ForkPlan plan, ForkCase next, OutputFormat format)
            throws RunnerException {
        TimeValue length = TimeValue.milliseconds(plan.iteration().toMillis());
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\.")
                .mode(plan.timing() == ForkPlan.Timing.MEAN ? Mode.AverageTime : Mode.SampleTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .threads(next.threads())
                .warmupIterations(plan.warmups())
                .warmupTime(length)
                .measurementIterations(plan.measurements())
                .measurementTime(length)
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class)
                .jvmArgs(plan.jvmFlags().toArray(String[]::new));
        next.parameters().forEach(options::param);
        Collection<RunResult> all = new Runner(options.build(), format).run();
        if (all.size() != 1) {
            throw new RunnerException(
                    "expected one benchmark method in " + benchmark.getName() + ", found " + all.size());
        }
        List<Double> nanos = new ArrayList<>();
        List<Double> bytes = new ArrayList<>();
        for (IterationResult iteration :
                all.iterator().next().getAggregatedResult().getIterationResults()) {
            Result<?> times = iteration.getPrimaryResult();
            nanos.add(
                    plan.timing() == ForkPlan.Timing.MEAN
                            ? times.getScore()
                            : times.getStatistics().getPercentile(50));
            Result<?> allocated = iteration.getSecondaryResults().get(BYTES_PER_CALL);
            if (allocated == null) {
                throw new RunnerException("JMH's profiler gave no '" + BYTES_PER_CALL + "', only "
                        + iteration.getSecondaryResults().keySet());
            }
            bytes.add(allocated.getScore());
        }
        return new ForkResult(Numbers.median(nanos), Numbers.median(bytes));
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        // JMH gathers what happened in the fork as suppressed exceptions.
        while (root.getCause() != null || root.getSuppressed().length > 0) {
            root = root.getCause() != null ? root.getCause() : root.getSuppressed()[0];
        }
        return String.valueOf(root.getMessage());
    }

    /**
     * @param results one per round, in the order of the rounds, of each case that never failed
     * @param failures why the others failed
     */
    public record Outcome(Map<ForkCase, List<ForkResult>> results, Map<ForkCase, String> failures) {
        public Outcome {
            results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
            failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
        }
    }
}
