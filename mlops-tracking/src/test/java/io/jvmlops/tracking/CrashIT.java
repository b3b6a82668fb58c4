package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.tracking.LoggingProgram.Acknowledged;
import io.jvmlops.tracking.postgres.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they log. {@code -Djvmlops.kills=N} kills more often. */
class CrashIT {
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 25);
    private static final int KILLS_ON_POSTGRES = 4;

    /** Nothing that anybody would wait for; what is usual is measured by the benchmark {@code kill}. */
    private static final Duration OPENING = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        kill(folder.resolve("mlops.db").toString(), KILLS);
    }

    @Test
    void whatPostgresAcknowledgedSurvivesAKill() throws Exception {
        kill("postgres:" + TestServer.port() + ":" + TestServer.newSchema(), KILLS_ON_POSTGRES);
    }

    private void kill(String place, int kills) throws Exception {
        Random random = new Random(42);
        // The next one starts while the last one is looked at.
        ForkedJvm next = fork(place, random);
        try {
            for (int kill = 0; kill < kills; kill++) {
                ForkedJvm victim = next;
                victim.println("go");
                next = fork(place, random);
                String run = victim.requireLine().substring("run ".length());
                List<String> lines = new ArrayList<>();
                // At a random moment of the work, somewhere within the next write.
                int until = 1 + random.nextInt(25);
                for (int i = 0; i < until; i++) {
                    lines.add(victim.requireLine());
                }
                busyFor(random.nextInt(2_000_000));
                lines.addAll(victim.kill());
                Acknowledged acknowledged = Acknowledged.NOTHING;
                for (String line : lines) {
                    acknowledged = acknowledged.plus(line);
                }
                assertThat(acknowledged.groups()).isPositive();
                long start = System.nanoTime();
                try (StoreProgram.Stores stores = StoreProgram.open(place)) {
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(OPENING);
                    assertThat(LoggingProgram.problems(stores, run, acknowledged))
                            .isEmpty();
                    assertThat(stores.runs().findRun(run).orElseThrow().status())
                            .isIn(RunStatus.RUNNING, RunStatus.KILLED);
                    // And it goes on working.
                    LoggingProgram.write(
                            stores.runs(), LoggingProgram.start(stores.runs(), "after", "after-" + run), 1);
                    assertThat(LoggingProgram.problems(stores, "after-" + run, new Acknowledged(0, 1)))
                            .isEmpty();
                }
            }
        } finally {
            next.close();
        }
    }

    private ForkedJvm fork(String place, Random random) throws IOException {
        return new ForkedJvm(
                LoggingProgram.class, place, folder.resolve("artifacts").toString(), "" + random.nextLong());
    }

    static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
