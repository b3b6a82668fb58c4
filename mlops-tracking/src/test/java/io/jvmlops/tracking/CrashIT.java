package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed, and processes that share a file. {@code -Djvmlops.kills=N} kills more often. */
class CrashIT {
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 5);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        Random random = new Random(42);
        for (int kill = 0; kill < KILLS; kill++) {
            long acknowledged = -1;
            String run;
            try (ForkedJvm training = new ForkedJvm(TrainingProgram.class, folder.toString())) {
                run = Objects.requireNonNull(training.readLine()).substring("run ".length());
                List<String> lines = new ArrayList<>();
                // At a random moment of the work, somewhere within the next write.
                int until = 1 + random.nextInt(200);
                for (int i = 0; i < until; i++) {
                    lines.add(Objects.requireNonNull(training.readLine()));
                }
                busyFor(random.nextInt(2_000_000));
                lines.addAll(training.kill());
                for (String line : lines) {
                    // The last line may be torn by the kill; a torn number would be smaller, and so is no false claim.
                    if (line.matches("acknowledged [0-9]+")) {
                        acknowledged = Math.max(acknowledged, Long.parseLong(line.substring("acknowledged ".length())));
                    }
                }
            }
            assertThat(acknowledged).isNotNegative();
            try (Tracking tracking = Tracking.open(folder)) {
                RunInfo info = tracking.store().findRun(run).orElseThrow();
                assertThat(info.status()).isEqualTo(RunStatus.RUNNING);
                assertThat(info.endedAt()).isNull();
                assertHasAllSteps(tracking, run, acknowledged);
                // And it goes on working.
                RunInfo next = tracking.experiment("crash").run("after", r -> r.logMetric("loss", 1));
                assertThat(next.status()).isEqualTo(RunStatus.FINISHED);
            }
        }
    }

    private static void assertHasAllSteps(Tracking tracking, String run, long last) {
        for (String key : List.of("loss", "accuracy")) {
            try (Stream<MetricPoint> history = tracking.metrics().history(run, key)) {
                List<MetricPoint> points = history.toList();
                // More than was acknowledged may be there, but no gap before it and nothing twice.
                assertThat(points.stream().map(MetricPoint::step).toList())
                        .isEqualTo(LongStream.range(0, points.size()).boxed().toList());
                if (key.equals("loss")) {
                    assertThat(points).hasSizeGreaterThan((int) last);
                    assertThat(points).allSatisfy(p -> assertThat(p.value()).isEqualTo(TrainingProgram.loss(p.step())));
                }
            }
        }
    }

    private static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void processesShareAFileWithoutALockedError() throws Exception {
        int steps = 2_000;
        try (ForkedJvm one = new ForkedJvm(TrainingProgram.class, folder.toString(), String.valueOf(steps));
                ForkedJvm two = new ForkedJvm(TrainingProgram.class, folder.toString(), String.valueOf(steps));
                ForkedJvm three = new ForkedJvm(TrainingProgram.class, folder.toString(), String.valueOf(steps))) {
            for (ForkedJvm each : List.of(one, two, three)) {
                String last = null;
                for (String line = each.readLine(); line != null; line = each.readLine()) {
                    last = line;
                }
                assertThat(last).isEqualTo("done");
                assertThat(each.await()).isZero();
            }
        }
        try (Tracking tracking = Tracking.open(folder)) {
            List<RunInfo> runs = tracking.store().search(RunQuery.all()).items();
            assertThat(runs).hasSize(3).allMatch(run -> run.status() == RunStatus.FINISHED);
            assertThat(tracking.store().experiments()).hasSize(1);
            for (RunInfo run : runs) {
                assertHasAllSteps(tracking, run.id(), steps - 1);
            }
        }
    }
}
