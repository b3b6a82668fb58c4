package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.tracking.LoggingProgram.Acknowledged;
import io.jvmlops.tracking.postgres.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight processes on the same stores: none sees a lock, none waits for ever, nothing is lost. */
class SharingIT {
    private static final int PROCESSES = 8;
    private static final int MILLIS = Integer.getInteger("jvmlops.sharing.millis", 2_000);

    @TempDir
    Path folder;

    @Test
    void eightProcessesShareASqliteFile() throws Exception {
        share(folder.resolve("mlops.db").toString());
    }

    @Test
    void eightProcessesShareAPostgres() throws Exception {
        share("postgres:" + TestServer.port() + ":" + TestServer.newSchema());
    }

    private static void share(String place) throws Exception {
        List<ForkedJvm> processes = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                processes.add(new ForkedJvm(SharingProgram.class, place, "" + MILLIS, "run" + i));
            }
            for (ForkedJvm process : processes) {
                assertThat(process.requireLine()).isEqualTo("ready");
            }
            for (ForkedJvm process : processes) {
                process.println("go");
            }
            List<Long> groups = new ArrayList<>();
            for (ForkedJvm process : processes) {
                groups.add(groups(process));
            }
            try (StoreProgram.Stores stores = StoreProgram.open(place)) {
                assertThat(stores.runs().experiments()).hasSize(1);
                for (int i = 0; i < PROCESSES; i++) {
                    assertThat(LoggingProgram.problems(
                                    stores, "run" + i, new Acknowledged(20 * groups.get(i), groups.get(i))))
                            .isEmpty();
                    assertThat(stores.runs().findRun("run" + i).orElseThrow().status())
                            .isEqualTo(RunStatus.FINISHED);
                }
            }
        } finally {
            processes.forEach(ForkedJvm::close);
        }
    }

    private static long groups(ForkedJvm process) throws IOException, InterruptedException {
        String line = process.requireLine();
        assertThat(line).matches("done [0-9]+ [0-9]+");
        if (System.getProperty("jvmlops.sharing.millis") != null) {
            System.out.println(line);
        }
        assertThat(process.await()).isZero();
        return Long.parseLong(line.split(" ", -1)[1]);
    }
}
