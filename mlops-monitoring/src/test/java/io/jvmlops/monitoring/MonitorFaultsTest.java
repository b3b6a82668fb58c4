package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.ProfileStore;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.monitoring.InMemoryProfileStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clocks that jump, stores that fail or dawdle, listeners that throw what they should not, states that nobody wrote. */
class MonitorFaultsTest {
    private static final Digest MODEL = Digest.of(new byte[0]);
    private static final String STATE = "window-main";

    private final SplittableRandom random = new SplittableRandom(5);
    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:20:00Z"));
    private final List<DriftReport> reports = new ArrayList<>();
    private final InMemoryProfileStore memory = new InMemoryProfileStore();
    private final ReferenceProfile reference = ReferenceProfile.builder(Data.FLOWERS)
            .add(Data.flowers(random, 500, 0), Data.scores(random, 500, 0))
            .build();

    @BeforeEach
    void storeReference() {
        memory.put(MODEL, ProfileStore.REFERENCE, reference.toBytes());
    }

    private Monitor.Builder stored(ProfileStore store) {
        return Monitor.builder(store).name("iris").clock(clock).onReport(reports::add);
    }

    private void predict(Monitor monitor, int rows) {
        PredictionEvent event = Data.event(Data.flowers(random, rows, 0), null);
        assertThat(event.digest()).isEqualTo(MODEL);
        monitor.onPrediction(event);
    }

    /** What a restart would find. */
    private long storedRows() {
        return memory.get(MODEL, STATE)
                .map(bytes -> WindowState.parse(bytes).open().rows())
                .orElse(-1L);
    }

    /** A store as somebody else may write it. */
    private abstract class Store implements ProfileStore {
        @Override
        public void put(Digest model, String name, byte[] profile) {
            memory.put(model, name, profile);
        }

        @Override
        public Optional<byte[]> get(Digest model, String name) {
            return memory.get(model, name);
        }

        @Override
        public List<String> names(Digest model) {
            return memory.names(model);
        }
    }

    @Test
    void aWindowDoesNotWaitForATimeThatTheClockOnceShowedByMistake() {
        clock.advance(Duration.ofDays(36_500));
        Monitor monitor = Monitor.builder(reference)
                .clock(clock)
                .windowOf(Duration.ofHours(1))
                .onReport(reports::add)
                .build();
        predict(monitor, 100);
        clock.advance(Duration.ofDays(-36_500));
        predict(monitor, 100);
        clock.advance(Duration.ofHours(1));
        predict(monitor, 100);

        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.currentRows()).isEqualTo(200));
        assertThat(monitor.window().rows()).isEqualTo(100);
    }

    /** As clocks that are set right do: a window is not ended over again by that. */
    @Test
    void aClockThatIsSetBackALittleEndsNoWindow() {
        Monitor monitor = Monitor.builder(reference)
                .clock(clock)
                .windowOf(Duration.ofHours(1))
                .onReport(reports::add)
                .build();
        predict(monitor, 100);
        clock.advance(Duration.ofMinutes(40));
        predict(monitor, 100);
        clock.advance(Duration.ofSeconds(-3));
        predict(monitor, 100);
        clock.advance(Duration.ofSeconds(3));
        predict(monitor, 100);

        assertThat(reports).hasSize(1);
        assertThat(monitor.window().rows()).isEqualTo(300);
    }

    @Test
    void aReferenceIsAskedForAgainThoughTheClockWasSetBack() {
        ProfileStore empty = new InMemoryProfileStore();
        Monitor monitor = stored(empty).build();
        predict(monitor, 1);
        empty.put(MODEL, ProfileStore.REFERENCE, reference.toBytes());
        clock.advance(Duration.ofDays(-1));
        predict(monitor, 1);

        assertThat(monitor.window().rows()).isEqualTo(1);
    }

    @Test
    void afterClosingNothingIsStored() {
        Monitor monitor = stored(memory).windowOf(100).build();
        predict(monitor, 10);
        monitor.close();
        assertThat(storedRows()).isEqualTo(10);

        clock.advance(Duration.ofMinutes(5));
        predict(monitor, 20);
        predict(monitor, 100);

        assertThat(storedRows()).isEqualTo(10);
        assertThat(monitor.rowsSeen()).isEqualTo(130);
    }

    /** Else those who took the window would find it again after a crash. */
    @Test
    void aWindowThatIsResetIsStoredAsEnded() {
        Monitor monitor = stored(memory).build();
        predict(monitor, 10);
        monitor.save();
        monitor.reset();

        assertThat(storedRows()).isZero();
    }

    @Test
    void aStoreThatThrowsWhatItShouldNotIsAskedOnceAMinute() {
        int[] asked = new int[1];
        Monitor monitor = stored(new Store() {
                    @Override
                    public Optional<byte[]> get(Digest model, String name) {
                        asked[0]++;
                        throw new IllegalStateException("pool is closed");
                    }
                })
                .build();
        predict(monitor, 1);
        predict(monitor, 1);

        assertThat(asked[0]).isEqualTo(1);
        assertThat(monitor.eventsWithoutReference()).isEqualTo(2);
        assertThat(monitor.eventsIgnored()).isZero();
    }

    @Test
    void aStoreThatThrowsWhenItIsWrittenCostsNoEvent() {
        Monitor monitor = stored(new Store() {
                    @Override
                    public void put(Digest model, String name, byte[] profile) {
                        throw new IllegalStateException("pool is closed");
                    }
                })
                .windowOf(Duration.ofHours(1))
                .build();
        predict(monitor, 10);
        clock.advance(Duration.ofHours(1));
        predict(monitor, 10);
        monitor.close();

        assertThat(monitor.eventsIgnored()).isZero();
        assertThat(monitor.window().rows()).isEqualTo(10);
    }

    @Test
    void aListenerThatThrowsAnErrorCostsNoEvent() {
        Monitor monitor = Monitor.builder(reference)
                .clock(clock)
                .windowOf(Duration.ofHours(1))
                .onReport(report -> {
                    throw new NoClassDefFoundError("optional");
                })
                .onReport(reports::add)
                .build();
        predict(monitor, 10);
        clock.advance(Duration.ofHours(1));
        predict(monitor, 10);

        assertThat(reports).hasSize(1);
        assertThat(monitor.window().rows()).isEqualTo(10);
    }

    /** The state of a moment ago must not be what is stored last. */
    @Test
    void aStoreThatDawdlesDoesNotBringBackTheWindowBefore() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Monitor monitor = stored(new Store() {
                    private int puts;

                    @Override
                    public void put(Digest model, String name, byte[] profile) {
                        if (puts++ == 0) {
                            arrived.countDown();
                            await(goOn);
                        }
                        memory.put(model, name, profile);
                    }
                })
                .build();
        predict(monitor, 10);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            Future<?> slow = executor.submit(monitor::save);
            await(arrived);
            predict(monitor, 20);
            Future<?> later = executor.submit(monitor::close);
            // Without an order the later one would be through by now; with one it waits.
            boolean overtook = isDone(later, 100);
            goOn.countDown();
            slow.get(10, TimeUnit.SECONDS);
            later.get(10, TimeUnit.SECONDS);
            assertThat(overtook).isFalse();
        } finally {
            executor.shutdownNow();
        }
        assertThat(storedRows()).isEqualTo(30);
    }

    private static boolean isDone(Future<?> future, long millis) throws Exception {
        try {
            future.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException e) {
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aStateOfImpossibleTimesBeginsAnEmptyWindow() {
        try (Monitor monitor = stored(memory).build()) {
            predict(monitor, 10);
        }
        byte[] state = memory.get(MODEL, STATE).orElseThrow();
        long[] seconds = {Long.MAX_VALUE, Long.MIN_VALUE, Instant.MAX.getEpochSecond(), Instant.MIN.getEpochSecond(), 0
        };
        int[] nanos = {Integer.MAX_VALUE, Integer.MIN_VALUE, 999_999_999, 0, -1};
        for (int i = 0; i < seconds.length; i++) {
            ByteBuffer crafted = ByteBuffer.wrap(state.clone());
            crafted.putLong(5, seconds[i]).putInt(13, nanos[i]);
            CRC32C crc = new CRC32C();
            crc.update(crafted.array(), 0, state.length - 4);
            crafted.putInt(state.length - 4, (int) crc.getValue());
            memory.put(MODEL, STATE, crafted.array());
            Monitor monitor = stored(memory).windowOf(Duration.ofHours(1)).build();
            predict(monitor, 2);

            assertThat(monitor.rowsSeen())
                    .as("%s s, %s ns", seconds[i], nanos[i])
                    .isEqualTo(2);
            assertThat(monitor.window().rows())
                    .as("%s s, %s ns", seconds[i], nanos[i])
                    .isEqualTo(2);
        }
    }

    /** 1,000 windows of a wide model are more than a store takes at once: the latest of them go on. */
    @Test
    void ofManyClosedWindowsTheLatestAreStored() {
        WindowProfile window = reference.profiler().profile();
        List<WindowState.Closed> closed = new ArrayList<>();
        int many = WindowState.MAX_CLOSED_BYTES / window.toBytes().length + 10;
        for (int i = 0; i < many; i++) {
            closed.add(new WindowState.Closed(Instant.ofEpochSecond(i), Instant.ofEpochSecond(i + 1), window));
        }
        byte[] bytes = new WindowState(Instant.EPOCH, window, closed).toBytes();
        List<WindowState.Closed> left = WindowState.parse(bytes).closed();

        assertThat(bytes.length).isLessThan(WindowState.MAX_CLOSED_BYTES / 10 * 11);
        assertThat(left.size()).isBetween(many - 12, many - 10);
        assertThat(left).isEqualTo(closed.subList(many - left.size(), many));
    }

    /** A disk that has gone, a server that took the question and is silent. */
    @Test
    void aStoreThatHangsStopsNoWindow() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        AtomicInteger puts = new AtomicInteger();
        Monitor monitor = stored(new Store() {
                    @Override
                    public void put(Digest model, String name, byte[] profile) {
                        puts.incrementAndGet();
                        await(hangs);
                        super.put(model, name, profile);
                    }
                })
                .patience(Duration.ofMillis(50))
                .windowOf(100)
                .build();
        for (int i = 0; i < 20; i++) {
            predict(monitor, 100);
        }
        assertThat(reports).hasSize(20);
        assertThat(monitor.rowsSeen()).isEqualTo(2000);
        assertThat(monitor.eventsIgnored()).isZero();
        assertThat(storedRows()).isEqualTo(-1);
        // While it hangs it is not asked again.
        assertThat(puts).hasValue(1);
        predict(monitor, 10);
        hangs.countDown();
        for (int i = 0; storedRows() != 10 && i < 1000; i++) {
            monitor.save();
            Thread.sleep(10);
        }
        assertThat(storedRows()).isEqualTo(10);
    }

    @Test
    void aVersionWhoseReferenceHangsDoesNotStopTheOthers() {
        Digest slow = Digest.of(new byte[] {1});
        CountDownLatch hangs = new CountDownLatch(1);
        memory.put(slow, ProfileStore.REFERENCE, reference.toBytes());
        Monitor monitor = stored(new Store() {
                    @Override
                    public Optional<byte[]> get(Digest model, String name) {
                        if (model.equals(slow)) {
                            await(hangs);
                        }
                        return super.get(model, name);
                    }
                })
                .patience(Duration.ofMillis(50))
                .build();
        predict(monitor, 10);
        PredictionEvent other = new PredictionEvent(
                "e", "iris", 2, slow, Data.FLOWERS, Data.flowers(random, 7, 0), null, Instant.EPOCH, 1, null, 0);
        monitor.onPrediction(other);
        predict(monitor, 10);
        assertThat(monitor.rowsSeen()).isEqualTo(20);
        assertThat(monitor.eventsWithoutReference()).isEqualTo(1);

        hangs.countDown();
        for (int i = 0; monitor.rowsSeen() == 20 && i < 1000; i++) {
            clock.advance(Duration.ofMinutes(1));
            monitor.onPrediction(other);
        }
        assertThat(monitor.rowsSeen()).isEqualTo(27);
        assertThat(monitor.window().rows()).isEqualTo(7);
    }

    @Test
    void anErrorOfTheStoreIsItsCallers() {
        PatientStore store = new PatientStore(
                new Store() {
                    @Override
                    public List<String> names(Digest model) {
                        throw new NoClassDefFoundError("driver");
                    }
                },
                Duration.ofSeconds(10),
                "store");
        assertThatThrownBy(() -> store.names(MODEL)).isInstanceOf(NoClassDefFoundError.class);
        assertThat(store.get(MODEL, ProfileStore.REFERENCE)).isPresent();
        Thread.currentThread().interrupt();
        assertThat(store.get(MODEL, ProfileStore.REFERENCE)).isPresent();
        assertThat(Thread.interrupted()).isTrue();
    }
}
