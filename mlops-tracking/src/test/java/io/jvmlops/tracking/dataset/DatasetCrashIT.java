package io.jvmlops.tracking.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.tracking.ForkedJvm;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they add versions. {@code -Djvmlops.kills=N} kills more often. */
class DatasetCrashIT {
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 8);

    @TempDir
    Path folder;

    @Test
    void everyVersionThatIsThereIsWholeAndWhatWasAcknowledgedIsThere() throws Exception {
        Random random = new Random(8);
        Path home = folder.resolve("home");
        Path data = Files.createDirectory(folder.resolve("data"));
        Map<Integer, String> acknowledged = new TreeMap<>();
        ForkedJvm next = fork(home, data, random);
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                ForkedJvm victim = next;
                victim.println("go");
                next = fork(home, data, random);
                List<String> lines = new ArrayList<>();
                int until = 1 + 2 * random.nextInt(4);
                for (int i = 0; i < until; i++) {
                    lines.add(victim.requireLine());
                }
                // Within the next version.
                busyFor(random.nextInt(20_000_000));
                lines.addAll(victim.kill());
                for (String line : lines) {
                    String[] words = line.split(" ", -1);
                    if (words[0].equals("added") && words.length == 3 && words[2].length() == 64) {
                        acknowledged.put(Integer.parseInt(words[1]), words[2]);
                    }
                }
                check(home, data, acknowledged);
            }
            assertThat(acknowledged).isNotEmpty();
        } finally {
            next.close();
        }
    }

    private void check(Path home, Path data, Map<Integer, String> acknowledged) throws IOException {
        try (Tracking tracking = Tracking.open(home)) {
            Datasets datasets = tracking.datasets();
            acknowledged.forEach((version, digest) ->
                    assertThat(datasets.get("d", version).digest()).isEqualTo(new Digest(digest)));
            List<StoredDataset> versions = datasets.versions("d");
            for (int i = 0; i < versions.size(); i++) {
                assertThat(versions.get(i).version()).isEqualTo(i + 1);
            }
            // The newest are those that may be in part.
            for (StoredDataset version : versions.subList(Math.max(0, versions.size() - 3), versions.size())) {
                assertThat(datasets.verify(version).problems()).isEmpty();
            }
            if (!versions.isEmpty()) {
                StoredDataset newest = versions.get(versions.size() - 1);
                // What is remembered of the folder is what is in it.
                assertThat(datasets.status(newest, data))
                        .isEqualTo(Datasets.of(datasets.store(), tracking.artifacts())
                                .status(newest, data));
            }
        } catch (NotFoundException e) {
            throw new AssertionError("an acknowledged version is gone", e);
        }
    }

    private static ForkedJvm fork(Path home, Path data, Random random) throws IOException {
        return new ForkedJvm(AddingProgram.class, home.toString(), data.toString(), "" + random.nextLong());
    }

    private static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
