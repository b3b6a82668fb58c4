package io.jvmlops.test.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.Keys;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.Concurrently;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
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
    void aClosedStoreSaysSo() {
        metrics.close();
        metrics.close();
        assertThatThrownBy(() -> append(run, List.of(point("v", 1, 1)))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> history(run, "v")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> metrics.latest(run)).isInstanceOf(ClosedException.class);
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
