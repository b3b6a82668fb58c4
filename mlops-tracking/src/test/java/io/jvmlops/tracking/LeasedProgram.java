package io.jvmlops.tracking;

import io.jvmlops.api.tracking.Run;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Has one run with a short lease open: {@code <folder> <lease in ms>}. Prints {@code run <id>}, completes it when it is
 * given a line, then prints {@code done}.
 */
final class LeasedProgram {
    private LeasedProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (Tracking tracking = Tracking.builder()
                        .folder(Path.of(arguments[0]))
                        .lease(Duration.ofMillis(Long.parseLong(arguments[1])))
                        .recordSource(false)
                        .build();
                Run run = tracking.experiment("leases").startRun("training")) {
            run.logMetric("loss", 0.5, 1);
            run.flush();
            System.out.println("run " + run.id());
            if (System.in.read() >= 0) {
                run.logMetric("loss", 0.25, 2);
                run.complete();
                System.out.println("done");
            }
        }
    }
}
