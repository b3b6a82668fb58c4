package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Series of so many chunks that they are folded, dropped in pieces, and found damaged. */
class LargeSeriesIT {
    private static final int BATCH = 2_500;

    @TempDir
    Path folder;

    private SqliteStores stores;
    private MetricStore metrics;

    @BeforeEach
    void open() {
        stores = SqliteStores.open(folder.resolve("test.db"));
        metrics = stores.metrics();
        stores.runs().createRun(new NewRun("run", stores.runs().experiment("e").id(), "run", Instant.EPOCH));
    }

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void aHistoryInRandomOrderIsFoldedAndWhole() throws SQLException {
        long[] steps = shuffled(120 * BATCH);
        append(steps, 0, steps.length);
        assertThat(query("SELECT version FROM metric_series")).isPositive();
        assertThat(query("SELECT sum(points) FROM metric_chunk") + query("SELECT head_points FROM metric_series"))
                .isEqualTo(steps.length);
        assertThat(query("SELECT count(*) FROM metric_chunk")).isEqualTo(query("SELECT chunks FROM metric_series"));
        assertThat(steps()).isEqualTo(LongStream.range(0, steps.length).toArray());
        assertThat(deepest()).isLessThanOrEqualTo(64);
        for (int buckets : new int[] {10, 320, 5_000}) {
            assertThat(metrics.buckets(BucketQuery.of("run", "v", buckets)).get("run"))
                    .allSatisfy(bucket -> {
                        assertThat(bucket.count())
                                .isEqualTo(Math.min(bucket.lastStep() + 1, steps.length) - bucket.firstStep());
                        assertThat(bucket.max()).isEqualTo(bucket.last());
                    })
                    .extracting(MetricBucket::count)
                    .satisfies(counts -> assertThat(
                                    counts.stream().mapToLong(count -> count).sum())
                            .isEqualTo(steps.length));
        }
    }

    @Test
    void stepsThatDescendAndSpreadAreInTheBuckets() {
        int n = 40 * BATCH;
        long[] steps = new long[n];
        for (int i = 0; i < n; i++) {
            // Dense at first, then ever further down.
            steps[i] = i < 10 * BATCH ? i : -10L * i * (i / 10_000);
        }
        append(steps, 0, n);
        Arrays.sort(steps);
        for (int buckets : new int[] {7, 320, 3_000, 50_000}) {
            long covered = 0;
            for (MetricBucket bucket :
                    metrics.buckets(BucketQuery.of("run", "v", buckets)).get("run")) {
                long from = Arrays.stream(steps)
                        .filter(step -> step < bucket.firstStep())
                        .count();
                assertThat(from).isEqualTo(covered);
                assertThat(bucket.first().step()).isEqualTo(steps[(int) from]);
                covered += bucket.count();
                assertThat(bucket.last().step()).isEqualTo(steps[(int) covered - 1]);
                if (buckets > 320) {
                    break;
                }
            }
            assertThat(metrics.buckets(BucketQuery.of("run", "v", buckets)).get("run").stream()
                            .mapToLong(MetricBucket::count)
                            .sum())
                    .isEqualTo(n);
        }
    }

    @Test
    void manyChunksExpireInPieces() throws SQLException {
        long[] steps = LongStream.range(0, 300 * 4_096).toArray();
        append(steps, 0, steps.length);
        long before = query("SELECT count(*) FROM metric_chunk");
        assertThat(before).isGreaterThan(256);
        assertThat(metrics.expire(Instant.ofEpochMilli(steps.length - 100))).isEqualTo(steps.length - 100);
        assertThat(steps())
                .isEqualTo(LongStream.range(steps.length - 100, steps.length).toArray());
        assertThat(query("SELECT count(*) FROM metric_page")).isZero();
        assertThat(metrics.buckets(BucketQuery.of("run", "v", 1)).get("run"))
                .singleElement()
                .extracting(MetricBucket::count)
                .isEqualTo(100L);
    }

    @Test
    void exactlyAsManyChunksAsATransactionDropsLeavePages() throws SQLException {
        long[] steps = LongStream.range(0, 266L * BATCH).toArray();
        append(steps, 0, steps.length);
        assertThat(query("SELECT count(*) FROM metric_chunk")).isEqualTo(266);
        assertThat(metrics.expire(Instant.ofEpochMilli(256L * BATCH))).isEqualTo(256L * BATCH);
        assertThat(query("SELECT count(*) FROM metric_page")).isPositive();
        assertThat(metrics.buckets(BucketQuery.of("run", "v", 1)).get("run"))
                .singleElement()
                .extracting(MetricBucket::count)
                .isEqualTo(10L * BATCH);
    }

    @Test
    void aDamagedSeriesDoesNotKeepOthersFromExpiring() throws SQLException {
        for (String part : List.of("metric_chunk SET data", "metric_head SET data", "metric_series SET tail")) {
            String key = part.substring(0, 12).trim();
            long[] steps = LongStream.range(0, 2 * BATCH + 1_000 + 10).toArray();
            append(key, steps, 0, 2 * BATCH);
            append(key, steps, 2 * BATCH, 2 * BATCH + 1_000);
            append(key, steps, 2 * BATCH + 1_000, steps.length);
        }
        update("UPDATE metric_chunk SET data = zeroblob(9) WHERE series = 1 AND first_step = 0");
        update("UPDATE metric_head SET data = zeroblob(9) WHERE series = 2");
        update("UPDATE metric_series SET tail = zeroblob(9) WHERE id = 3");
        append("whole", LongStream.range(0, 10).toArray(), 0, 10);
        assertThatThrownBy(() -> metrics.expire(Instant.ofEpochMilli(5)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("'metric_");
        try (Stream<MetricPoint> history = metrics.history("run", "whole")) {
            assertThat(history).hasSize(5);
        }
        // What is gone as a whole need not be read.
        assertThatThrownBy(() -> metrics.expire(Instant.ofEpochMilli(BATCH))).isInstanceOf(StorageException.class);
        try (Stream<MetricPoint> history = metrics.history("run", "metric_chunk")) {
            assertThat(history.mapToLong(MetricPoint::step)).startsWith((long) BATCH);
        }
    }

    @Test
    void aReaderGoesOnWhereItWasAmongEqualPoints() {
        MetricPoint point = new MetricPoint("v", 1, 1_000, 1);
        for (int i = 0; i < 40; i++) {
            metrics.append(List.of(MetricBatch.of("run", Collections.nCopies(4_096, point))));
        }
        metrics.append(List.of(MetricBatch.of("run", List.of(new MetricPoint("v", 1, 5, 1)))));
        try (Stream<MetricPoint> history = metrics.history("run", "v")) {
            Iterator<MetricPoint> points = history.iterator();
            for (int i = 0; i < 50_000; i++) {
                points.next();
            }
            append(shuffled(BATCH), 0, BATCH);
            assertThat(metrics.expire(Instant.ofEpochMilli(1_000))).isEqualTo(1_001);
            long left = 0;
            while (points.hasNext()) {
                left += points.next().equals(point) ? 1 : 0;
            }
            assertThat(left).isEqualTo(40 * 4_096 - 50_000 + 1);
        }
    }

    @Test
    void aDamagedChunkIsNamedAndOtherMetricsAreNotConcerned() throws SQLException {
        long[] steps = LongStream.range(0, 40 * BATCH).toArray();
        append(steps, 0, steps.length);
        metrics.append(List.of(MetricBatch.of("run", List.of(new MetricPoint("other", 1, 1, 1)))));
        update("UPDATE metric_chunk SET data = zeroblob(100) WHERE id = 7");
        assertThatThrownBy(this::steps)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("'v'")
                .hasMessageContaining("run run")
                .hasMessageContaining("chunk 7")
                .hasMessageContaining("backup");
        try (Stream<MetricPoint> history = metrics.history("run", "other")) {
            assertThat(history).hasSize(1);
        }
        assertThat(metrics.buckets(BucketQuery.of("run", "v", 10)).get("run")).isNotEmpty();
        append(shuffled(50 * BATCH), 0, 50 * BATCH);
        assertThat(metrics.latest("run")).containsKeys("v", "other");
    }

    @Test
    void aRunWithADamagedMetricDoesNotHoldUpTheOthers() throws SQLException {
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        Tracking tracking = Tracking.builder()
                .store(stores.runs())
                .metrics(metrics)
                .artifacts(artifacts)
                .registry(stores.registry(artifacts))
                .build();
        try {
            Run damaged = tracking.experiment("e").startRun("damaged");
            Run whole = tracking.experiment("e").startRun("whole");
            damaged.logMetric("loss", 1, 1);
            damaged.flush();
            update("UPDATE metric_series SET tail = zeroblob(9)");
            for (int round = 0; round < 3; round++) {
                damaged.logMetric("loss", 1, 2);
                whole.logMetric("loss", 1, round);
                assertThatThrownBy(damaged::flush)
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining(damaged.id());
            }
            whole.complete();
            try (Stream<MetricPoint> history = metrics.history(whole.id(), "loss")) {
                assertThat(history).hasSize(3);
            }
        } finally {
            assertThatThrownBy(tracking::close)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("3 metric points could not be stored");
        }
    }

    @Test
    void damagedPagesAreMadeAnew() throws SQLException {
        long[] steps = LongStream.range(0, 40 * BATCH).toArray();
        append(steps, 0, 20 * BATCH);
        List<MetricBucket> expected =
                metrics.buckets(BucketQuery.of("run", "v", 100)).get("run");
        update("UPDATE metric_page SET nodes = zeroblob(10)");
        assertThat(metrics.buckets(BucketQuery.of("run", "v", 100)).get("run")).isEqualTo(expected);
        append(steps, 20 * BATCH, steps.length);
        assertThat(query("SELECT count(*) FROM metric_page WHERE length(nodes) <= 10"))
                .isZero();
        assertThat(metrics.buckets(BucketQuery.of("run", "v", 100)).get("run").stream()
                        .mapToLong(MetricBucket::count)
                        .sum())
                .isEqualTo(steps.length);
    }

    /** Points whose stamps and values are their steps. */
    private void append(long[] steps, int from, int to) {
        append("v", steps, from, to);
    }

    private void append(String key, long[] steps, int from, int to) {
        double[] values = Arrays.stream(steps).asDoubleStream().toArray();
        for (int i = from; i < to; i += BATCH) {
            int end = Math.min(to, i + BATCH);
            long[] some = Arrays.copyOfRange(steps, i, end);
            metrics.append(List.of(MetricBatch.transfer(
                    "run",
                    List.of(key),
                    new int[some.length],
                    some,
                    some,
                    Arrays.copyOfRange(values, i, end),
                    some.length)));
        }
    }

    private long[] steps() {
        try (Stream<MetricPoint> history = metrics.history("run", "v")) {
            return history.mapToLong(MetricPoint::step).toArray();
        }
    }

    private static long[] shuffled(int n) {
        long[] steps = LongStream.range(0, n).toArray();
        Random random = new Random(5);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long step = steps[i];
            steps[i] = steps[j];
            steps[j] = step;
        }
        return steps;
    }

    /** How many chunks hold one step at most. */
    private long deepest() throws SQLException {
        return query("SELECT max(depth) FROM (SELECT (SELECT count(*) FROM metric_chunk b"
                + " WHERE b.first_step <= a.first_step AND b.last_step > a.first_step) AS depth FROM metric_chunk a)");
    }

    private long query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("test.db"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }

    private void update(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("test.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }
}
