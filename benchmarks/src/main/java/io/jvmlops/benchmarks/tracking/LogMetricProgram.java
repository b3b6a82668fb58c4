package io.jvmlops.benchmarks.tracking;

import com.sun.management.ThreadMXBean;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.Tracking;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** What the caller of logMetric pays, in bursts of half the buffer, each followed by a flush that is not counted. */
final class LogMetricProgram {
    private static final int BURST = Tracking.DEFAULT_METRIC_BUFFER / 2;

    private LogMetricProgram() {}

    /** Arguments: folder, how many keys take turns, bursts that do not count, bursts that do. */
    public static void main(String[] args) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        String[] keys = new String[Integer.parseInt(args[1])];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "metric " + i;
        }
        int warmups = Integer.parseInt(args[2]);
        int bursts = Integer.parseInt(args[3]);
        double[] values = Curve.first(BURST, 1, Curve.Values.DOUBLES);
        try (Tracking tracking = Tracking.open(Path.of(args[0]));
                Run run = tracking.experiment("caller").startRun("bursts")) {
            long step = 0;
            for (int burst = 0; burst < warmups + bursts; burst++) {
                long bytes = threads.getCurrentThreadAllocatedBytes();
                long start = System.nanoTime();
                for (int i = 0; i < BURST; i++) {
                    run.logMetric(keys[i % keys.length], values[i], step++);
                }
                long nanos = System.nanoTime() - start;
                bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
                if (burst >= warmups) {
                    System.out.println("nanos " + (double) nanos / BURST);
                    System.out.println("bytes " + (double) bytes / BURST);
                }
                run.flush();
            }
            run.complete();
        }
    }
}
