package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die, and processes that only seem to, as another process sees them. */
@Timeout(90)
class HeartbeatIT {
    private static final Duration LEASE = Duration.ofMillis(800);

    @TempDir
    Path folder;

    private Tracking tracking() {
        return tracking(LEASE);
    }

    private Tracking tracking(Duration lease) {
        return Tracking.builder()
                .folder(folder)
                .lease(lease)
                .recordSource(false)
                .build();
    }

    private ForkedJvm training() throws IOException {
        return new ForkedJvm(LeasedProgram.class, folder.toString(), String.valueOf(LEASE.toMillis()));
    }

    private static String run(ForkedJvm training) throws IOException {
        return Objects.requireNonNull(training.readLine()).substring("run ".length());
    }

    private static RunInfo info(Tracking tracking, String run) {
        return tracking.findRun(run).orElseThrow();
    }

    private static RunInfo awaitStatus(Tracking tracking, String run, RunStatus status) {
        return await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> info(tracking, run), info -> info.status() == status);
    }

    @Test
    void aRunWhoseProcessWasKilledIsFoundByAnother() throws Exception {
        try (ForkedJvm training = training()) {
            String run = run(training);
            training.kill();
            try (Tracking other = tracking()) {
                RunInfo killed = awaitStatus(other, run, RunStatus.KILLED);
                assertThat(killed.endReason()).contains("no sign of life");
                assertThat(killed.endedAt()).isNotNull();
                assertThat(killed.metrics().get("loss"))
                        .extracting(MetricPoint::value)
                        .isEqualTo(0.5);

                // And can be taken up where it stopped.
                try (Run again = other.resumeRun(run)) {
                    assertThat(again.info().status()).isEqualTo(RunStatus.RUNNING);
                    again.logMetric("loss", 0.25, 2);
                    again.complete();
                }
                assertThat(info(other, run).status()).isEqualTo(RunStatus.FINISHED);
                assertThat(info(other, run).endReason()).isNull();
            }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProcessThatWasOnlySuspendedTakesItsRunUpAgainAndCompletesIt() throws Exception {
        try (ForkedJvm training = training();
                Tracking other = tracking()) {
            String run = run(training);
            suspend(training);
            awaitStatus(other, run, RunStatus.KILLED);
            signal("CONT", training);
            RunInfo revived = awaitStatus(other, run, RunStatus.RUNNING);
            assertThat(revived.endedAt()).isNull();
            assertThat(revived.endReason()).isNull();

            training.println("");
            assertThat(training.readLine()).isEqualTo("done");
            assertThat(training.await()).isZero();
            assertThat(info(other, run).status()).isEqualTo(RunStatus.FINISHED);
            try (Stream<MetricPoint> history = other.metrics().history(run, "loss")) {
                assertThat(history.map(MetricPoint::step)).containsExactly(1L, 2L);
            }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProcessThatIsTakenForKilledWhileItEndsStillEndsAsItSays() throws Exception {
        try (ForkedJvm training = training();
                Tracking other = tracking()) {
            String run = run(training);
            suspend(training);
            // Waits for it: it completes as soon as it goes on, before or after the next beat.
            training.println("");
            awaitStatus(other, run, RunStatus.KILLED);
            signal("CONT", training);
            assertThat(training.readLine()).isEqualTo("done");
            assertThat(info(other, run).status()).isEqualTo(RunStatus.FINISHED);
        }
    }

    /** Not in the middle of a write, in which it would keep all others from writing for as long as it is suspended. */
    private void suspend(ForkedJvm training) throws Exception {
        while (true) {
            signal("STOP", training);
            try (SqliteStores stores = SqliteStores.builder(folder.resolve("mlops.db"))
                    .busyTimeout(Duration.ofSeconds(1))
                    .open()) {
                stores.runs().heartbeat(List.of("no-such-run"), Duration.ofHours(1));
                return;
            } catch (StorageException e) {
                assertThat(e.retryable()).isTrue();
                signal("CONT", training);
            }
        }
    }

    private static void signal(String signal, ForkedJvm training) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(training.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    @Test
    void aRunThatLivesOutlivesItsLease() {
        // Longer than a busy machine may hold up a beat.
        Duration lease = Duration.ofSeconds(3);
        try (Tracking tracking = tracking(lease);
                Tracking other = tracking();
                Run run = tracking.experiment("leases").startRun("long")) {
            long end = System.nanoTime() + lease.plusMillis(500).toNanos();
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(Duration.ofSeconds(30))
                    .until(
                            () -> {
                                assertThat(info(other, run.id()).status()).isEqualTo(RunStatus.RUNNING);
                                return System.nanoTime();
                            },
                            now -> now - end > 0);
            run.complete();
            assertThat(info(other, run.id()).status()).isEqualTo(RunStatus.FINISHED);
        }
    }

    @Test
    void aLeaseIsLongEnoughToBeKept() {
        assertThatThrownBy(() -> Tracking.builder().lease(Duration.ofMillis(99)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0.1S or more");
    }
}
