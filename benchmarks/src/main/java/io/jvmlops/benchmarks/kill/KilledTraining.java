package io.jvmlops.benchmarks.kill;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Trains until it is killed, in a JVM of its own, and says on standard output what has been acknowledged. */
final class KilledTraining {
    static final String RUN = "run ";
    static final String ACKNOWLEDGED = "acknowledged ";

    private KilledTraining() {}

    /** What is logged at a step, so that the survivor can be checked. */
    static double loss(long step) {
        return 1.0 / (1 + step);
    }

    /**
     * Writes a group: two params, two tags and a point in one call, each with the group's number, so that a group of which
     * only a part survives is told from a whole one.
     */
    private static void writeGroup(Tracking tracking, String run, long group) {
        String number = Long.toString(group);
        tracking.store()
                .updateRun(
                        run,
                        RunChanges.builder()
                                .param("a" + group, number)
                                .param("b" + group, number)
                                .tag("a", number)
                                .tag("b", number)
                                .metric(new MetricPoint("group", group, group, group))
                                .build());
    }

    /** Arguments: the tracking's folder, a seed. Begins when it is sent a line, so that it can be started ahead. */
    public static void main(String[] args) throws IOException {
        Random random = new Random(Long.parseLong(args[1]));
        if (System.in.read() < 0) {
            return;
        }
        try (Tracking tracking = Tracking.open(Path.of(args[0]));
                Run run = tracking.experiment("kill").startRun("training")) {
            System.out.println(RUN + run.id());
            long step = 0;
            for (long group = 1; ; group++) {
                int burst = 1 + random.nextInt(500);
                for (int i = 0; i < burst; i++) {
                    run.logMetric("loss", loss(step), step);
                    step++;
                }
                writeGroup(tracking, run.id(), group);
                if (random.nextBoolean()) {
                    run.flush();
                    System.out.println(ACKNOWLEDGED + step + " " + group);
                } else {
                    // Groups are durable when their call returns; the points are not yet.
                    System.out.println(ACKNOWLEDGED + "0 " + group);
                }
            }
        }
    }
}
