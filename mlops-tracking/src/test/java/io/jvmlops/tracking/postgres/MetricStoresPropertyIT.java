package io.jvmlops.tracking.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is done to them, SQLite and PostgreSQL answer as points in memory do. */
class MetricStoresPropertyIT {
    private static final List<String> KEYS = List.of("loss", "acc");
    private static final int SHAPES = 6;

    private static Path folder;
    private static SqliteStores sqlite;
    private static PostgresStores postgres;
    private static InMemoryTrackingStore memory;
    private static int runs;

    @BeforeContainer
    static void open() throws IOException {
        folder = Files.createTempDirectory("metric-stores");
        sqlite = SqliteStores.open(folder.resolve("test.db"));
        postgres = PostgresStores.builder(TestServer.source())
                .schema(TestServer.newSchema())
                .open();
        memory = new InMemoryTrackingStore();
    }

    @AfterContainer
    static void close() throws IOException {
        sqlite.close();
        postgres.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static List<MetricStore> sqlStores() {
        return List.of(sqlite.metrics(), postgres.metrics());
    }

    @Property(tries = 12, shrinking = ShrinkingMode.OFF)
    void answerAlike(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int operations) {
        Random random = new Random(seed);
        List<String> ids = List.of("run-" + runs++, "run-" + runs++);
        for (TrackingStore store : List.of(sqlite.runs(), postgres.runs(), memory)) {
            for (String id : ids) {
                store.createRun(new NewRun(id, store.experiment("e").id(), id, Instant.EPOCH));
            }
        }
        int shape = random.nextInt(SHAPES);
        int next = 0;
        for (int i = 0; i < operations; i++) {
            switch (random.nextInt(8)) {
                case 0 -> expire(Instant.ofEpochMilli(random.nextInt(Math.max(1, next))));
                case 1 -> assertAlike(ids, random);
                default -> {
                    if (random.nextInt(10) == 0) {
                        shape = random.nextInt(SHAPES);
                    }
                    int size = 1 + (int) Math.pow(10, random.nextDouble() * 3.7);
                    append(ids, random, shape, next, size);
                    next += size;
                }
            }
        }
        assertAlike(ids, random);
        expire(Instant.ofEpochMilli(next / 2));
        assertAlike(ids, random);
    }

    private static void append(List<String> ids, Random random, int shape, int next, int size) {
        List<MetricBatch> batches = new ArrayList<>();
        for (String id : ids) {
            List<MetricPoint> points = new ArrayList<>();
            for (int i = 0; i < size && (id.equals(ids.get(0)) || i < 100); i++) {
                String key = KEYS.get(random.nextInt(10) == 0 ? 1 : 0);
                points.add(new MetricPoint(key, step(random, shape, next + i), next + i, value(random, shape)));
                if (random.nextInt(100) == 0) {
                    points.add(points.get(points.size() - 1));
                }
            }
            batches.add(MetricBatch.of(id, points));
        }
        memory.metrics().append(batches);
        sqlStores().forEach(store -> store.append(batches));
    }

    private static long step(Random random, int shape, int i) {
        return switch (shape) {
            case 0 -> i;
            case 1 -> random.nextInt(20_000) - 10_000;
            case 2 -> random.nextLong();
            case 3 -> 7;
            case 4 -> random.nextLong() >> random.nextInt(64);
            default -> -1_000L * i;
        };
    }

    private static double value(Random random, int shape) {
        return switch (random.nextInt(20)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> Double.longBitsToDouble(0x7ff0000000000000L | random.nextLong());
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> -0.0;
            default -> shape == 3 ? 1 : (float) random.nextGaussian();
        };
    }

    private static void expire(Instant before) {
        long expected = memory.metrics().expire(before);
        for (MetricStore store : sqlStores()) {
            assertThat(store.expire(before)).isEqualTo(expected);
        }
    }

    private static void assertAlike(List<String> ids, Random random) {
        List<BucketQuery> queries = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long a = step(random, random.nextInt(SHAPES), random.nextInt(10_000));
            long b = step(random, random.nextInt(SHAPES), random.nextInt(10_000));
            int buckets = 1 + (int) Math.pow(10, random.nextDouble() * 4);
            BucketQuery query = new BucketQuery(ids, KEYS.get(i & 1), buckets, null, null);
            queries.add(i < 3 ? query : query.between(Math.min(a, b), Math.max(a, b)));
        }
        for (MetricStore store : sqlStores()) {
            for (String id : ids) {
                assertThat(bits(store.latest(id).values().stream()))
                        .isEqualTo(bits(memory.metrics().latest(id).values().stream()));
                for (String key : KEYS) {
                    try (Stream<MetricPoint> expected = memory.metrics().history(id, key);
                            Stream<MetricPoint> found = store.history(id, key)) {
                        assertThat(bits(found)).isEqualTo(bits(expected));
                    }
                }
            }
            for (BucketQuery query : queries) {
                assertThat(store.buckets(query)).isEqualTo(memory.metrics().buckets(query));
            }
        }
    }

    /** The points with the bits of their values, as NaN are all equal. No two of a series differ in these bits only. */
    private static List<String> bits(Stream<MetricPoint> points) {
        return points.map(point -> point.key()
                        + ' '
                        + point.step()
                        + ' '
                        + point.timestampMillis()
                        + ' '
                        + Long.toHexString(Double.doubleToRawLongBits(point.value())))
                .toList();
    }
}
