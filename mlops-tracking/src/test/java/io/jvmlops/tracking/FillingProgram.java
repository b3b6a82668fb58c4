package io.jvmlops.tracking;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.tracking.LoggingProgram.Acknowledged;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes to a store until that fails for want of room, and goes on when there is some: {@code <file> <ballast>}. Prints
 * {@code failed <message>}; when it is sent a line it deletes the ballast, goes on, looks whether everything that was
 * acknowledged is there, also after opening it again, and prints {@code done <what is wrong>}.
 */
final class FillingProgram {
    private FillingProgram() {}

    public static void main(String[] arguments) throws Exception {
        Path ballast = Path.of(arguments[1]);
        try (StoreProgram.Stores stores = StoreProgram.open(arguments[0])) {
            LoggingProgram.start(stores.runs(), "e", "run");
            Acknowledged acknowledged = Acknowledged.NOTHING;
            try {
                while (true) {
                    acknowledged = write(stores, acknowledged);
                }
            } catch (StorageException e) {
                System.out.println("failed " + e.getMessage().replace('\n', ' '));
            }
            // What is there can be read meanwhile.
            int found = stores.runs().findRun("run").orElseThrow().params().size();
            if (found < 2 * acknowledged.groups()) {
                throw new IllegalStateException("after the failure " + found + " params of " + acknowledged);
            }
            StoreProgram.awaitLine();
            Files.deleteIfExists(ballast);
            // The one that failed may have got as far as its first half.
            long groups = found / 2;
            acknowledged = new Acknowledged(acknowledged.points(), groups);
            for (int i = 0; i < 5; i++) {
                acknowledged = write(stores, acknowledged);
            }
            String wrong = LoggingProgram.problems(stores, "run", acknowledged);
            try (StoreProgram.Stores again = StoreProgram.open(arguments[0])) {
                wrong += LoggingProgram.problems(again, "run", acknowledged);
            }
            System.out.println("done " + wrong);
        }
    }

    private static Acknowledged write(StoreProgram.Stores stores, Acknowledged so) {
        long points = so.points();
        MetricPoint[] more = new MetricPoint[2_000];
        for (int i = 0; i < more.length; i++) {
            more[i] = new MetricPoint("loss", points + i, points, LoggingProgram.loss(points + i));
        }
        // Points first: if the group fails, they are acknowledged, and the next attempt goes on behind them.
        if (stores.metrics()
                        .latest("run")
                        .getOrDefault("loss", new MetricPoint("loss", -1, 0, 0))
                        .step()
                < points) {
            stores.metrics().append(List.of(MetricBatch.of("run", List.of(more))));
        }
        LoggingProgram.write(stores.runs(), "run", so.groups() + 1);
        return new Acknowledged(points + more.length, so.groups() + 1);
    }
}
