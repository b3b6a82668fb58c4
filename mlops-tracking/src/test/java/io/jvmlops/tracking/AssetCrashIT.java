package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.View;
import io.jvmlops.tracking.postgres.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that are killed while they store, version, register, move aliases, delete and collect garbage. {@code
 * -Djvmlops.kills=N} kills more often.
 */
class AssetCrashIT {
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 25);
    private static final int KILLS_ON_POSTGRES = 4;

    /** On one folder: what there is to check grows with each. */
    private static final int KILLS_IN_A_ROW = 50;

    private static final Set<String> DELETING = Set.of("deleting-run", "deleting-version", "deleting-dataset");

    @TempDir
    Path folder;

    /** What was said, by any process so far. */
    private final List<String[]> said = new ArrayList<>();

    @Test
    void nothingReachableIsLostAndNothingHalfWrittenIsSeen() throws Exception {
        for (int kills = 0; kills < KILLS; kills += KILLS_IN_A_ROW) {
            said.clear();
            kill(folder.resolve("mlops" + kills).toString(), kills, Math.min(KILLS - kills, KILLS_IN_A_ROW));
            System.out.println(Math.min(KILLS, kills + KILLS_IN_A_ROW) + " kills of " + KILLS);
        }
        // It was killed in the midst of all that it does.
        assertThat(said.stream().map(words -> words[0]))
                .contains("artifact", "dataset", "version", "moved", "collected", "deleting-run", "deleting-version");
    }

    @Test
    void norOnPostgres() throws Exception {
        String database = TestServer.newSchema();
        try (Connection connection = TestServer.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database);
        }
        kill(folder.resolve("mlops") + "=" + TestServer.port() + ":" + database, 0, KILLS_ON_POSTGRES);
    }

    private void kill(String place, int seed, int kills) throws Exception {
        Random random = new Random(7L + seed);
        ForkedJvm next = fork(place, random, seed);
        try {
            for (int kill = 1; kill <= kills; kill++) {
                ForkedJvm victim = next;
                victim.println("go");
                next = fork(place, random, seed + kill);
                List<String> lines = new ArrayList<>();
                int until = 2 + random.nextInt(40);
                for (int i = 0; i < until; i++) {
                    lines.add(victim.requireLine());
                }
                busyFor(random.nextInt(5_000_000));
                lines.addAll(victim.kill());
                for (String line : lines) {
                    if (line.endsWith(" .")) {
                        said.add(line.split(" ", -1));
                    }
                }
                try (Tracking tracking = AssetProgram.open(place)) {
                    check(tracking);
                    tracking.garbage().grace(Duration.ZERO).collect();
                    check(tracking);
                    requireNothingElse(tracking);
                }
            }
        } finally {
            next.close();
        }
    }

    private ForkedJvm fork(String place, Random random, int number) throws IOException {
        return new ForkedJvm(
                AssetProgram.class, place, folder.resolve("data" + number).toString(), "" + random.nextLong());
    }

    private void check(Tracking tracking) throws IOException {
        Set<String> deleting = new HashSet<>();
        for (String[] words : said) {
            if (DELETING.contains(words[0])) {
                deleting.add(words[0] + " " + words[1]);
            }
        }
        for (String[] words : said) {
            switch (words[0]) {
                case "artifact" -> {
                    if (!deleting.contains("deleting-run " + words[1])) {
                        try (InputStream in = tracking.artifacts(words[1]).open(words[2])) {
                            assertThat(Digest.of(in.readAllBytes()).hex()).isEqualTo(words[3]);
                        }
                    }
                }
                case "dataset" -> {
                    if (!deleting.contains("deleting-dataset " + words[1])) {
                        assertThat(tracking.datasets()
                                        .store()
                                        .get(AssetProgram.DATASET, Integer.parseInt(words[1]))
                                        .digest()
                                        .hex())
                                .isEqualTo(words[2]);
                    }
                }
                case "version" -> {
                    if (!deleting.contains("deleting-version " + words[1])) {
                        ModelRef ref = new ModelRef.Version(AssetProgram.MODEL, Integer.parseInt(words[1]));
                        assertThat(tracking.registry().get(ref).digest().hex()).isEqualTo(words[2]);
                    }
                }
                default -> {}
            }
        }
        for (ModelVersion version : tracking.registry().versions(AssetProgram.MODEL)) {
            tracking.registry().verify(version).requireIntact();
        }
        for (StoredDataset dataset : tracking.datasets().store().versions(AssetProgram.DATASET)) {
            tracking.datasets().verify(dataset).requireIntact();
        }
        for (RunInfo run : runs(tracking)) {
            tracking.artifacts(run.id()).verify().requireIntact();
        }
        checkAlias(tracking);
    }

    private static List<RunInfo> runs(Tracking tracking) {
        List<RunInfo> runs = new ArrayList<>();
        String cursor = null;
        do {
            Page<RunInfo> page = tracking.store()
                    .search(RunQuery.all().view(View.ALL).limitedTo(1_000).after(cursor));
            runs.addAll(page.items());
            cursor = page.next();
        } while (cursor != null);
        return runs;
    }

    private void checkAlias(Tracking tracking) {
        List<AliasChange> history = tracking.registry().aliasHistory(AssetProgram.MODEL, AssetProgram.ALIAS);
        Integer at = null;
        long sequence = 0;
        for (AliasChange change : history) {
            assertThat(change.from()).isEqualTo(at);
            assertThat(change.sequence()).isGreaterThan(sequence);
            at = change.to();
            sequence = change.sequence();
        }
        Integer now = tracking.registry().aliases(AssetProgram.MODEL).get(AssetProgram.ALIAS);
        assertThat(now).isEqualTo(at);
        if (now != null) {
            tracking.registry().get(new ModelRef.Version(AssetProgram.MODEL, now));
        }
        long last = sequence;
        said.stream()
                .filter(words -> words[0].equals("moved"))
                .forEach(words -> assertThat(Long.parseLong(words[1])).isLessThanOrEqualTo(last));
    }

    /** After a collection, what is stored is what is referred to, and nothing is in the making. */
    private static void requireNothingElse(Tracking tracking) throws IOException {
        Set<Digest> wanted = new HashSet<>();
        runs(tracking).forEach(run -> add(wanted, tracking.artifacts(run.id()).list()));
        tracking.registry()
                .versions(AssetProgram.MODEL)
                .forEach(version ->
                        add(wanted, tracking.registry().files(version).manifest()));
        for (StoredDataset dataset : tracking.datasets().store().versions(AssetProgram.DATASET)) {
            wanted.add(dataset.digest());
            add(wanted, tracking.datasets().store().manifest(dataset));
        }
        Set<Digest> stored = new HashSet<>();
        tracking.artifacts().list(entry -> stored.add(entry.digest()));
        // What the process that is alive has just stored may be there too: none is, it waits for its line.
        assertThat(stored).isEqualTo(wanted);
    }

    private static void add(Set<Digest> digests, Manifest manifest) {
        manifest.files().stream().map(FileEntry::digest).forEach(digests::add);
    }

    private static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
