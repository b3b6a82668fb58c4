package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.monitoring.DriftPolicy;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.time.Instant;
import java.util.Arrays;

/** Prints how long the verdict on columns takes once their rows are counted, the median of many, in milliseconds. */
final class VerdictProgram {
    static final String VERDICT = "verdict";
    static final String COUNTING = "counting";
    private static final int CHUNK = 10_000;
    private static final int TIMES = 200;

    private VerdictProgram() {}

    /** Arguments: rows, columns. */
    public static void main(String[] args) {
        int rows = Integer.parseInt(args[0]);
        int columns = Integer.parseInt(args[1]);
        ReferenceProfile reference = Data.reference(CHUNK, columns);
        WindowProfiler profiler = reference.profiler();
        long counting = 0;
        for (int row = 0; row < rows; row += CHUNK) {
            var call = Data.tensors(Data.rows(Math.min(CHUNK, rows - row), columns, 7 + row), columns);
            long start = System.nanoTime();
            profiler.add(call, null, 0);
            counting += System.nanoTime() - start;
        }
        WindowProfile window = profiler.profile();
        DriftPolicy policy = DriftPolicy.ofDefaults();
        double[] millis = new double[TIMES];
        for (int i = 0; i < TIMES; i++) {
            long start = System.nanoTime();
            DriftReport report = policy.compare("m", Instant.EPOCH, reference, window);
            millis[i] = (System.nanoTime() - start) / 1e6;
            if (report.columns().size() != columns) {
                throw new IllegalStateException(report.columns().size() + " columns");
            }
        }
        Arrays.sort(millis);
        System.out.println(COUNTING + " " + counting / 1e6);
        System.out.println(VERDICT + " " + millis[TIMES / 2]);
    }
}
