package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.files.LocalArtifactStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Logs points, params and tags until it is killed: {@code <place of the stores> <folder of artifacts> <seed>}. Begins when
 * it is sent a line; prints {@code run <id>}, then {@code acknowledged <points> <groups>} whenever it knows that more is
 * durable. A group is what one call writes: two params, two tags and a point, each saying its number.
 */
public final class LoggingProgram {
    private static final String LINE = "acknowledged ([0-9]+) ([0-9]+)";

    private LoggingProgram() {}

    /** What was acknowledged. */
    public record Acknowledged(long points, long groups) {
        public static final Acknowledged NOTHING = new Acknowledged(0, 0);

        /** What a line adds; one that is torn by the kill has smaller numbers, and so claims no more than was said. */
        public Acknowledged plus(String line) {
            if (!line.matches(LINE)) {
                return this;
            }
            return new Acknowledged(
                    Math.max(points, Long.parseLong(line.replaceFirst(LINE, "$1"))),
                    Math.max(groups, Long.parseLong(line.replaceFirst(LINE, "$2"))));
        }
    }

    static double loss(long step) {
        return 1.0 / (1 + step);
    }

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(Long.parseLong(arguments[2]));
        StoreProgram.awaitLine();
        ArtifactStore artifacts = LocalArtifactStore.open(Path.of(arguments[1]));
        try (StoreProgram.Stores stores = StoreProgram.open(arguments[0]);
                Tracking tracking = Tracking.builder()
                        .store(stores.runs())
                        .metrics(stores.metrics())
                        .artifacts(artifacts)
                        .registry(stores.registry().apply(artifacts))
                        .build();
                Run run = tracking.experiment("crash").startRun("logging")) {
            System.out.println("run " + run.id());
            long points = 0;
            for (long group = 1; ; group++) {
                int burst = 1 + random.nextInt(50);
                for (int i = 0; i < burst; i++) {
                    run.logMetric("loss", loss(points), points);
                    points++;
                }
                write(stores.runs(), run.id(), group);
                if (random.nextBoolean()) {
                    run.flush();
                    System.out.println("acknowledged " + points + " " + group);
                } else {
                    System.out.println("acknowledged 0 " + group);
                }
            }
        }
    }

    static void write(TrackingStore store, String run, long group) {
        store.updateRun(
                run,
                RunChanges.builder()
                        .param("a" + group, "v" + group)
                        .param("b" + group, "v" + group)
                        .tag("a", "" + group)
                        .tag("b", "" + group)
                        .metric(new MetricPoint("group", group, group, group))
                        .build());
    }

    /** A run that {@link #write} can write to, of an experiment of that name. */
    static String start(TrackingStore store, String experiment, String id) {
        store.createRun(new NewRun(id, store.experiment(experiment).id(), "run", Instant.EPOCH));
        return id;
    }

    /**
     * Says what is wrong with a run, or nothing: whether all that was acknowledged is there, whether more is there without a
     * gap, and no group in part.
     */
    public static String problems(StoreProgram.Stores stores, String id, Acknowledged acknowledged) {
        RunInfo run = stores.runs().findRun(id).orElse(null);
        if (run == null) {
            return "run " + id + " is not there; ";
        }
        StringBuilder wrong = new StringBuilder();
        int groups = run.params().size() / 2;
        if (groups < acknowledged.groups) {
            wrong.append(groups)
                    .append(" groups of ")
                    .append(acknowledged.groups)
                    .append("; ");
        }
        Map<String, String> params = new TreeMap<>();
        for (int group = 1; group <= groups; group++) {
            params.put("a" + group, "v" + group);
            params.put("b" + group, "v" + group);
        }
        if (!params.equals(run.params())) {
            wrong.append("params with gaps or halves: ").append(run.params()).append("; ");
        }
        String last = groups == 0 ? "null" : "" + groups;
        if (!last.equals("" + run.tags().get("a"))
                || !last.equals("" + run.tags().get("b"))) {
            wrong.append("tags ")
                    .append(run.tags())
                    .append(" after group ")
                    .append(groups)
                    .append("; ");
        }
        long points = 0;
        try (Stream<MetricPoint> history = stores.metrics().history(id, "loss")) {
            for (MetricPoint point : (Iterable<MetricPoint>) history::iterator) {
                if (point.step() != points || point.value() != loss(points)) {
                    wrong.append("point ")
                            .append(points)
                            .append(" is ")
                            .append(point)
                            .append("; ");
                    break;
                }
                points++;
            }
        }
        if (points < acknowledged.points) {
            wrong.append(points)
                    .append(" points of ")
                    .append(acknowledged.points)
                    .append("; ");
        }
        try (Stream<MetricPoint> history = stores.metrics().history(id, "group")) {
            long expected = 1;
            for (MetricPoint point : (Iterable<MetricPoint>) history::iterator) {
                if (point.step() != expected++) {
                    wrong.append("point of group ")
                            .append(point.step())
                            .append(" in the place of ")
                            .append(expected - 1)
                            .append("; ");
                    break;
                }
            }
            if (expected != groups + 1) {
                wrong.append("points of ")
                        .append(expected - 1)
                        .append(" groups of ")
                        .append(groups)
                        .append("; ");
            }
        }
        return wrong.toString();
    }
}
