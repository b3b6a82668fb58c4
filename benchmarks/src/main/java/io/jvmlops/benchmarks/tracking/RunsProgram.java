package io.jvmlops.benchmarks.tracking;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/** Many runs: stored, then searched, and the store opened. */
final class RunsProgram {
    private static final Instant T0 = Instant.ofEpochMilli(1_772_000_000_000L);

    private RunsProgram() {}

    /** Arguments: folder, then fill and runs, or search and calls, or open. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        switch (args[1]) {
            case "fill" -> fill(folder, Integer.parseInt(args[2]));
            case "search" -> search(folder, Integer.parseInt(args[2]));
            case "open" -> open(folder);
            default -> throw new IllegalArgumentException(args[1]);
        }
    }

    private static void fill(Path folder, int runs) {
        SplittableRandom noise = new SplittableRandom(7);
        try (Tracking tracking = Tracking.open(folder)) {
            TrackingStore store = tracking.store();
            String experiment = store.experiment("runs").id();
            for (int i = 0; i < runs; i++) {
                String id = String.format("%032x", i);
                store.createRun(new NewRun(id, experiment, "run " + i, T0.plusMillis(i)));
                store.updateRun(
                        id,
                        RunChanges.builder()
                                .param("model", "m" + i % 10)
                                .param("epochs", "20")
                                .param("rate", String.valueOf(noise.nextDouble()))
                                .param("seed", String.valueOf(i))
                                .metric(new MetricPoint("loss", 1, 1, noise.nextDouble()))
                                .metric(new MetricPoint("accuracy", 1, 1, noise.nextDouble()))
                                .metric(new MetricPoint("auc", 1, 1, noise.nextDouble()))
                                .end(RunStatus.FINISHED, T0.plusSeconds(60).plusMillis(i), null)
                                .build());
            }
        }
    }

    private static void search(Path folder, int calls) {
        try (Tracking tracking = Tracking.open(folder)) {
            String experiment = tracking.store().experiment("runs").id();
            RunQuery query = RunQuery.all()
                    .inExperiment(experiment)
                    .where("params.model = 'm3'")
                    .orderBy("metrics.loss ASC")
                    .limitedTo(100);
            for (int call = 0; call < calls; call++) {
                long start = System.nanoTime();
                List<RunInfo> found = tracking.store().search(query).items();
                System.out.println((call == 0 ? "first_millis " : "millis ") + (System.nanoTime() - start) / 1e6);
                if (found.size() != 100 || !"m3".equals(found.get(99).params().get("model"))) {
                    throw new IllegalStateException("found " + found.size() + " runs");
                }
            }
        }
    }

    private static void open(Path folder) throws Exception {
        // The driver is loaded, and its native library unpacked, by opening another store.
        Path other = Files.createTempDirectory(folder.getParent(), "driver");
        Tracking.open(other).close();
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            Tracking tracking = Tracking.open(folder);
            System.out.println("millis " + (System.nanoTime() - start) / 1e6);
            tracking.close();
        }
    }
}
