package io.jvmlops.test.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.StepBlocks;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.Concurrently;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link MetricStore} does. Extend it, and give it a store. */
public abstract class MetricStoreContract {
    private static final List<Double> VALUES = List.of(
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.1,
            1e300,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            Double.MAX_VALUE,
            -Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NaN);

    private TrackingStore runs;
    private MetricStore metrics;
    private String run;

    /** An empty store of runs, new for every test; the contract closes it. */
    protected abstract TrackingStore openRuns() throws Exception;

    /** The store of the metrics of those runs; the contract closes it. */
    protected abstract MetricStore open(TrackingStore runs) throws Exception;

    @BeforeEach
    final void openStores() throws Exception {
        runs = openRuns();
        metrics = open(runs);
        run = newRun();
    }

    @AfterEach
    final void closeStores() {
        metrics.close();
        runs.close();
    }

    @Test
    void whatWasNotLoggedIsEmpty() {
        assertThat(history(run, "loss")).isEmpty();
        assertThat(metrics.latest(run)).isEmpty();
        assertThat(history("no such run", "loss")).isEmpty();
        assertThat(metrics.latest("no such run")).isEmpty();
    }

    @Test
    void pointsComeBackAsTheyWereLogged() {
        List<MetricPoint> points = List.of(point("loss", 1, 0.5), point("loss", 2, 0.25));
        append(run, points);
        assertThat(history(run, "loss")).isEqualTo(points);
        assertThat(history(run, "Loss")).isEmpty();
        assertThat(metrics.latest(run)).isEqualTo(Map.of("loss", points.get(1)));
    }

    @Test
    void everyDoubleIsAValue() {
        List<MetricPoint> points = new ArrayList<>();
        for (double value : VALUES) {
            points.add(point("v", points.size(), value));
        }
        append(run, points);
        assertThat(history(run, "v")).isEqualTo(points);
    }

    @Test
    void everyLongIsAStepAndATimestamp() {
        List<MetricPoint> points = new ArrayList<>();
        for (long step : new long[] {Long.MIN_VALUE, -1_000_000, -1, 0, 1, 1L << 53, Long.MAX_VALUE}) {
            for (long timestamp : new long[] {Long.MIN_VALUE, -1, 0, 1_772_000_000_000L, Long.MAX_VALUE}) {
                points.add(new MetricPoint("v", step, timestamp, 1));
            }
        }
        append(run, points);
        assertThat(history(run, "v")).isEqualTo(points);
    }

    @Test
    void historyIsInOrderOfStepThenTimestampThenValue() {
        List<MetricPoint> points = new ArrayList<>();
        for (long step : new long[] {-3, 0, 7}) {
            for (long timestamp : new long[] {-1, 5}) {
                for (double value : VALUES) {
                    points.add(new MetricPoint("v", step, timestamp, value));
                }
            }
        }
        Collections.shuffle(points, new Random(1));
        for (int from = 0; from < points.size(); from += 10) {
            append(run, points.subList(from, Math.min(from + 10, points.size())));
        }
        points.sort(MetricPoint.BY_STEP);
        assertThat(history(run, "v")).isEqualTo(points);
        assertThat(metrics.latest(run)).isEqualTo(Map.of("v", points.get(points.size() - 1)));
    }

    @Test
    void theLatestIsTheGreatestAndNotTheLastLogged() {
        append(run, List.of(point("a", 10, 1), point("a", 2, 2), point("b", -5, 3), point("b", -6, 4)));
        append(run, List.of(point("a", 3, 5)));
        assertThat(metrics.latest(run)).isEqualTo(Map.of("a", point("a", 10, 1), "b", point("b", -5, 3)));
    }

    @Test
    void equalPointsAreKeptAsOftenAsTheyCome() {
        MetricPoint point = point("v", 1, 1);
        append(run, List.of(point, point));
        append(run, List.of(point));
        metrics.append(List.of(
                MetricBatch.of(run, List.of(point)), MetricBatch.of(run, List.of(point, point("v", 2, 2)))));
        assertThat(history(run, "v")).containsExactly(point, point, point, point, point, point("v", 2, 2));
    }

    @Test
    void equalStepsWithDifferentValuesAreAllKept() {
        append(run, List.of(point("v", 1, 3), point("v", 1, 1), point("v", 1, 2)));
        assertThat(history(run, "v")).containsExactly(point("v", 1, 1), point("v", 1, 2), point("v", 1, 3));
    }

    @Test
    void runsAndKeysAreKeptApart() {
        String other = newRun();
        metrics.append(List.of(
                MetricBatch.of(run, List.of(point("a", 1, 1), point("b", 1, 2))),
                MetricBatch.of(other, List.of(point("a", 1, 3)))));
        assertThat(history(run, "a")).containsExactly(point("a", 1, 1));
        assertThat(history(run, "b")).containsExactly(point("b", 1, 2));
        assertThat(history(other, "a")).containsExactly(point("a", 1, 3));
        assertThat(history(other, "b")).isEmpty();
        assertThat(metrics.latest(other)).containsOnlyKeys("a");
    }

    @Test
    void aBatchOfAnUnknownRunLeavesNothingOfAnyBatch() {
        assertThatThrownBy(() -> metrics.append(List.of(
                        MetricBatch.of(run, List.of(point("v", 1, 1))),
                        MetricBatch.of("no-such-run", List.of(point("v", 1, 1))),
                        MetricBatch.of(run, List.of(point("v", 2, 1))))))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("no-such-run");
        assertThat(history(run, "v")).isEmpty();
        append(run, List.of(point("v", 3, 1)));
        assertThat(history(run, "v")).containsExactly(point("v", 3, 1));
    }

    @Test
    void aDeletedRunTakesNoPointsAndNoneOfItsBatch() {
        String other = newRun();
        append(other, List.of(point("v", 1, 1)));
        runs.updateRun(other, RunChanges.builder().delete().build());
        assertThatThrownBy(() -> metrics.append(List.of(
                        MetricBatch.of(run, List.of(point("v", 1, 1))),
                        MetricBatch.of(other, List.of(point("v", 2, 1))))))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(other);
        assertThat(history(run, "v")).isEmpty();
        assertThat(history(other, "v")).containsExactly(point("v", 1, 1));
        runs.updateRun(other, RunChanges.builder().restore().build());
        append(other, List.of(point("v", 2, 1)));
        assertThat(history(other, "v")).containsExactly(point("v", 1, 1), point("v", 2, 1));
    }

    @Test
    void runsOfADeletedExperimentTakeNoPoints() {
        String experiment = runs.experiment("metrics").id();
        runs.updateExperiment(experiment, ExperimentChanges.delete());
        assertThatThrownBy(() -> append(run, List.of(point("v", 1, 1))))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(run);
        runs.updateExperiment(experiment, ExperimentChanges.restore());
        assertThat(history(run, "v")).isEmpty();
        append(run, List.of(point("v", 1, 1)));
        assertThat(history(run, "v")).hasSize(1);
    }

    @Test
    void pointsAmongTheChangesOfARunAreAppended() {
        runs.updateRun(
                run,
                RunChanges.builder()
                        .param("p", "1")
                        .metric(point("v", 2, 1))
                        .metric(point("v", 1, 1))
                        .metric(point("w", 1, 1))
                        .build());
        append(run, List.of(point("v", 0, 1)));
        assertThat(history(run, "v")).containsExactly(point("v", 0, 1), point("v", 1, 1), point("v", 2, 1));
        assertThat(history(run, "w")).containsExactly(point("w", 1, 1));
        assertThatThrownBy(() -> runs.updateRun(
                        run,
                        RunChanges.builder()
                                .metric(point("v", 3, 1))
                                .metric(point("new", 3, 1))
                                .param("p", "2")
                                .build()))
                .isInstanceOf(ConflictException.class);
        assertThat(history(run, "v")).hasSize(3);
        assertThat(history(run, "new")).isEmpty();
        assertThat(metrics.latest(run)).containsOnlyKeys("v", "w");
    }

    @Test
    void aRepeatOfABatchThatSaysWhereItIsFromIsIgnored() {
        String other = newRun();
        MetricBatch.Origin first = new MetricBatch.Origin("writer", 1);
        MetricBatch.Origin second = new MetricBatch.Origin("writer", 2);
        metrics.append(List.of(MetricBatch.of(run, List.of(point(1))).from(first)));
        metrics.append(List.of(
                MetricBatch.of(run, List.of(point(1))).from(first),
                MetricBatch.of(run, List.of(point(2))).from(second),
                MetricBatch.of(run, List.of(point(3))).from(new MetricBatch.Origin("another writer", 1)),
                MetricBatch.of(other, List.of(point(4))).from(first)));
        metrics.append(List.of(MetricBatch.of(run, List.of(point(2))).from(second)));
        assertThat(history(run, "loss")).containsExactly(point(1), point(2), point(3));
        assertThat(history(other, "loss")).containsExactly(point(4));
        // What fails is not remembered as stored.
        MetricBatch third = MetricBatch.of(run, List.of(point(5))).from(new MetricBatch.Origin("writer", 3));
        assertThatThrownBy(() -> metrics.append(List.of(third, MetricBatch.of("no such run", List.of(point(6))))))
                .isInstanceOf(NotFoundException.class);
        metrics.append(List.of(third));
        assertThat(history(run, "loss")).containsExactly(point(1), point(2), point(3), point(5));
    }

    private static MetricPoint point(long step) {
        return new MetricPoint("loss", step, 1_000 + step, 0.5);
    }

    @Test
    void nothingIsAppendedByNothing() {
        metrics.append(List.of());
        append(run, List.of());
        assertThat(metrics.latest(run)).isEmpty();
    }

    @Test
    void longAndUnusualKeysAreKeptApart() {
        String longest = "k".repeat(Keys.MAX_KEY);
        List<String> keys =
                List.of(longest, longest.substring(1), "a/b", "a b", "A B", "%", "_", "'", "ünï☃\uD83D\uDE80");
        for (String key : keys) {
            append(run, List.of(point(key, key.length(), 1)));
        }
        for (String key : keys) {
            assertThat(history(run, key)).containsExactly(point(key, key.length(), 1));
        }
        assertThat(metrics.latest(run)).containsOnlyKeys(keys);
    }

    @Test
    void theColumnsOfABatchMayBeUsedAgain() {
        long[] steps = {1, 2};
        double[] values = {0.5, 0.25};
        List<String> keys = new ArrayList<>(List.of("v"));
        metrics.append(List.of(MetricBatch.transfer(run, keys, new int[] {0, 0}, steps, new long[] {7, 7}, values, 2)));
        steps[0] = 99;
        values[1] = 99;
        keys.set(0, "w");
        assertThat(history(run, "v"))
                .containsExactly(new MetricPoint("v", 1, 7, 0.5), new MetricPoint("v", 2, 7, 0.25));
    }

    @Test
    void aLongHistoryComesWholeAndMayBeLeftEarly() {
        int count = 20_000;
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // Steps repeat, so that a store that reads page by page has to get its seams right.
            points.add(new MetricPoint("v", i / 3, i % 2, i % 5));
        }
        append(run, points);
        points.sort(MetricPoint.BY_STEP);
        assertThat(history(run, "v")).isEqualTo(points);
        try (Stream<MetricPoint> some = metrics.history(run, "v")) {
            assertThat(some.limit(3).toList()).isEqualTo(points.subList(0, 3));
        }
    }

    @Test
    void streamsLeftOpenDoNotBlockTheStore() {
        append(run, List.of(point("v", 1, 1)));
        List<Stream<MetricPoint>> open = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            open.add(metrics.history(run, "v"));
        }
        append(run, List.of(point("v", 2, 2)));
        assertThat(metrics.latest(run)).isEqualTo(Map.of("v", point("v", 2, 2)));
        open.forEach(Stream::close);
    }

    @Test
    void aHistoryBearsPointsThatComeWhileItIsRead() {
        List<MetricPoint> before = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            before.add(point("v", i, i));
        }
        append(run, before);
        List<MetricPoint> read = new ArrayList<>();
        try (Stream<MetricPoint> history = metrics.history(run, "v")) {
            Iterator<MetricPoint> points = history.iterator();
            append(run, List.of(point("v", 5, 99), point("v", 20, 20)));
            read.add(points.next());
            append(run, List.of(point("v", 6, 99), point("v", 21, 21)));
            points.forEachRemaining(read::add);
        }
        assertThat(read).containsAll(before).doesNotHaveDuplicates().isSortedAccordingTo(MetricPoint.BY_STEP);
    }

    @Test
    void pointsOfManyThreadsAreAllKept() {
        int threads = 8;
        int batches = 20;
        Concurrently.run(threads, thread -> {
            for (int i = 0; i < batches; i++) {
                append(run, List.of(point("shared", i, thread), point("own " + thread, i, i)));
            }
            return thread;
        });
        assertThat(history(run, "shared")).hasSize(threads * batches).isSortedAccordingTo(MetricPoint.BY_STEP);
        for (int thread = 0; thread < threads; thread++) {
            assertThat(history(run, "own " + thread)).hasSize(batches);
        }
    }

    @Test
    void everyBitOfANaNIsKept() {
        List<MetricPoint> points = new ArrayList<>();
        long[] bits = {0x7ff8000000000000L, 0x7ff0000000000001L, 0xfff8000000000000L, 0xffffffffffffffffL};
        for (long nan : bits) {
            points.add(point("v", points.size(), Double.longBitsToDouble(nan)));
        }
        append(run, points);
        assertThat(history(run, "v"))
                .extracting(point -> Double.doubleToRawLongBits(point.value()))
                .containsExactlyElementsOf(Arrays.stream(bits).boxed().toList());
        MetricPoint latest = metrics.latest(run).get("v");
        assertThat(latest).isNotNull();
        assertThat(Double.doubleToRawLongBits(latest.value())).isEqualTo(bits[3]);
    }

    @Test
    void bucketsAreTheBlocksOfTheRule() {
        Random random = new Random(7);
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            double value = i % 50 == 0 ? Double.NaN : random.nextGaussian();
            points.add(new MetricPoint("v", i * 3L - 20_000, 1_772_000_000_000L + random.nextInt(1_000), value));
        }
        List<MetricPoint> late = new ArrayList<>(points.subList(0, 3_000));
        points.subList(0, 3_000).clear();
        Collections.shuffle(late, random);
        for (int from = 0; from < points.size(); from += 7_001) {
            append(run, points.subList(from, Math.min(from + 7_001, points.size())));
        }
        for (int from = 0; from < late.size(); from += 100) {
            append(run, late.subList(from, Math.min(from + 100, late.size())));
        }
        points.addAll(late);
        points.sort(MetricPoint.BY_STEP);
        for (int buckets : new int[] {1, 2, 10, 320, 5_000, BucketQuery.MAX_BUCKETS}) {
            for (long[] range : new long[][] {
                {Long.MIN_VALUE, Long.MAX_VALUE}, {-100, 100}, {-20_000, -19_990}, {5, 60_001}, {69_997, 200_000}
            }) {
                assertBuckets(BucketQuery.of(run, "v", buckets).between(range[0], range[1]), Map.of(run, points));
            }
            assertBuckets(BucketQuery.of(run, "v", buckets), Map.of(run, points));
        }
    }

    @Test
    void bucketsOfSeveralRunsLieAboveEachOther() {
        String longer = newRun();
        String without = newRun();
        List<MetricPoint> few = new ArrayList<>();
        List<MetricPoint> many = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            many.add(point("v", 500 + i, Math.sin(i)));
            if (i < 10) {
                few.add(point("v", i * 7L, i));
            }
        }
        append(run, few);
        append(longer, many);
        append(without, List.of(point("w", 1, 1)));
        Map<String, List<MetricPoint>> expected = new LinkedHashMap<>();
        expected.put(longer, many);
        expected.put(run, few);
        for (int buckets : new int[] {1, 20, 300, 10_000}) {
            assertBuckets(
                    new BucketQuery(List.of(longer, without, run, "no-such-run", run), "v", buckets, null, null),
                    expected);
            assertBuckets(new BucketQuery(List.of(longer, run), "v", buckets, 60L, 505L), expected);
        }
        assertThat(metrics.buckets(new BucketQuery(List.of(longer, run), "v", 10, 0L, 63L)))
                .containsEntry(longer, List.of())
                .containsKey(run);
        assertThat(metrics.buckets(new BucketQuery(List.of(longer, run), "v", 10, 2_000L, 3_000L)))
                .isEqualTo(Map.of(longer, List.of(), run, List.of()));
        assertThat(metrics.buckets(BucketQuery.of(without, "v", 10))).isEmpty();
        assertThat(metrics.buckets(new BucketQuery(List.of(), "v", 10, null, null)))
                .isEmpty();
    }

    @Test
    void bucketsReachFromTheLeastStepToTheGreatest() {
        List<MetricPoint> points = List.of(
                point("v", Long.MIN_VALUE, Double.NaN),
                point("v", -1, Double.NEGATIVE_INFINITY),
                point("v", 0, -0.0),
                point("v", 0, 0.0),
                point("v", Long.MAX_VALUE, Double.MAX_VALUE));
        append(run, points);
        for (int buckets : new int[] {1, 2, 3, 64}) {
            assertBuckets(BucketQuery.of(run, "v", buckets), Map.of(run, points));
            assertBuckets(BucketQuery.of(run, "v", buckets).between(-5, 5), Map.of(run, points));
        }
    }

    /** What {@link BucketQuery} says, from the points. */
    private void assertBuckets(BucketQuery query, Map<String, List<MetricPoint>> points) {
        long lo = Long.MAX_VALUE;
        long hi = Long.MIN_VALUE;
        for (String id : query.runIds()) {
            for (MetricPoint point : points.getOrDefault(id, List.of())) {
                lo = Math.min(lo, point.step());
                hi = Math.max(hi, point.step());
            }
        }
        long from = query.fromStep() == null ? lo : Math.max(lo, query.fromStep());
        long to = query.toStep() == null ? hi : Math.min(hi, query.toStep());
        int level = StepBlocks.level(from, to, query.maxBuckets());
        Map<String, List<MetricBucket>> expected = new LinkedHashMap<>();
        for (String id : query.runIds()) {
            if (points.containsKey(id)) {
                expected.put(
                        id,
                        StepBlocks.bucket(level, points.getOrDefault(id, List.of())).stream()
                                .filter(bucket -> bucket.lastStep() >= from && bucket.firstStep() <= to)
                                .toList());
            }
        }
        Map<String, List<MetricBucket>> found = metrics.buckets(query);
        assertThat(found).isEqualTo(expected);
        assertThat(found.keySet()).containsExactlyElementsOf(expected.keySet());
        assertThat(found.values())
                .allSatisfy(buckets -> assertThat(buckets).hasSizeLessThanOrEqualTo(query.maxBuckets()));
    }

    @Test
    void expiredPointsLeaveTheHistoryAndTheLatestStays() {
        String other = newRun();
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            // The stamps do not rise with the steps, so that what goes lies everywhere.
            points.add(new MetricPoint("v", i, i % 1_000, i));
        }
        append(run, points);
        append(other, List.of(new MetricPoint("old", 1, 5, 1), new MetricPoint("new", 1, 5_000, 1)));
        assertThat(metrics.expire(Instant.ofEpochMilli(-1))).isZero();
        assertThat(metrics.expire(Instant.EPOCH)).isZero();
        assertThat(metrics.expire(Instant.ofEpochMilli(250))).isEqualTo(5_001);
        points.removeIf(point -> point.timestampMillis() < 250);
        assertThat(history(run, "v")).isEqualTo(points);
        assertBuckets(BucketQuery.of(run, "v", 100), Map.of(run, points));
        assertBuckets(BucketQuery.of(run, "v", 100_000), Map.of(run, points));
        assertThat(history(other, "old")).isEmpty();
        assertThat(metrics.latest(other)).containsOnlyKeys("old", "new");
        assertThat(metrics.buckets(BucketQuery.of(other, "old", 10))).isEmpty();
        assertThat(metrics.buckets(new BucketQuery(List.of(other, run), "old", 10, null, null)))
                .isEmpty();
        assertThat(metrics.expire(Instant.ofEpochMilli(250))).isZero();
        assertThat(metrics.expire(Instant.ofEpochMilli(250).plusNanos(1))).isEqualTo(20);
        points.removeIf(point -> point.timestampMillis() == 250);
        append(run, List.of(new MetricPoint("v", 7, 3_000, 7)));
        append(other, List.of(new MetricPoint("old", 0, 6_000, 2)));
        points.add(new MetricPoint("v", 7, 3_000, 7));
        points.sort(MetricPoint.BY_STEP);
        assertThat(history(run, "v")).isEqualTo(points);
        assertThat(history(other, "old")).containsExactly(new MetricPoint("old", 0, 6_000, 2));
        assertThat(metrics.latest(other)).containsEntry("old", new MetricPoint("old", 1, 5, 1));
        assertBuckets(BucketQuery.of(other, "old", 10), Map.of(other, List.of(new MetricPoint("old", 0, 6_000, 2))));
        assertThat(metrics.expire(Instant.MAX)).isEqualTo(points.size() + 2L);
        assertThat(metrics.expire(Instant.MIN)).isZero();
        assertThat(history(run, "v")).isEmpty();
        assertThat(metrics.latest(run)).containsEntry("v", new MetricPoint("v", 19_999, 999, 19_999));
    }

    @Test
    void aHistoryBearsThatPointsExpireWhileItIsRead() {
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            points.add(new MetricPoint("v", i, i % 2, i));
        }
        append(run, points);
        List<MetricPoint> read = new ArrayList<>();
        try (Stream<MetricPoint> history = metrics.history(run, "v")) {
            Iterator<MetricPoint> iterator = history.iterator();
            for (int i = 0; i < 10; i++) {
                read.add(iterator.next());
            }
            assertThat(metrics.expire(Instant.ofEpochMilli(1))).isEqualTo(50_000);
            iterator.forEachRemaining(read::add);
        }
        assertThat(read).isSortedAccordingTo(MetricPoint.BY_STEP);
        Set<MetricPoint> distinct = new HashSet<>(read);
        assertThat(distinct).hasSameSizeAs(read);
        assertThat(new HashSet<>(points).containsAll(distinct)).isTrue();
        points.removeIf(point -> point.timestampMillis() < 1);
        assertThat(distinct.containsAll(points)).isTrue();
    }

    @Test
    void readersSeeEveryPointOnceWhileOthersAppendInAnyOrderAndExpire() {
        int batch = 2_100;
        int known = 10 * batch;
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 50 * batch; i++) {
            points.add(new MetricPoint("v", i, i, i));
        }
        List<MetricPoint> shuffled = new ArrayList<>(points);
        Collections.shuffle(shuffled, new Random(5));
        for (int from = 0; from < known; from += batch) {
            append(run, shuffled.subList(from, from + batch));
        }
        List<MetricPoint> always = shuffled.subList(0, known).stream()
                .filter(point -> point.timestampMillis() >= 1_000)
                .toList();
        AtomicBoolean writing = new AtomicBoolean(true);
        Concurrently.run(3, thread -> {
            if (thread == 0) {
                try {
                    for (int from = known; from < shuffled.size(); from += batch) {
                        append(run, shuffled.subList(from, from + batch));
                    }
                    assertThat(metrics.expire(Instant.ofEpochMilli(1_000))).isEqualTo(1_000);
                } finally {
                    writing.set(false);
                }
                return thread;
            }
            do {
                if (thread == 1) {
                    long count = metrics.buckets(BucketQuery.of(run, "v", 300)).getOrDefault(run, List.of()).stream()
                            .mapToLong(MetricBucket::count)
                            .sum();
                    assertThat(count).isBetween((long) always.size(), (long) points.size());
                } else {
                    List<MetricPoint> found = history(run, "v");
                    assertThat(found).isSortedAccordingTo(MetricPoint.BY_STEP);
                    Set<MetricPoint> distinct = new HashSet<>(found);
                    assertThat(distinct).hasSameSizeAs(found);
                    assertThat(distinct.containsAll(always)).isTrue();
                }
            } while (writing.get());
            return thread;
        });
        assertThat(history(run, "v")).isEqualTo(points.subList(1_000, points.size()));
        assertBuckets(BucketQuery.of(run, "v", 1_000), Map.of(run, points.subList(1_000, points.size())));
    }

    @Test
    void aClosedStoreSaysSo() {
        metrics.close();
        metrics.close();
        assertThatThrownBy(() -> append(run, List.of(point("v", 1, 1)))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> history(run, "v")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> metrics.latest(run)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> metrics.buckets(BucketQuery.of(run, "v", 1))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> metrics.expire(Instant.EPOCH)).isInstanceOf(ClosedException.class);
    }

    private void append(String runId, List<MetricPoint> points) {
        metrics.append(List.of(MetricBatch.of(runId, points)));
    }

    private List<MetricPoint> history(String runId, String key) {
        try (Stream<MetricPoint> history = metrics.history(runId, key)) {
            return history.toList();
        }
    }

    private String newRun() {
        NewRun info = new NewRun(
                UUID.randomUUID().toString().replace("-", ""),
                runs.experiment("metrics").id(),
                "run",
                Instant.parse("2026-03-01T12:00:00Z"));
        runs.createRun(info);
        return info.id();
    }

    private static MetricPoint point(String key, long step, double value) {
        return new MetricPoint(key, step, 1_772_000_000_000L, value);
    }
}
