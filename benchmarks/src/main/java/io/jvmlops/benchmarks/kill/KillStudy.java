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
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Kills a training JVM at random moments, over and over on one folder, and looks what is left: whether every point, param
 * and tag that was acknowledged is there with its value, whether what was written by one call is there as a whole or not at
 * all, and whether the run is still open.
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
        List<Double> lostPoints = new ArrayList<>();
        List<Double> lostGroups = new ArrayList<>();
        List<Double> torn = new ArrayList<>();
        List<Double> closed = new ArrayList<>();
        List<Double> opening = new ArrayList<>();
        long points = 0;
        long groups = 0;
        // Loads the driver, which is no part of what opening costs after a kill.
        Tracking.open(context.workFolder().resolve("warm-up")).close();
        Progress progress = context.progress(kills, 0.6);
        // The next one starts while the last one is looked at.
        Process next = start(folder, random);
        try {
            for (int kill = 1; kill <= kills; kill++) {
                progress.step("kill " + kill);
                Process process = next;
                if (kill < kills) {
                    next = start(folder, random);
                }
                Victim victim = killOne(process, random);
                long start = System.nanoTime();
                try (Tracking tracking = Tracking.open(folder)) {
                    opening.add((System.nanoTime() - start) / 1e6);
                    RunInfo run = tracking.store().findRun(victim.run).orElseThrow();
                    boolean open = run.status() == RunStatus.RUNNING || run.status() == RunStatus.KILLED;
                    closed.add(open ? 0.0 : 1.0);
                    lostPoints.add((double) missing(tracking, victim));
                    lostGroups.add((double) Math.max(0, victim.groups - wholeGroups(tracking, run)));
                    torn.add(holdsWholeGroupsOnly(tracking, run) ? 0.0 : 1.0);
                }
                points += victim.points;
                groups += victim.groups;
            }
        } finally {
            next.destroyForcibly();
        }
        context.row(Row.measured("acknowledged points lost, the most of all kills", "points", List.of(max(lostPoints)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured(
                        "acknowledged groups of params and tags lost, the most of all kills",
                        "groups",
                        List.of(max(lostGroups)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured("killed runs of which a part of a group is there", "runs", List.of(sum(torn)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured("killed runs that read as ended by themselves", "runs", List.of(sum(closed)))
                .withTarget(Target.oursAtMost(0)));
        context.row(Row.measured("opening the folder afterwards", "ms", opening).withTarget(Target.oursAtMost(1000)));
        context.row(Row.measured("opening the folder afterwards, the longest", "ms", List.of(max(opening)))
                .withTarget(Target.oursAtMost(1000)));
        context.note(kills + " kills, " + points + " acknowledged points, " + groups
                + " acknowledged groups of two params, two tags and a point, all in one folder");
    }

    private record Victim(String run, long points, long groups) {
        /** A line that is torn by the kill has smaller numbers, or none, and so claims no more than was said. */
        Victim after(String line) {
            if (line.startsWith(KilledTraining.RUN)) {
                return new Victim(line.substring(KilledTraining.RUN.length()), points, groups);
            }
            if (!line.matches(KilledTraining.ACKNOWLEDGED + "[0-9]+ [0-9]+")) {
                return this;
            }
            String[] numbers =
                    line.substring(KilledTraining.ACKNOWLEDGED.length()).split(" ", -1);
            return new Victim(
                    run, Math.max(points, Long.parseLong(numbers[0])), Math.max(groups, Long.parseLong(numbers[1])));
        }
    }

    private static Process start(Path folder, Random random) {
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
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Victim killOne(Process process, Random random) {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            Victim victim = new Victim("", 0, 0);
            int until = 2 + random.nextInt(LINES);
            for (int i = 0; i < until; i++) {
                String line = output.readLine();
                if (line == null) {
                    throw new IllegalStateException(
                            "the training ended by itself, with exit code " + process.waitFor());
                }
                victim = victim.after(line);
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
                victim = victim.after(line);
            }
            return victim;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            process.destroyForcibly();
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
        return Math.max(0, victim.points - next);
    }

    /** Up to which group everything of every group is there. */
    private static long wholeGroups(Tracking tracking, RunInfo run) {
        long whole = 0;
        try (Stream<MetricPoint> history = tracking.metrics().history(run.id(), "group")) {
            for (MetricPoint point : (Iterable<MetricPoint>) history::iterator) {
                String number = Long.toString(whole + 1);
                if (point.step() != whole + 1
                        || !number.equals(run.params().get("a" + number))
                        || !number.equals(run.params().get("b" + number))) {
                    return whole;
                }
                whole++;
            }
        }
        return whole;
    }

    private static boolean holdsWholeGroupsOnly(Tracking tracking, RunInfo run) {
        long whole = wholeGroups(tracking, run);
        String last = whole == 0 ? null : Long.toString(whole);
        MetricPoint point = run.metrics().get("group");
        return run.params().size() == 2 * whole
                && Objects.equals(run.tags().get("a"), last)
                && Objects.equals(run.tags().get("b"), last)
                && (point == null ? 0 : point.step()) == whole;
    }

    private static double max(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }
}
