package io.jvmlops.tracking;

import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Logs and searches for some time on stores that other processes use as well: {@code <place> <milliseconds> <run>}. Prints
 * {@code ready}, begins when it is sent a line, and prints {@code done <groups> <longest wait for a write in ms>}.
 */
final class SharingProgram {
    private SharingProgram() {}

    public static void main(String[] arguments) throws Exception {
        String id = arguments[2];
        System.out.println("ready");
        StoreProgram.awaitLine();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1]));
        // All at once: the first of them makes the tables.
        try (StoreProgram.Stores stores = StoreProgram.open(arguments[0])) {
            LoggingProgram.start(stores.runs(), "shared", id);
            long groups = 0;
            long points = 0;
            long longest = 0;
            do {
                long start = System.nanoTime();
                LoggingProgram.write(stores.runs(), id, ++groups);
                longest = Math.max(longest, System.nanoTime() - start);
                List<MetricPoint> burst = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    burst.add(new MetricPoint("loss", points, points, LoggingProgram.loss(points)));
                    points++;
                }
                stores.metrics().append(List.of(MetricBatch.of(id, burst)));
                stores.runs().heartbeat(List.of(id), Duration.ofHours(1));
                stores.runs().markKilled();
                RunInfo found = stores.runs().findRun(id).orElseThrow();
                if (found.params().size() != 2 * groups
                        || stores
                                .runs()
                                .search(RunQuery.all()
                                        .where("metrics.loss > 0 and status = 'RUNNING'")
                                        .orderBy("metrics.loss DESC"))
                                .items()
                                .stream()
                                .noneMatch(run -> run.id().equals(id))) {
                    throw new IllegalStateException("what was just written is not found");
                }
            } while (System.nanoTime() - end < 0);
            stores.runs()
                    .updateRun(
                            id,
                            RunChanges.builder()
                                    .end(RunStatus.FINISHED, Instant.EPOCH, null)
                                    .build());
            System.out.println("done " + groups + " " + TimeUnit.NANOSECONDS.toMillis(longest));
        }
    }
}
