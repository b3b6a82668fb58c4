package io.jvmlops.benchmarks.tracking;

import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One long series: filled, and then asked for as a chart, from the pyramid or by reading all of it. */
final class HistoryProgram {
    private HistoryProgram() {}

    /** Arguments: folder, then fill and points, or buckets, how many and calls, or scan, how many and calls. */
    public static void main(String[] args) {
        try (Tracking tracking = Tracking.open(Path.of(args[0]))) {
            if (args[1].equals("fill")) {
                fill(tracking, Integer.parseInt(args[2]));
                return;
            }
            String run = tracking.store().search(RunQuery.all()).items().get(0).id();
            int buckets = Integer.parseInt(args[2]);
            int calls = Integer.parseInt(args[3]);
            for (int call = 0; call < calls; call++) {
                long start = System.nanoTime();
                int got = args[1].equals("buckets")
                        ? ask(tracking, run, buckets)
                        : scan(tracking, run, buckets, Integer.parseInt(args[4]));
                double millis = (System.nanoTime() - start) / 1e6;
                System.out.println((call == 0 ? "first_millis " : "millis ") + millis);
                if (got < buckets / 4 || got > buckets) {
                    throw new IllegalStateException("got " + got + " buckets, asked for " + buckets);
                }
            }
        }
    }

    private static void fill(Tracking tracking, int points) {
        Curve curve = new Curve(1, Curve.Values.DOUBLES);
        try (Run run = tracking.experiment("history").startRun("long")) {
            for (int step = 0; step < points; step++) {
                run.logMetric("loss", curve.at(step), step);
            }
            run.complete();
        }
    }

    private static int ask(Tracking tracking, String run, int buckets) {
        Map<String, List<MetricBucket>> got = tracking.metrics().buckets(BucketQuery.of(run, "loss", buckets));
        return got.getOrDefault(run, List.of()).size();
    }

    /** What a chart costs that is made from the points. */
    private static int scan(Tracking tracking, String run, int buckets, int points) {
        double[] least = new double[buckets];
        double[] greatest = new double[buckets];
        int[] counts = new int[buckets];
        try (Stream<MetricPoint> history = tracking.metrics().history(run, "loss")) {
            history.forEach(point -> {
                int bucket = (int) (point.step() * buckets / points);
                least[bucket] = counts[bucket] == 0 ? point.value() : Math.min(least[bucket], point.value());
                greatest[bucket] = counts[bucket] == 0 ? point.value() : Math.max(greatest[bucket], point.value());
                counts[bucket]++;
            });
        }
        int filled = 0;
        for (int count : counts) {
            filled += count > 0 ? 1 : 0;
        }
        return filled;
    }
}
