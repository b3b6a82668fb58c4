package io.jvmlops.benchmarks.kill;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import io.jvmlops.tracking.Tracking;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Kills a training JVM at random moments, over and over on one folder, and looks what is left: whether every metric that
 * was acknowledged is there with its value, and whether the run is still open.
 */
public final class KillStudy implements Study {
    private static final int LINES = 60;
    private static final int MAX_DELAY_NANOS = 3_000_000;

    @Override
    public String name() {
        return "kill";
    }

    @Override
    public String summary() {
        return "kill -9 of a training at random moments: what is left of what was acknowledged";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("kills", "how often", "1000", "5"),
                new StudyOption("seed", "of the moments", "1", "1"));
    }

    @Override
    public void run(StudyContext context) {
        int kills = context.intOption("kills", 1, 100_000);
        Random random = new Random(context.intOption("seed", 0, Integer.MAX_VALUE));
        Path folder = context.workFolder().resolve("tracking");
        List<Double> lost = new ArrayList<>();
        List<Double> closed = new ArrayList<>();
        List<Double> opening = new ArrayList<>();
        long points = 0;
        Progress progress = context.progress(kills, 0.6);
        for (int kill = 1; kill <= kills; kill++) {
            progress.step("kill " + kill);
            Victim victim = killOne(folder, random);
            long start = System.nanoTime();
            try (Tracking tracking = Tracking.open(folder)) {
                opening.add((System.nanoTime() - start) / 1e6);
                RunInfo run = tracking.store().findRun(victim.run).orElseThrow();
                closed.add(run.status() == RunStatus.RUNNING ? 0.0 : 1.0);
                lost.add((double) missing(tracking, victim));
            }
            points += victim.acknowledged;
        }
        context.row(Row.measured("acknowledged points lost, the most of all kills", "points", List.of(max(lost)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured("killed runs that do not read as running", "runs", List.of(sum(closed)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured("opening the folder afterwards", "ms", opening).withTarget(Target.oursAtMost(1000)));
        context.note(kills + " kills, " + points + " acknowledged points, all in one folder");
    }

    private record Victim(String run, long acknowledged) {}

    private static Victim killOne(Path folder, Random random) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledTraining.class.getName(),
                folder.toString(),
                Long.toString(random.nextLong())));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String run = "";
                long acknowledged = 0;
                int until = 1 + random.nextInt(LINES);
                for (int i = 0; i < until; i++) {
                    String line = output.readLine();
                    if (line == null) {
                        throw new IllegalStateException(
                                "the training ended by itself, with exit code " + process.waitFor());
                    }
                    if (line.startsWith(KilledTraining.RUN)) {
                        run = line.substring(KilledTraining.RUN.length());
                    } else {
                        acknowledged = Long.parseLong(line.substring(KilledTraining.ACKNOWLEDGED.length()));
                    }
                }
                // Somewhere within the next write.
                long moment = System.nanoTime() + random.nextInt(MAX_DELAY_NANOS);
                while (System.nanoTime() < moment) {
                    Thread.onSpinWait();
                }
                // Not Process.destroyForcibly(), which closes the pipe with what was said last.
                process.toHandle().destroyForcibly();
                process.waitFor();
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    // A line torn by the kill says less than was acknowledged, never more.
                    if (line.matches(KilledTraining.ACKNOWLEDGED + "[0-9]+")) {
                        acknowledged = Math.max(
                                acknowledged, Long.parseLong(line.substring(KilledTraining.ACKNOWLEDGED.length())));
                    }
                }
                return new Victim(run, acknowledged);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** How many of the acknowledged steps are not there with their value. */
    private static long missing(Tracking tracking, Victim victim) {
        long next = 0;
        try (Stream<MetricPoint> history = tracking.metrics().history(victim.run, "loss")) {
            for (MetricPoint point : (Iterable<MetricPoint>) history::iterator) {
                if (point.step() == next && point.value() == KilledTraining.loss(next)) {
                    next++;
                }
            }
        }
        return Math.max(0, victim.acknowledged - next);
    }

    private static double max(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }
}
