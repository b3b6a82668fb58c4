package io.jvmlops.benchmarks.tracking;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The same with a row per point, as well as that can be done: one writer, prepared statements, large transactions, as
 * durable as ours, and no index but the key that a history needs.
 */
final class RowIngestProgram {
    private static final int BATCH = 8192;

    private RowIngestProgram() {}

    private record Batch(int run, int first, int size) {}

    /** Arguments: folder, points of all, producers, floats or doubles. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int producers = Integer.parseInt(args[2]);
        int share = Integer.parseInt(args[1]) / producers;
        Curve.Values kind = Curve.Values.valueOf(args[3]);
        List<double[]> curves = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            curves.add(Curve.first(share, i, kind));
        }
        long start = System.nanoTime();
        BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(2 * producers);
        for (int i = 0; i < producers; i++) {
            int run = i;
            double[] curve = curves.get(i);
            Thread thread = new Thread(() -> {
                try {
                    for (int first = 0; first < curve.length; first += BATCH) {
                        queue.put(new Batch(run, first, Math.min(BATCH, curve.length - first)));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            thread.start();
        }
        long points = (long) share * producers;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rows.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("CREATE TABLE metric (run INTEGER, key INTEGER, step INTEGER, at INTEGER, value REAL,"
                    + " PRIMARY KEY (run, key, step, at, value)) WITHOUT ROWID");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO metric VALUES (?, 1, ?, ?, ?)")) {
                long left = points;
                while (left > 0) {
                    Batch batch = queue.take();
                    double[] values = curves.get(batch.run);
                    long now = System.currentTimeMillis();
                    for (int i = 0; i < batch.size; i++) {
                        insert.setInt(1, batch.run);
                        insert.setLong(2, batch.first + i);
                        insert.setLong(3, now);
                        insert.setDouble(4, values[batch.first + i]);
                        insert.addBatch();
                    }
                    insert.executeBatch();
                    connection.commit();
                    left -= batch.size;
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println("points_per_second " + points / seconds);
        System.out.println("bytes_per_point " + (double) IngestProgram.size(folder) / points);
    }
}
