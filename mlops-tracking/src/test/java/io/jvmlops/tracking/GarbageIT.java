package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.View;
import io.jvmlops.test.Concurrently;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Storing, purging and collecting without any grace, by many at once and by processes that are killed. {@code
 * -Djvmlops.kills=N} kills more often.
 */
class GarbageIT {
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 10);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedIsThereHoweverManyCollect() throws Exception {
        Path source = CollectingProgram.source(folder);
        try (ForkedJvm first = fork(1, 40);
                ForkedJvm second = fork(2, 40);
                CollectingProgram.Place place = CollectingProgram.Place.open(folder)) {
            first.println("go");
            second.println("go");
            assertThat(first.requireLine()).isEqualTo("ready");
            assertThat(second.requireLine()).isEqualTo("ready");
            List<CollectingProgram.Worked> worked = Concurrently.run(
                    4, thread -> CollectingProgram.work(place, new Random(10 + thread), 40, source, line -> {}));
            assertThat(last(first)).startsWith("done ");
            assertThat(last(second)).startsWith("done ");
            assertThat(worked.stream()
                            .mapToLong(CollectingProgram.Worked::collected)
                            .sum())
                    .isPositive();
            assertThat(place.tracking().verify().problems()).isEmpty();
            place.garbage().collect();
            assertThat(place.tracking().verify().problems()).isEmpty();
            // And nothing but that is left.
            Set<Digest> referredTo = new HashSet<>();
            for (var run :
                    place.stores().runs().search(RunQuery.all().view(View.ALL)).items()) {
                place.stores().runs().artifacts(run.id()).files().forEach(file -> referredTo.add(file.digest()));
            }
            Set<Digest> stored = new HashSet<>();
            place.artifacts().list(entry -> stored.add(entry.digest()));
            assertThat(stored).isEqualTo(referredTo);
        }
    }

    private static String last(ForkedJvm process) throws IOException {
        List<String> lines = process.readLines();
        return lines.get(lines.size() - 1);
    }

    @Test
    void whatWasAcknowledgedSurvivesKillsWhileStoringPurgingAndCollecting() throws Exception {
        CollectingProgram.source(folder);
        Random random = new Random(4);
        Map<String, Map<String, String>> logged = new HashMap<>();
        ForkedJvm next = fork(random.nextLong(), 1_000_000);
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                ForkedJvm victim = next;
                victim.println("go");
                next = fork(random.nextLong(), 1_000_000);
                assertThat(victim.requireLine()).isEqualTo("ready");
                List<String> lines = new ArrayList<>();
                int until = 1 + random.nextInt(15);
                for (int i = 0; i < until; i++) {
                    lines.add(victim.requireLine());
                }
                busyFor(random.nextInt(6_000_000));
                List<String> rest = victim.kill();
                lines.addAll(rest);
                remember(logged, lines);
                // All of it now and then: it takes as long as the rest.
                check(logged, kill % 5 == 4);
            }
        } finally {
            next.close();
        }
    }

    /** Under what run and path which content was acknowledged; a run that is being deleted may be gone. */
    private static void remember(Map<String, Map<String, String>> logged, List<String> lines) {
        // What was acknowledged first under a path may have been replaced by what was not acknowledged any more.
        String open = null;
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("deleting")) {
                logged.remove(words[1]);
            } else if (words[0].equals("logged") && words.length == 4 && words[3].length() == 64) {
                logged.computeIfAbsent(words[1], run -> new HashMap<>()).put(words[2], words[3]);
                open = words[1];
            }
        }
        if (open != null && logged.containsKey(open)) {
            // Its next call may have replaced any of them; that they are there is checked, not which.
            logged.get(open).replaceAll((path, digest) -> "any");
        }
    }

    private void check(Map<String, Map<String, String>> logged, boolean goOn) throws Exception {
        try (CollectingProgram.Place place = CollectingProgram.Place.open(folder)) {
            assertThat(place.tracking().verify().problems()).isEmpty();
            assertThat(CollectingProgram.misnamed(place.artifacts())).isEmpty();
            logged.forEach((run, files) -> {
                var manifest = place.tracking().artifacts(run).list();
                files.forEach((path, digest) -> assertThat(manifest.find(path))
                        .as(path + " of " + run)
                        .hasValueSatisfying(file -> {
                            if (!digest.equals("any")) {
                                assertThat(file.digest().hex()).isEqualTo(digest);
                            }
                        }));
            });
            // A run that is there has all of its metrics.
            for (var run : place.stores()
                    .runs()
                    .search(RunQuery.all().view(View.DELETED))
                    .items()) {
                try (var points = place.stores().metrics().history(run.id(), "loss")) {
                    assertThat(points.count()).isEqualTo(CollectingProgram.POINTS);
                }
            }
            // It works, and what is left of what was killed goes.
            place.artifacts().put(Files.newInputStream(Files.writeString(folder.resolve("x"), "x")));
            if (goOn) {
                goOn(place, logged.size());
            }
        }
        // No file in the making is left; the process that is waiting has not begun.
        try (Stream<Path> left = Files.walk(folder.resolve("artifacts/tmp"))) {
            assertThat(left.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactly(".lock");
        }
    }

    private void goOn(CollectingProgram.Place place, int logged) throws Exception {
        String id = "after-" + logged + "-" + System.nanoTime();
        place.stores()
                .runs()
                .createRun(
                        new NewRun(id, place.stores().runs().experiment("after").id(), "after", Instant.EPOCH));
        place.stores().runs().updateRun(id, RunChanges.builder().delete().build());
        place.stores().runs().purgeRun(id);
        assertThat(count("SELECT count(*) FROM metric_series WHERE run NOT IN (SELECT id FROM run)"))
                .isZero();
        for (String table : List.of("metric_head", "metric_chunk", "metric_page")) {
            assertThat(count("SELECT count(*) FROM " + table + " WHERE series NOT IN (SELECT id FROM metric_series)"))
                    .isZero();
        }
        place.garbage().collect();
        assertThat(place.tracking().verify().problems()).isEmpty();
    }

    private long count(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("mlops.db"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : -1;
        }
    }

    private ForkedJvm fork(long seed, int rounds) throws IOException {
        return new ForkedJvm(CollectingProgram.class, folder.toString(), "" + seed, "" + rounds);
    }

    private static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
