package io.jvmlops.tracking;

import io.jvmlops.api.tracking.Run;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Trains for as long as it is let, or for some steps: {@code <folder> [steps]}. Prints {@code run <id>}, then {@code
 * acknowledged <step>} after every flush, then {@code done}.
 */
final class TrainingProgram {
    static final int STEPS_PER_FLUSH = 17;

    private TrainingProgram() {}

    static double loss(long step) {
        return 1.0 / (1 + step);
    }

    public static void main(String[] arguments) {
        @Nullable String steps = arguments.length > 1 ? arguments[1] : null;
        long last = steps == null ? Long.MAX_VALUE : Long.parseLong(steps);
        try (Tracking tracking = Tracking.open(Path.of(arguments[0]));
                Run run = tracking.experiment("crash").startRun("training")) {
            run.logParam("steps", last);
            System.out.println("run " + run.id());
            for (long step = 0; step < last; step++) {
                run.logMetric("loss", loss(step), step);
                run.logMetric("accuracy", 1 - loss(step), step);
                if (step % STEPS_PER_FLUSH == 0) {
                    run.flush();
                    System.out.println("acknowledged " + step);
                }
            }
            run.complete();
        }
        System.out.println("done");
    }
}
