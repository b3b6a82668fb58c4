package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.files.LocalArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Logs artifacts, deletes and purges runs, and collects garbage with no grace at all: {@code <folder> <seed> <rounds>}. Begins
 * when it is sent a line. Says what it knows to be durable: {@code logged <run> <path> <digest>}, and {@code deleting <run>}
 * before it deletes one, which it may purge from then on; and at its end {@code done <refused> <collected>}.
 */
public final class CollectingProgram {
    /** Points of each run's metric; enough to be in sealed chunks, which are purged in pieces. */
    static final int POINTS = 6_000;

    private static final int CONTENTS = 12;
    private static final String SOURCE = "source";

    private CollectingProgram() {}

    /** What it works on. */
    record Place(StoreProgram.Stores stores, LocalArtifactStore artifacts, Tracking tracking) implements AutoCloseable {
        static Place open(Path folder) {
            LocalArtifactStore artifacts = LocalArtifactStore.open(folder.resolve("artifacts"));
            StoreProgram.Stores stores =
                    StoreProgram.open(folder.resolve("mlops.db").toString());
            Tracking tracking = Tracking.builder()
                    .store(stores.runs())
                    .metrics(stores.metrics())
                    .artifacts(artifacts)
                    .registry(stores.registry().apply(artifacts))
                    .recordSource(false)
                    .build();
            return new Place(stores, artifacts, tracking);
        }

        GarbageCollection garbage() {
            return tracking.garbage().grace(Duration.ZERO).purgeRunsDeletedFor(Duration.ZERO);
        }

        @Override
        public void close() {
            tracking.close();
            stores.close();
            artifacts.close();
        }
    }

    /** Few contents, so that many store what others are collecting; some of them of several blocks. */
    static String content(int number) {
        return ("content " + number + " ").repeat(number % 4 == 0 ? 30_000 : 3);
    }

    /** The folder that all log, made by the test. */
    static Path source(Path folder) throws IOException {
        Path source = Files.createDirectory(folder.resolve(SOURCE));
        for (int i = 0; i < 6; i++) {
            Files.writeString(source.resolve("f" + i), content(i));
        }
        return source;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[1]));
        int rounds = Integer.parseInt(arguments[2]);
        Path source = folder.resolve(SOURCE);
        StoreProgram.awaitLine();
        try (Place place = Place.open(folder)) {
            System.out.println("ready");
            Worked worked = work(place, random, rounds, source, System.out::println);
            System.out.println("done " + worked.refused + " " + worked.collected);
        }
    }

    record Worked(long refused, long collected) {}

    /** Returns what was refused and collected; whatever was acknowledged is read back at once. */
    static Worked work(Place place, Random random, int rounds, Path source, Consumer<String> say) throws IOException {
        long refused = 0;
        long collected = 0;
        Run run = place.tracking.experiment("e").startRun("run");
        for (int round = 0; round < rounds; round++) {
            int what = random.nextInt(10);
            String path = "p" + random.nextInt(4);
            try {
                if (what < 5) {
                    String text = content(random.nextInt(CONTENTS));
                    run.logText(path, text);
                    say.accept("logged " + run.id() + " " + path + " "
                            + Digest.of(text.getBytes(UTF_8)).hex());
                    read(run, path);
                } else if (what < 7) {
                    run.logArtifact("folder/" + path, source);
                    for (int i = 0; i < 6; i++) {
                        say.accept("logged " + run.id() + " folder/" + path + "/f" + i + " "
                                + Digest.of(content(i).getBytes(UTF_8)).hex());
                    }
                    read(run, "folder/" + path + "/f3");
                } else if (what < 9) {
                    collected += place.garbage().collect().collected();
                } else {
                    for (int i = 0; i < POINTS; i++) {
                        run.logMetric("loss", i, i);
                    }
                    run.complete();
                    say.accept("deleting " + run.id());
                    place.tracking.deleteRun(run.id());
                    if (random.nextBoolean()) {
                        try {
                            place.stores.runs().purgeRun(run.id());
                        } catch (NotFoundException | ConflictException e) {
                            // A collection was quicker.
                        }
                    }
                    run = place.tracking.experiment("e").startRun("run");
                }
            } catch (StorageException e) {
                if (!e.retryable() || !String.valueOf(e.getMessage()).contains("collected")) {
                    throw e;
                }
                refused++;
            }
        }
        return new Worked(refused, collected);
    }

    private static void read(Run run, String path) throws IOException {
        try (InputStream in = run.openArtifact(path)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Files under a name that is not their content's. */
    static List<String> misnamed(ArtifactStore artifacts) {
        List<String> wrong = new ArrayList<>();
        artifacts.list(entry -> {
            try (InputStream in = artifacts.open(entry.digest())) {
                byte[] bytes = in.readAllBytes();
                if (!Digest.of(bytes).equals(entry.digest()) || bytes.length != entry.size()) {
                    wrong.add(entry.toString());
                }
            } catch (IOException e) {
                wrong.add(e.toString());
            }
        });
        return wrong;
    }
}
