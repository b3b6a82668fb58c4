package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.ProfileStore;
import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.monitoring.InMemoryProfileStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** When windows end, what they are compared with, and what is left of them after a restart. */
class WindowsTest {
    private static final String NAME = "sepal_length";

    private final SplittableRandom random = new SplittableRandom(5);
    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:20:00Z"));
    private final List<DriftReport> reports = new ArrayList<>();
    private final ReferenceProfile reference = ReferenceProfile.builder(Data.FLOWERS)
            .add(Data.flowers(random, 2000, 0), Data.scores(random, 2000, 0))
            .build();

    private static Digest digest(String version) {
        return Digest.of(version.getBytes(StandardCharsets.UTF_8));
    }

    private static PredictionEvent event(Digest digest, Tensors inputs) {
        return new PredictionEvent("e", "iris", 1, digest, Data.FLOWERS, inputs, null, Instant.EPOCH, 1, null, 0);
    }

    private void predict(Monitor monitor, Digest digest, int rows, double shift) {
        monitor.onPrediction(event(digest, Data.flowers(random, rows, shift)));
    }

    private void predict(Monitor monitor, int rows, double shift) {
        predict(monitor, digest("1"), rows, shift);
    }

    private Monitor.Builder fixed() {
        return Monitor.builder(reference).name("iris").clock(clock).onReport(reports::add);
    }

    @Nested
    class Ends {
        @Test
        void ofAnHourEndOnTheHour() {
            Monitor monitor = fixed().windowOf(Duration.ofHours(1)).build();
            predict(monitor, 300, 0);
            clock.advance(Duration.ofMinutes(39));
            predict(monitor, 200, 0);
            assertThat(reports).isEmpty();

            clock.advance(Duration.ofMinutes(1));
            predict(monitor, 100, 0);

            assertThat(reports).singleElement().satisfies(report -> {
                assertThat(report.currentRows()).isEqualTo(500);
                assertThat(report.at()).isEqualTo(Instant.parse("2026-03-01T11:00:00Z"));
            });
            assertThat(monitor.lastReport()).contains(reports.get(0));
            assertThat(monitor.window().rows()).isEqualTo(100);
        }

        @Test
        void areFoundOverByAReportToo() {
            Monitor monitor = fixed().windowOf(Duration.ofHours(1)).build();
            predict(monitor, 300, 0);
            clock.advance(Duration.ofDays(3));

            assertThat(monitor.report().currentRows()).isZero();
            assertThat(reports).hasSize(1);
        }

        @Test
        void hoursInWhichNobodyAskedAreNotReported() {
            Monitor monitor = fixed().windowOf(Duration.ofHours(1)).build();
            clock.advance(Duration.ofHours(5));
            predict(monitor, 10, 0);

            assertThat(reports).isEmpty();
            assertThat(monitor.window().rows()).isEqualTo(10);
        }

        @Test
        void ofRowsEndWhenTheyAreFull() {
            Monitor monitor = fixed().windowOf(1000).build();
            for (int i = 0; i < 25; i++) {
                predict(monitor, 100, 0);
            }

            assertThat(reports).extracting(DriftReport::currentRows).containsExactly(1000L, 1000L);
            assertThat(monitor.window().rows()).isEqualTo(500);
        }

        /** What was taken with one half each is one sample with what was taken with one quarter each. */
        @Test
        void countWhatWasTaken() {
            Monitor monitor = fixed().build();
            for (int sampling : new int[] {1, 2}) {
                monitor.onPrediction(new PredictionEvent(
                        "e",
                        "iris",
                        1,
                        digest("1"),
                        Data.FLOWERS,
                        Data.flowers(random, 2000, 0),
                        null,
                        Instant.EPOCH,
                        1,
                        null,
                        sampling));
            }

            assertThat(monitor.rowsSeen()).isEqualTo(4000);
            assertThat(monitor.window().rows()).isEqualTo(4000);
            assertThat(monitor.window().uniform().sampling()).isEqualTo(2);
            // Half of the first 2,000 and all of the others: within five standard deviations.
            assertThat(monitor.report().currentRows()).isBetween(2888L, 3112L);
            assertThat(monitor.report().hasDrift()).isFalse();
        }

        @Test
        void aListenerThatThrowsHurtsNobody() {
            Monitor monitor = Monitor.builder(reference)
                    .clock(clock)
                    .windowOf(100)
                    .onReport(report -> {
                        throw new IllegalStateException("listener");
                    })
                    .onReport(reports::add)
                    .build();

            predict(monitor, 100, 0);

            assertThat(reports).hasSize(1);
            assertThat(monitor.eventsIgnored()).isZero();
        }
    }

    @Nested
    class Baselines {
        private List<Boolean> alarms(Baseline baseline, double... shifts) {
            reports.clear();
            Monitor monitor = fixed().windowOf(1000).against(baseline).build();
            for (double shift : shifts) {
                predict(monitor, 1000, shift);
            }
            return reports.stream()
                    .map(report -> report.drifted(Kind.INPUT).contains(NAME))
                    .toList();
        }

        @Test
        void aFixedReferenceAlarmsAsLongAsADriftLasts() {
            assertThat(alarms(Baseline.fixed(), 0, 1, 1, 1, 0)).containsExactly(false, true, true, true, false);
        }

        @Test
        void aPreviousWindowAlarmsWhereItBeginsAndEnds() {
            assertThat(alarms(Baseline.previous(), 0, 1, 1, 1, 0)).containsExactly(false, true, false, false, true);
        }

        @Test
        void theFirstWindowIsComparedWithTheReference() {
            assertThat(alarms(Baseline.previous(), 1, 1)).containsExactly(true, false);
        }

        @Test
        void aRollingOneForgetsSlowly() {
            assertThat(alarms(Baseline.rolling(3), 0, 0, 0, 1, 1, 1, 1))
                    .containsExactly(false, false, false, true, true, true, false);
        }

        @Test
        void theyNeedWindowsThatEnd() {
            assertThatThrownBy(() -> fixed().against(Baseline.previous()).build())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("windowOf");
        }
    }

    @Nested
    class Versions {
        private final ProfileStore store = new InMemoryProfileStore();

        private Monitor.Builder stored() {
            return Monitor.builder(store).name("iris").clock(clock).onReport(reports::add);
        }

        @Test
        void areComparedWithTheirOwnReferences() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            store.put(
                    digest("2"),
                    ProfileStore.REFERENCE,
                    ReferenceProfile.builder(Data.FLOWERS)
                            .add(Data.flowers(random, 2000, 3))
                            .build()
                            .toBytes());
            Monitor monitor = stored().build();

            predict(monitor, digest("1"), 500, 0);
            assertThat(monitor.report().drifted(Kind.INPUT)).isEmpty();
            predict(monitor, digest("2"), 500, 3);
            assertThat(monitor.report().drifted(Kind.INPUT)).isEmpty();
            predict(monitor, digest("1"), 500, 3);
            assertThat(monitor.report().drifted(Kind.INPUT)).containsExactly(NAME);
            assertThat(monitor.report().currentRows()).isEqualTo(1000);
        }

        @Test
        void withoutReferenceAreCountedAndNotWatched() {
            Monitor monitor = stored().build();
            predict(monitor, digest("1"), 5, 0);
            predict(monitor, digest("1"), 5, 0);

            assertThat(monitor.eventsWithoutReference()).isEqualTo(2);
            assertThat(monitor.reference()).isEmpty();
            assertThat(monitor.lastReport()).isEmpty();
            assertThatThrownBy(monitor::report)
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("reference");
        }

        @Test
        void areWatchedOnceTheirReferenceIsThere() {
            Monitor monitor = stored().build();
            predict(monitor, 5, 0);
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            predict(monitor, 5, 0);
            assertThat(monitor.eventsWithoutReference()).isEqualTo(2);

            clock.advance(Duration.ofMinutes(1));
            predict(monitor, 5, 0);

            assertThat(monitor.window().rows()).isEqualTo(5);
        }

        /** Were it taken for a store without state, the next minute would overwrite what is there. */
        @Test
        void waitForAStoreThatCannotBeRead() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            try (Monitor monitor = stored().build()) {
                predict(monitor, 10, 0);
            }
            AtomicBoolean down = new AtomicBoolean(true);
            ProfileStore flaky = new ProfileStore() {
                @Override
                public void put(Digest model, String name, byte[] profile) {
                    store.put(model, name, profile);
                }

                @Override
                public Optional<byte[]> get(Digest model, String name) {
                    if (down.get() && !name.equals(ProfileStore.REFERENCE)) {
                        throw new StorageException("down", null);
                    }
                    return store.get(model, name);
                }

                @Override
                public List<String> names(Digest model) {
                    return store.names(model);
                }
            };
            Monitor monitor = Monitor.builder(flaky).clock(clock).build();
            predict(monitor, 5, 0);
            down.set(false);
            clock.advance(Duration.ofMinutes(1));
            predict(monitor, 5, 0);

            assertThat(monitor.window().rows()).isEqualTo(15);
        }

        @Test
        void withADamagedReferenceAreNotWatched() {
            byte[] bytes = reference.toBytes();
            bytes[bytes.length / 2] ^= 1;
            store.put(digest("1"), ProfileStore.REFERENCE, bytes);
            Monitor monitor = stored().build();

            predict(monitor, digest("1"), 5, 0);

            assertThat(monitor.eventsWithoutReference()).isEqualTo(1);
        }

        @Test
        void beyondABoundAreStoredAndComeBack() {
            Monitor monitor = stored().build();
            for (int i = 0; i <= Monitor.MAX_VERSIONS; i++) {
                store.put(digest("v" + i), ProfileStore.REFERENCE, reference.toBytes());
                predict(monitor, digest("v" + i), 10 + i, 0);
            }
            assertThat(store.names(digest("v0"))).contains("window-main");

            predict(monitor, digest("v0"), 1, 0);

            assertThat(monitor.window().rows()).isEqualTo(11);
        }

        @Test
        void goOnAfterARestart() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            WindowProfile before;
            try (Monitor monitor =
                    stored().windowOf(1000).against(Baseline.previous()).build()) {
                predict(monitor, 1000, 1);
                predict(monitor, 600, 1);
                before = monitor.window();
            }
            reports.clear();

            Monitor next = stored().windowOf(1000).against(Baseline.previous()).build();
            predict(next, 1, 1);
            assertThat(next.window().rows()).isEqualTo(before.rows() + 1);
            predict(next, 399, 1);

            // Compared with the window before the restart, not with the reference.
            assertThat(reports).singleElement().satisfies(report -> {
                assertThat(report.currentRows()).isEqualTo(1000);
                assertThat(report.hasDrift()).isFalse();
            });
        }

        @Test
        void areStoredEveryMinuteWhilePredictionsCome() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            Monitor monitor = stored().build();
            predict(monitor, 10, 0);
            assertThat(store.get(digest("1"), "window-main")).isEmpty();

            clock.advance(Duration.ofMinutes(1));
            predict(monitor, 10, 0);

            Monitor killed = stored().build();
            predict(killed, 1, 0);
            assertThat(killed.window().rows()).isEqualTo(21);
        }

        @Test
        void twoInstancesKeepTheirOwn() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            try (Monitor a = stored().instance("a").build();
                    Monitor b = stored().instance("b").build()) {
                predict(a, 10, 0);
                predict(b, 20, 0);
            }

            Monitor again = stored().instance("b").build();
            predict(again, 1, 0);

            assertThat(again.window().rows()).isEqualTo(21);
            assertThat(store.names(digest("1"))).containsExactly("reference", "window-a", "window-b");
        }

        @Test
        void damagedStateBeginsAnEmptyWindow() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            try (Monitor monitor = stored().build()) {
                predict(monitor, 10, 0);
            }
            byte[] state = store.get(digest("1"), "window-main").orElseThrow();
            for (int length : new int[] {0, 3, 5, 17, state.length / 2, state.length - 1}) {
                store.put(digest("1"), "window-main", Arrays.copyOf(state, length));
                Monitor monitor = stored().build();
                predict(monitor, 2, 0);

                assertThat(monitor.window().rows()).isEqualTo(2);
            }
            for (int i = 0; i < state.length; i += 7) {
                byte[] damaged = state.clone();
                damaged[i] ^= 0x55;
                store.put(digest("1"), "window-main", damaged);
                Monitor monitor = stored().build();
                predict(monitor, 2, 0);

                assertThat(monitor.window().rows()).isEqualTo(2);
            }
        }

        @Test
        void stateOverAnotherReferenceIsNotMixedIn() {
            store.put(digest("1"), ProfileStore.REFERENCE, reference.toBytes());
            try (Monitor monitor = stored().build()) {
                predict(monitor, 10, 0);
            }
            store.put(
                    digest("1"),
                    ProfileStore.REFERENCE,
                    ReferenceProfile.builder(Data.FLOWERS)
                            .add(Data.flowers(random, 500, 0))
                            .build()
                            .toBytes());

            Monitor monitor = stored().build();
            predict(monitor, 2, 0);

            assertThat(monitor.window().rows()).isEqualTo(2);
        }

        @Test
        void aStoreThatFailsStopsNothing() {
            ProfileStore failing = new ProfileStore() {
                @Override
                public void put(Digest model, String name, byte[] profile) {
                    throw new StorageException("full", null);
                }

                @Override
                public Optional<byte[]> get(Digest model, String name) {
                    return name.equals(ProfileStore.REFERENCE) ? Optional.of(reference.toBytes()) : Optional.empty();
                }

                @Override
                public List<String> names(Digest model) {
                    return List.of();
                }
            };
            try (Monitor monitor = Monitor.builder(failing)
                    .clock(clock)
                    .windowOf(100)
                    .onReport(reports::add)
                    .build()) {
                predict(monitor, 100, 0);
                clock.advance(Duration.ofMinutes(2));
                predict(monitor, 50, 0);

                assertThat(reports).hasSize(1);
                assertThat(monitor.window().rows()).isEqualTo(50);
                assertThat(monitor.eventsIgnored()).isZero();
            }
        }
    }
}
