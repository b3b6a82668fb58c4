package io.jvmlops.benchmarks.calibration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Trials with seeds of their own, on several threads; what they give does not depend on the threads. */
final class Replicates {
    private final ExecutorService executor;
    private final int tasks;

    Replicates(ExecutorService executor, int tasks) {
        this.executor = executor;
        this.tasks = tasks;
    }

    /** How many of the trials said yes, question by question; {@code what} seeds them. */
    int[] count(String what, int trials, int questions, Function<Draws, boolean[]> trial) throws InterruptedException {
        List<Callable<int[]>> parts = new ArrayList<>();
        for (int t = 0; t < tasks; t++) {
            int first = t;
            parts.add(() -> {
                int[] yes = new int[questions];
                for (int i = first; i < trials; i += tasks) {
                    boolean[] answers =
                            trial.apply(new Draws(20_260_101L + 1_000_003L * i + ((long) what.hashCode() << 32)));
                    for (int q = 0; q < questions; q++) {
                        yes[q] += answers[q] ? 1 : 0;
                    }
                }
                return yes;
            });
        }
        int[] sum = new int[questions];
        for (Future<int[]> part : executor.invokeAll(parts)) {
            try {
                int[] yes = part.get();
                for (int q = 0; q < questions; q++) {
                    sum[q] += yes[q];
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("a trial failed", e.getCause());
            }
        }
        return sum;
    }

    /** Wilson's 95 % interval of a share, in percent, like {@code 4.3-5.7}. */
    static String interval(int yes, int trials) {
        double z = 1.959964;
        double p = (double) yes / trials;
        double middle = (p + z * z / (2 * trials)) / (1 + z * z / trials);
        double half = z * Math.sqrt(p * (1 - p) / trials + z * z / (4.0 * trials * trials)) / (1 + z * z / trials);
        return String.format(Locale.ROOT, "%.1f-%.1f", 100 * Math.max(0, middle - half), 100 * (middle + half));
    }
}
