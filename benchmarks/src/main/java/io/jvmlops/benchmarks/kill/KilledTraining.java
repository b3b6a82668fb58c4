package io.jvmlops.benchmarks.kill;

import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.Tracking;
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

    /** Arguments: the tracking's folder, a seed. */
    public static void main(String[] args) {
        Random random = new Random(Long.parseLong(args[1]));
        try (Tracking tracking = Tracking.open(Path.of(args[0]));
                Run run = tracking.experiment("kill").startRun("training")) {
            System.out.println(RUN + run.id());
            long step = 0;
            while (true) {
                int burst = 1 + random.nextInt(500);
                for (int i = 0; i < burst; i++) {
                    run.logMetric("loss", loss(step), step);
                    step++;
                }
                if (step % 7 == 0) {
                    run.setTag("last", Long.toString(step));
                }
                run.flush();
                System.out.println(ACKNOWLEDGED + step);
            }
        }
    }
}
