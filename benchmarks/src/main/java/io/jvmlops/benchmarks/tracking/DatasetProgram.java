package io.jvmlops.benchmarks.tracking;

import io.jvmlops.api.artifact.ManifestDiff;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;

/** Adds, re-checks, verifies and restores a dataset, or stores an artifact, and says how long it took. */
final class DatasetProgram {
    private DatasetProgram() {}

    /**
     * Arguments: {@code add <home> <data>}, {@code check <home> <data> <calls>}, {@code verify <home>}, {@code restore <home>
     * <target>}, or {@code artifact <home> <file>}.
     */
    public static void main(String[] args) {
        try (Tracking tracking =
                Tracking.builder().folder(Path.of(args[1])).recordSource(false).build()) {
            switch (args[0]) {
                case "add" -> {
                    StoredDataset added = tracking.datasets().add("data", Path.of(args[2]));
                    System.out.println("files " + added.files());
                    System.out.println("bytes " + added.size());
                }
                case "check" -> check(tracking, Path.of(args[2]), Integer.parseInt(args[3]));
                case "verify" ->
                    tracking.datasets()
                            .verify(tracking.datasets().get("data", 1))
                            .requireIntact();
                case "restore" ->
                    tracking.datasets().restore(tracking.datasets().get("data", 1), Path.of(args[2]));
                case "artifact" -> {
                    try (Run run = tracking.experiment("e").startRun("r")) {
                        run.logArtifact("artifact", Path.of(args[2]));
                        run.complete();
                    }
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
        }
    }

    private static void check(Tracking tracking, Path data, int calls) {
        StoredDataset version = tracking.datasets().get("data", 1);
        for (int call = 0; call < calls; call++) {
            long start = System.nanoTime();
            ManifestDiff diff = tracking.datasets().status(version, data);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (!diff.isEmpty()) {
                throw new IllegalStateException("an unchanged folder is said to have changed: " + diff);
            }
            System.out.println((call == 0 ? "first " : "later ") + seconds);
        }
    }
}
