package io.jvmlops.tracking;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Stores artifacts, versions data, registers models, moves aliases, deletes and collects garbage, at random, until it is
 * killed. Says what was acknowledged, and before it deletes something, that it will.
 */
public final class AssetProgram {
    static final String MODEL = "model";
    static final String DATASET = "data";
    static final String ALIAS = "champion";

    private final Tracking tracking;
    private final Path folder;
    private final Random random;
    private final List<Run> runs = new ArrayList<>();
    private int next;

    private AssetProgram(Tracking tracking, Path folder, Random random) {
        this.tracking = tracking;
        this.folder = folder;
        this.random = random;
    }

    /** Arguments: where, as for {@link #open}; a folder of its own, a seed. */
    public static void main(String[] arguments) throws Exception {
        Random random = new Random(Long.parseLong(arguments[2]));
        StoreProgram.awaitLine();
        try (Tracking tracking = open(arguments[0])) {
            AssetProgram program = new AssetProgram(tracking, Path.of(arguments[1]), random);
            program.fill();
            System.out.println("begun");
            while (true) {
                program.step();
            }
        }
    }

    /** @param place a tracking's folder; or {@code <folder>=<port>:<database>} on PostgreSQL */
    static Tracking open(String place) {
        String[] parts = place.split("=", -1);
        Tracking.Builder builder = Tracking.builder().folder(Path.of(parts[0])).recordSource(false);
        if (parts.length > 1) {
            String[] server = parts[1].split(":", -1);
            builder.postgres(StoreProgram.source(Integer.parseInt(server[0]), server[1]));
        }
        return builder.build();
    }

    private void fill() throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < 5; i++) {
            Files.write(folder.resolve("f" + i), bytes());
        }
        runs.add(tracking.experiment("assets").startRun("run"));
    }

    private byte[] bytes() {
        // Often the same bytes, which are then shared between runs, models and datasets.
        byte[] bytes = new byte[random.nextInt(20_000)];
        new Random(random.nextInt(30)).nextBytes(bytes);
        return bytes;
    }

    private void step() throws IOException {
        try {
            switch (random.nextInt(10)) {
                case 0, 1 -> artifact();
                case 2 -> folder();
                case 3, 4 -> dataset();
                case 5 -> model();
                case 6 -> alias();
                case 7 -> deleteVersion();
                case 8 -> deleteRun();
                default -> collect();
            }
        } catch (ConflictException | NotFoundException e) {
            // An alias points at what was to be deleted, say.
            System.out.println("refused");
        }
    }

    private Run run() {
        return runs.get(runs.size() - 1);
    }

    private void artifact() {
        String path = "a" + next++;
        String text = new String(bytes(), StandardCharsets.ISO_8859_1);
        run().logText(path, text);
        say(
                "artifact",
                run().id(),
                path,
                Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex());
    }

    private void folder() {
        String path = "folder" + next++;
        run().logArtifact(path, folder);
        for (FileEntry file : run().artifacts().files()) {
            if (file.path().startsWith(path + "/")) {
                say("artifact", run().id(), file.path(), file.digest().hex());
            }
        }
    }

    private void dataset() throws IOException {
        Files.write(folder.resolve("f" + random.nextInt(5)), bytes());
        StoredDataset added = tracking.datasets().add(DATASET, folder);
        run().logInput(added, "training");
        say("dataset", added.version(), added.digest().hex());
        if (added.version() > 3 && random.nextBoolean()) {
            say("deleting-dataset", added.version() - 2);
            tracking.datasets().store().delete(DATASET, added.version() - 2);
        }
    }

    private void model() {
        byte[] weights = bytes();
        ModelVersion version = run().logModel(MODEL, (into, runId) -> {
            try {
                Files.writeString(into.resolve(ModelDescriptor.FILE), "run_id: " + runId + "\n");
                Files.write(into.resolve("weights"), weights);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return ModelDescriptor.ofFile("custom", "weights");
        });
        say("version", version.version(), version.digest().hex());
    }

    private void alias() {
        ModelRegistry registry = tracking.registry();
        List<ModelVersion> versions = registry.versions(MODEL);
        if (versions.isEmpty()) {
            return;
        }
        if (random.nextInt(3) == 0) {
            say("moved", registry.rollback(MODEL, ALIAS, "test").sequence());
        } else {
            ModelVersion to = versions.get(random.nextInt(versions.size()));
            say("moved", registry.setAlias(MODEL, ALIAS, to, "test").sequence());
        }
    }

    private void deleteVersion() {
        List<ModelVersion> versions = tracking.registry().versions(MODEL);
        if (versions.size() > 3) {
            ModelVersion victim = versions.get(random.nextInt(versions.size()));
            say("deleting-version", victim.version());
            tracking.registry().deleteVersion(victim.ref());
        }
    }

    private void deleteRun() {
        if (random.nextBoolean()) {
            Run run = run();
            say("deleting-run", run.id());
            run.complete();
            run.close();
            runs.add(tracking.experiment("assets").startRun("run"));
            tracking.deleteRun(run.id());
        }
    }

    private void collect() {
        try {
            tracking.garbage()
                    .grace(Duration.ZERO)
                    .purgeRunsDeletedFor(Duration.ZERO)
                    .collect();
            say("collected");
        } catch (MlopsException e) {
            throw new IllegalStateException("garbage cannot be collected", e);
        }
    }

    private static void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(word).append(' ');
        }
        // With an end, so that a line that was torn by the kill is not taken for another one.
        System.out.println(line.append('.'));
    }
}
