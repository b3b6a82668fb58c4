package io.jvmlops.benchmarks.tracking;

import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Producers log a curve each, as fast as they can, until the tracking is closed. */
final class IngestProgram {
    private IngestProgram() {}

    /** Arguments: folder, points of all, producers, floats or doubles. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int producers = Integer.parseInt(args[2]);
        int share = Integer.parseInt(args[1]) / producers;
        Curve.Values kind = Curve.Values.valueOf(args[3]);
        List<double[]> curves = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            curves.add(Curve.first(share, i, kind));
        }
        long start = System.nanoTime();
        try (Tracking tracking = Tracking.open(folder)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < producers; i++) {
                Run run = tracking.experiment("ingest").startRun("run " + i);
                double[] curve = curves.get(i);
                Thread thread = new Thread(() -> {
                    for (int step = 0; step < curve.length; step++) {
                        run.logMetric("loss", curve[step], step);
                    }
                    run.complete();
                    run.close();
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long points = (long) share * producers;
        System.out.println("points_per_second " + points / seconds);
        System.out.println("bytes_per_point " + (double) size(folder) / points);
    }

    /** Of the database and whatever SQLite keeps beside it. */
    static long size(Path folder) throws IOException {
        long size = 0;
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }
}
