package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** How metrics get from a run to a store that is slow, fails, or refuses. */
@Timeout(60)
class MetricWritingTest {
    private final InMemoryTrackingStore runs = new InMemoryTrackingStore();
    private final FlakyMetricStore metrics = new FlakyMetricStore(runs.metrics());
    private final BlockingQueue<WriteFailure> told = new LinkedBlockingQueue<>();
    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();

    private Tracking.Builder builder() {
        return Tracking.builder()
                .store(runs)
                .metrics(metrics)
                .artifacts(artifacts)
                .registry(new InMemoryModelRegistry(artifacts));
    }

    private Tracking tracking(int buffer, Duration maxWait) {
        return builder()
                .metricBuffer(buffer)
                .maxWait(maxWait)
                .onWriteFailure(told::add)
                .build();
    }

    @AfterEach
    void release() {
        metrics.failWith(null);
        metrics.resume();
    }

    @Test
    void pointsOfManyThreadsAllArriveOnceEach() {
        int threads = 8;
        int points = 20_000;
        try (Tracking tracking = tracking(512, Duration.ofSeconds(30));
                Run shared = tracking.experiment("e").startRun("shared")) {
            List<Run> own = Concurrently.run(threads, thread -> {
                Run mine = tracking.experiment("e").startRun("own " + thread);
                for (int i = 0; i < points; i++) {
                    shared.logMetric("m" + thread, i, i);
                    mine.logMetric("m", i, i);
                }
                mine.complete();
                return mine;
            });
            shared.complete();
            for (int thread = 0; thread < threads; thread++) {
                assertThat(steps(shared.id(), "m" + thread))
                        .isEqualTo(LongStream.range(0, points).boxed().toList());
                assertThat(steps(own.get(thread).id(), "m"))
                        .isEqualTo(LongStream.range(0, points).boxed().toList());
            }
        }
    }

    @Test
    void pointsAreWrittenWithoutAFlush() throws InterruptedException {
        try (Tracking tracking = tracking(100, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            run.logMetric("loss", 1, 1);
            metrics.awaitAppends(1);
            assertThat(steps(run.id(), "loss")).containsExactly(1L);
        }
    }

    @Test
    void runsShareOneAppend() throws InterruptedException {
        try (Tracking tracking = tracking(100, Duration.ofSeconds(10))) {
            List<Run> open = Stream.of("a", "b", "c")
                    .map(name -> tracking.experiment("e").startRun(name))
                    .toList();
            metrics.pause();
            open.get(0).logMetric("first", 1);
            metrics.awaitEntered(1);
            // While the first append is held up, the others gather behind it.
            open.forEach(run -> run.logMetric("m", 1));
            metrics.resume();
            open.get(0).flush();
            open.forEach(Run::flush);
            assertThat(metrics.largestAppend()).isEqualTo(3);
        }
    }

    @Test
    void aStoreThatFailsIsToldAndRetriedAndNothingIsLost() throws InterruptedException {
        try (Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            run.logMetric("loss", 0, 0);
            run.flush();
            StorageException outage = new StorageException("the disk is full", null);
            metrics.failWith(outage);
            run.logMetric("loss", 1, 1);

            WriteFailure first = Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS));
            assertThat(first).isEqualTo(new WriteFailure(1, 1, 1, outage));
            assertThat(Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS)).attempt())
                    .isEqualTo(2);

            run.logMetric("loss", 2, 2);
            assertThatThrownBy(run::flush)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(run.id())
                    .hasMessageContaining("2 metric points")
                    .hasMessageContaining("the disk is full")
                    .hasCause(outage);
            assertThatThrownBy(run::complete).isInstanceOf(StorageException.class);
            assertThat(run.info().status()).isEqualTo(RunStatus.RUNNING);
            assertThatThrownBy(run::close).isInstanceOf(StorageException.class);

            // The run is as open as before, and the store comes back.
            run.logMetric("loss", 3, 3);
            metrics.failWith(null);
            run.flush();
            assertThat(steps(run.id(), "loss")).containsExactly(0L, 1L, 2L, 3L);
            run.complete();
            assertThat(run.info().status()).isEqualTo(RunStatus.FINISHED);
        }
    }

    @Test
    void aStoreThatComesBackGetsThePointsWithoutAFlush() throws InterruptedException {
        try (Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StorageException("locked", null, true));
            run.logMetric("loss", 1, 1);
            assertThat(told.poll(30, TimeUnit.SECONDS)).isNotNull();
            metrics.failWith(null);
            metrics.awaitAppends(1);
            assertThat(steps(run.id(), "loss")).containsExactly(1L);
            run.complete();
        }
    }

    @Test
    void pointsThatCameWhileAWriteFailedAreWrittenWithoutAFlush() throws InterruptedException {
        try (Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StorageException("locked", null, true));
            run.logMetric("loss", 1, 1);
            assertThat(told.poll(30, TimeUnit.SECONDS)).isNotNull();
            // Behind the batch that has failed.
            run.logMetric("loss", 2, 2);
            assertThat(told.poll(30, TimeUnit.SECONDS)).isNotNull();
            metrics.failWith(null);
            metrics.awaitAppends(2);
            assertThat(steps(run.id(), "loss")).containsExactly(1L, 2L);
            run.complete();
        }
    }

    @Test
    void aFullBufferDoesNotHurryAStoreThatFails() throws InterruptedException {
        try (Tracking tracking = tracking(4, Duration.ZERO);
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StorageException("the disk is full", null));
            run.logMetric("m", 0, 0);
            // 100, 200, 400 and 800 ms between the attempts.
            for (int attempt = 1; attempt <= 4; attempt++) {
                assertThat(Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS))
                                .attempt())
                        .isEqualTo(attempt);
            }
            int entered = metrics.entered();
            int refused = 0;
            for (int i = 1; i < 1_000; i++) {
                try {
                    run.logMetric("m", i, i);
                } catch (OverloadedException e) {
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(900);
            assertThat(metrics.entered() - entered).isLessThan(10);
            metrics.failWith(null);
            // A flush does not wait for the pause to end.
            run.flush();
            run.complete();
        }
    }

    @Test
    void aTrainingThatWantsToFailFastDoes() throws InterruptedException {
        StorageException outage = new StorageException("the disk is full", null);
        try (Tracking tracking =
                        builder().failFast(true).onWriteFailure(told::add).build();
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(outage);
            run.logMetric("loss", 1, 1);
            assertThat(told.poll(30, TimeUnit.SECONDS)).isNotNull();
            for (Runnable log : List.<Runnable>of(
                    () -> run.logMetric("loss", 2, 2), () -> run.logMetrics(Map.of("loss", 2, "accuracy", 3), 2))) {
                assertThatThrownBy(log::run)
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining(run.id())
                        .hasMessageContaining("the point was not logged")
                        .hasMessageContaining("the disk is full")
                        .hasCause(outage);
            }
            metrics.failWith(null);
            run.flush();
            run.logMetric("loss", 3, 3);
            run.complete();
            assertThat(steps(run.id(), "loss")).containsExactly(1L, 3L);
        }
    }

    @Test
    void aStoreThatHangsIsNotWaitedForForever() throws InterruptedException {
        try (Tracking tracking = builder().maxFlush(Duration.ofMillis(50)).build();
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.pause();
            run.logMetric("loss", 1, 1);
            metrics.awaitEntered(1);
            run.logMetric("loss", 2, 2);
            for (Runnable end : List.<Runnable>of(run::flush, run::complete, run::close)) {
                assertThatThrownBy(end::run)
                        .isInstanceOf(TimedOutException.class)
                        .hasMessageContaining(run.id())
                        .hasMessageContaining("2 metric points are not stored yet")
                        .hasMessageContaining("they stay buffered");
            }
            assertThat(run.info().status()).isEqualTo(RunStatus.RUNNING);
            metrics.resume();
            run.logMetric("loss", 3, 3);
            untilStored(run);
            assertThat(steps(run.id(), "loss")).containsExactly(1L, 2L, 3L);
        }
    }

    /** A deadline this short may pass on a busy machine though nothing hangs. */
    private static void untilStored(Run run) {
        while (true) {
            try {
                run.complete();
                return;
            } catch (TimedOutException e) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void closingATrackingWhoseStoreHangsEnds() throws InterruptedException {
        Tracking tracking = builder().maxFlush(Duration.ofMillis(50)).build();
        List<Run> open = Stream.of("a", "b", "c")
                .map(name -> tracking.experiment("e").startRun(name))
                .toList();
        metrics.pause();
        open.forEach(run -> run.logMetric("loss", 1, 1));
        metrics.awaitEntered(1);
        assertThatThrownBy(tracking::close)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("3 metric points could not be stored and are lost");
        open.forEach(
                run -> assertThatThrownBy(() -> run.logMetric("loss", 2, 2)).hasMessageContaining("ended"));
        tracking.close();
    }

    @Test
    void anInterruptDoesNotCutAFlushShort() throws InterruptedException {
        try (Tracking tracking = tracking(100, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.pause();
            run.logMetric("loss", 1, 1);
            metrics.awaitEntered(1);
            CountDownLatch flushed = new CountDownLatch(1);
            Thread trainer = new Thread(() -> {
                Thread.currentThread().interrupt();
                run.flush();
                if (Thread.currentThread().isInterrupted()) {
                    flushed.countDown();
                }
            });
            trainer.start();
            metrics.resume();
            assertThat(flushed.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(steps(run.id(), "loss")).containsExactly(1L);
            run.complete();
        }
    }

    @Test
    void metricsThatBelongTogetherAreNeverTornApart() throws InterruptedException {
        int groups = 300;
        Map<String, Integer> values = new TreeMap<>();
        for (int key = 0; key < 7; key++) {
            values.put("m" + key, key);
        }
        metrics.recordBatches();
        // Room for one group and a half; points of another thread get in between.
        try (Tracking tracking = tracking(10, Duration.ofSeconds(30));
                Run run = tracking.experiment("e").startRun("r")) {
            Concurrently.run(2, thread -> {
                for (int i = 0; i < groups; i++) {
                    if (thread == 0) {
                        run.logMetrics(values, i);
                    } else {
                        run.logMetric("other", i, i);
                    }
                }
                return thread;
            });
            run.complete();
            values.keySet()
                    .forEach(key -> assertThat(steps(run.id(), key))
                            .isEqualTo(LongStream.range(0, groups).boxed().toList()));
            assertThat(metrics.batches()).isNotEmpty().allSatisfy(keys -> {
                long of0 = keys.stream().filter("m0"::equals).count();
                values.keySet()
                        .forEach(key ->
                                assertThat(keys.stream().filter(key::equals)).hasSize((int) of0));
            });
        }
    }

    @Test
    void aGroupMayBeLargerThanTheBuffer() {
        Map<String, Integer> values = new TreeMap<>();
        for (int key = 0; key < 1_000; key++) {
            values.put("m" + key, key);
        }
        metrics.recordBatches();
        try (Tracking tracking = tracking(3, Duration.ofSeconds(30));
                Run run = tracking.experiment("e").startRun("r")) {
            run.logMetric("before", 1);
            run.logMetrics(values, 1);
            run.logMetric("after", 1);
            run.logMetrics(values, 2);
            run.complete();
            assertThat(run.info().metrics()).hasSize(1_002);
            assertThat(metrics.batches().stream().filter(keys -> keys.contains("m0")))
                    .hasSize(2)
                    .allSatisfy(keys -> assertThat(keys).containsAll(values.keySet()));
        }
    }

    @Test
    void anErrorOfTheStoreIsAFailureLikeAnyOther() {
        try (Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StackOverflowError("deep"));
            run.logMetric("loss", 1, 1);
            assertThatThrownBy(run::flush).isInstanceOf(StorageException.class).hasMessageContaining("deep");
            metrics.failWith(null);
            run.complete();
            assertThat(steps(run.id(), "loss")).containsExactly(1L);
        }
    }

    @Test
    void aLogThatFailsTooDoesNotEndTheWriter() {
        Logger log = (Logger) LoggerFactory.getLogger(MetricWriter.class);
        AppenderBase<ILoggingEvent> broken = new AppenderBase<>() {
            @Override
            public synchronized void doAppend(ILoggingEvent event) {
                throw new IllegalStateException("the log's disk is full too");
            }

            @Override
            protected void append(ILoggingEvent event) {}
        };
        log.addAppender(broken);
        log.setLevel(Level.WARN);
        try (Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StorageException("the disk is full", null));
            run.logMetric("loss", 1, 1);
            assertThatThrownBy(run::flush).isInstanceOf(StorageException.class).hasMessageContaining(run.id());
            metrics.failWith(null);
            run.complete();
            assertThat(steps(run.id(), "loss")).containsExactly(1L);
        } finally {
            log.detachAppender(broken);
            log.setLevel(null);
        }
    }

    @Test
    void aWaitMayBeForever() throws InterruptedException {
        try (Tracking tracking = tracking(1, ChronoUnit.FOREVER.getDuration());
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.pause();
            Thread trainer = new Thread(() -> {
                for (int i = 0; i < 5; i++) {
                    run.logMetric("m", i, i);
                }
            });
            trainer.start();
            metrics.awaitEntered(1);
            metrics.resume();
            trainer.join();
            run.complete();
            assertThat(steps(run.id(), "m")).containsExactly(0L, 1L, 2L, 3L, 4L);
        }
    }

    @Test
    void aRunThatTheStoreRefusesDoesNotHoldUpTheOthers() throws InterruptedException {
        Tracking tracking = tracking(1_000, Duration.ofSeconds(10));
        Run good = tracking.experiment("e").startRun("good");
        Run bad = tracking.experiment("e").startRun("bad");
        metrics.refuse(bad.id());
        metrics.pause();
        good.logMetric("first", 1);
        metrics.awaitEntered(1);
        bad.logMetric("m", 1);
        good.logMetric("m", 1);
        metrics.resume();
        assertThatThrownBy(bad::flush)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(bad.id())
                .hasMessageNotContaining(good.id());
        good.complete();
        assertThat(steps(good.id(), "m")).containsExactly(0L);
        assertThatThrownBy(tracking::close)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("1 metric points could not be stored and are lost");
        assertThatThrownBy(() -> bad.logMetric("m", 1)).hasMessageContaining("ended");
    }

    @Test
    void aFullBufferWaitsAndThenRefusesWithoutLosingWhatItHas() {
        int buffer = 10;
        try (Tracking tracking = tracking(buffer, Duration.ZERO);
                Run run = tracking.experiment("e").startRun("r")) {
            StorageException outage = new StorageException("the disk is full", null);
            metrics.failWith(outage);
            // As many again as the buffer holds may be in writing.
            int logged = 0;
            OverloadedException overloaded = null;
            while (overloaded == null) {
                assertThat(logged).isLessThanOrEqualTo(2 * buffer);
                try {
                    run.logMetric("m", logged, logged);
                    logged++;
                } catch (OverloadedException e) {
                    overloaded = e;
                }
            }
            assertThat(logged).isGreaterThanOrEqualTo(buffer);
            assertThat(overloaded).hasMessageContaining(run.id()).hasMessageContaining(String.valueOf(buffer));
            assertThat(overloaded.retryable()).isTrue();
            metrics.failWith(null);
            run.flush();
            assertThat(steps(run.id(), "m"))
                    .isEqualTo(LongStream.range(0, logged).boxed().toList());
            run.complete();
        }
    }

    @Test
    void aFullBufferLetsTheLoggerGoOnWhenThereIsSpace() throws InterruptedException {
        int points = 100;
        try (Tracking tracking = tracking(4, Duration.ofSeconds(30));
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.pause();
            Thread trainer = new Thread(() -> {
                for (int i = 0; i < points; i++) {
                    run.logMetric("m", i, i);
                }
            });
            trainer.start();
            metrics.awaitEntered(1);
            metrics.resume();
            trainer.join();
            run.complete();
            assertThat(steps(run.id(), "m"))
                    .isEqualTo(LongStream.range(0, points).boxed().toList());
        }
    }

    @Test
    void aListenerThatThrowsOrBlocksHoldsUpNothing() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        try (Tracking tracking = Tracking.builder()
                        .store(runs)
                        .metrics(metrics)
                        .artifacts(artifacts)
                        .registry(new InMemoryModelRegistry(artifacts))
                        .onWriteFailure(failure -> {
                            blocked.countDown();
                            try {
                                free.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            throw new IllegalStateException("a listener that fails");
                        })
                        .build();
                Run run = tracking.experiment("e").startRun("r")) {
            metrics.failWith(new StorageException("out", null));
            run.logMetric("m", 1);
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            metrics.failWith(null);
            run.complete();
            assertThat(steps(run.id(), "m")).containsExactly(0L);
        } finally {
            free.countDown();
        }
    }

    private List<Long> steps(String run, String key) {
        try (Stream<MetricPoint> history = metrics.history(run, key)) {
            return history.map(MetricPoint::step).toList();
        }
    }

    /** A store that fails, refuses single runs, or takes its time, as a real one does on a bad day. */
    private static final class FlakyMetricStore implements MetricStore {
        private final MetricStore store;
        private final Semaphore gate = new Semaphore(1);
        private final Semaphore entered = new Semaphore(0);
        private final Semaphore appended = new Semaphore(0);
        private volatile @Nullable Throwable failure;
        private volatile String refused = "";
        private final AtomicInteger calls = new AtomicInteger();
        private final List<List<String>> batches = new CopyOnWriteArrayList<>();
        private volatile boolean recording;
        private volatile int largest;

        FlakyMetricStore(MetricStore store) {
            this.store = store;
        }

        void failWith(@Nullable Throwable failure) {
            this.failure = failure;
        }

        void refuse(String run) {
            refused = run;
        }

        void pause() {
            gate.drainPermits();
        }

        void resume() {
            if (gate.availablePermits() == 0) {
                gate.release();
            }
        }

        void awaitEntered(int times) throws InterruptedException {
            assertThat(entered.tryAcquire(times, 30, TimeUnit.SECONDS)).isTrue();
        }

        void awaitAppends(int times) throws InterruptedException {
            assertThat(appended.tryAcquire(times, 30, TimeUnit.SECONDS)).isTrue();
        }

        int entered() {
            return calls.get();
        }

        void recordBatches() {
            recording = true;
        }

        /** The key of each point of each batch. */
        List<List<String>> batches() {
            return batches;
        }

        int largestAppend() {
            return largest;
        }

        @Override
        public void append(List<MetricBatch> batches) {
            entered.release();
            calls.incrementAndGet();
            gate.acquireUninterruptibly();
            gate.release();
            Throwable thrown = failure;
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown != null) {
                throw (RuntimeException) thrown;
            }
            if (batches.stream().anyMatch(batch -> batch.runId().equals(refused))) {
                throw new NotFoundException("there is no run of id " + refused);
            }
            store.append(batches);
            if (recording) {
                batches.forEach(batch -> this.batches.add(
                        batch.points().stream().map(MetricPoint::key).toList()));
            }
            largest = Math.max(largest, batches.size());
            appended.release();
        }

        @Override
        public Stream<MetricPoint> history(String runId, String key) {
            return store.history(runId, key);
        }

        @Override
        public Map<String, MetricPoint> latest(String runId) {
            return store.latest(runId);
        }

        @Override
        public Map<String, List<MetricBucket>> buckets(BucketQuery query) {
            return store.buckets(query);
        }

        @Override
        public long expire(Instant before) {
            return store.expire(before);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
