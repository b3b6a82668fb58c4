package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.DriftPolicy;
import io.jvmlops.monitoring.profile.CsvProfiler;
import io.jvmlops.monitoring.profile.Profiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/** Prints how long a table's profile takes, and the verdict on it once it is there: the median of many. */
final class VerdictProgram {
    /** Seconds from the file to its profile. */
    static final String PROFILING = "profiling";

    /** Milliseconds from profiles to the report. */
    static final String VERDICT = "verdict";

    static final String DRIFTED = "drifted";
    private static final int TIMES = 200;

    private VerdictProgram() {}

    /** Arguments: the reference's file, the current one. */
    public static void main(String[] args) {
        Profile reference = Profiles.asReference(CsvProfiler.ofDefaults().profile(Path.of(args[0])));
        long began = System.nanoTime();
        Profile current = CsvProfiler.builder().like(reference).build().profile(Path.of(args[1]));
        double profiling = (System.nanoTime() - began) / 1e9;
        DriftPolicy policy = DriftPolicy.ofDefaults();
        double[] millis = new double[TIMES];
        int drifted = 0;
        for (int i = 0; i < TIMES; i++) {
            long start = System.nanoTime();
            DriftReport report = policy.compare("m", Instant.EPOCH, reference, current);
            millis[i] = (System.nanoTime() - start) / 1e6;
            drifted = report.drifted(ColumnDrift.Kind.INPUT).size();
        }
        Arrays.sort(millis);
        System.out.println(PROFILING + " " + profiling);
        System.out.println(VERDICT + " " + millis[TIMES / 2]);
        System.out.println(DRIFTED + " " + drifted);
    }
}
