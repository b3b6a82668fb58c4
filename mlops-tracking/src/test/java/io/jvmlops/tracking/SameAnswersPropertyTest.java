package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.postgres.PostgresStores;
import io.jvmlops.tracking.postgres.TestServer;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/**
 * Any sequence of operations on experiments and runs gives the same answers, and the same kind of refusals, from SQLite
 * and PostgreSQL as from the store in memory, which is as simple as can be.
 */
class SameAnswersPropertyTest {
    private static final int RUNS = 4;
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final List<String> NAMES = List.of("iris", "Iris", "größe", "a b", "'; --", "x".repeat(250));
    private static final List<String> KEYS = List.of("a", "A", "a/b", "ä", "\uD83D\uDE80");
    private static final List<String> VALUES = List.of("", "1", "é\n\t", "x".repeat(300), "%_\\");

    @Property(tries = 15, shrinking = ShrinkingMode.OFF)
    void allStoresAnswerAlike(@ForAll long seed, @ForAll @IntRange(min = 1, max = 100) int length) throws IOException {
        Path folder = Files.createTempDirectory("same-answers-");
        ManualClock clock = new ManualClock(T0);
        try (SqliteStores sqlite = SqliteStores.builder(folder.resolve("test.db"))
                        .clock(clock)
                        .open();
                PostgresStores postgres = PostgresStores.builder(TestServer.pool())
                        .schema(TestServer.newSchema())
                        .clock(clock)
                        .open()) {
            InMemoryTrackingStore memory = new InMemoryTrackingStore(clock);
            List<Store> stores = List.of(
                    new Store(memory, memory.metrics()),
                    new Store(sqlite.runs(), sqlite.metrics()),
                    new Store(postgres.runs(), postgres.metrics()));
            Random random = new Random(seed);
            for (Store store : stores) {
                store.begin();
            }
            for (int i = 0; i < length; i++) {
                Operation operation = operation(random);
                clock.advance(Duration.ofMillis(random.nextInt(3)));
                Object expected = stores.get(0).answer(operation);
                for (Store store : stores.subList(1, stores.size())) {
                    assertThat(store.answer(operation))
                            .as("step %d, %s of %s", i, operation.name, store.runs)
                            .isEqualTo(expected);
                }
            }
            Object expected = stores.get(0).everything();
            for (Store store : stores.subList(1, stores.size())) {
                assertThat(store.everything()).as("all of %s", store.runs).isEqualTo(expected);
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private record Operation(String name, Action action) {}

    @FunctionalInterface
    private interface Action {
        Object on(Store store);
    }

    private static Operation operation(Random random) {
        int which = random.nextInt(100);
        int experiment = random.nextInt(3);
        String run = "run-" + random.nextInt(RUNS);
        String name = pick(random, NAMES);
        if (which < 8) {
            Map<String, String> tags = Map.of(pick(random, KEYS), pick(random, VALUES));
            return new Operation("createExperiment", s -> s.created(s.runs.createExperiment(name, tags)));
        } else if (which < 12) {
            return new Operation("experiment", s -> s.created(s.runs.experiment(name)));
        } else if (which < 15) {
            return new Operation(
                    "findExperimentByName",
                    s -> s.runs.findExperimentByName(name)
                            .map(s::seen)
                            .map(Object.class::cast)
                            .orElse("none"));
        } else if (which < 28) {
            ExperimentChanges changes = switch (random.nextInt(5)) {
                case 0 -> ExperimentChanges.rename(name);
                case 1 -> ExperimentChanges.delete();
                case 2 -> ExperimentChanges.removeTag(pick(random, KEYS));
                case 3 -> ExperimentChanges.tags(Map.of(pick(random, KEYS), pick(random, VALUES)));
                default -> ExperimentChanges.restore();
            };
            return new Operation(
                    "updateExperiment", s -> s.seen(s.runs.updateExperiment(s.experiment(experiment), changes)));
        } else if (which < 45) {
            Instant at = T0.plusMillis(random.nextInt(5));
            Map<String, String> tags = Map.of(pick(random, KEYS), pick(random, VALUES));
            return new Operation("createRun", s -> {
                s.runs.createRun(new NewRun(run, s.experiment(experiment), name, at, tags));
                return "created";
            });
        } else if (which < 80) {
            RunChanges changes = changes(random);
            return new Operation("updateRun", s -> {
                s.runs.updateRun(run, changes);
                return "updated";
            });
        } else if (which < 85) {
            List<MetricPoint> points = points(random);
            return new Operation("append", s -> {
                s.metrics.append(List.of(MetricBatch.of(run, points)));
                return "appended";
            });
        } else if (which < 90) {
            return new Operation("heartbeat", s -> {
                s.runs.heartbeat(Set.of(run, "none"), Duration.ofDays(1));
                return s.runs.markKilled();
            });
        }
        return new Operation(
                "findRun",
                s -> s.runs.findRun(run).map(s::seen).map(Object.class::cast).orElse("none"));
    }

    private static RunChanges changes(Random random) {
        RunChanges.Builder changes = RunChanges.builder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            switch (random.nextInt(7)) {
                case 0 -> changes.name(pick(random, NAMES));
                case 1 -> changes.param(pick(random, KEYS), pick(random, VALUES));
                case 2 -> changes.tag(pick(random, KEYS), pick(random, VALUES));
                case 3 -> changes.removeTag(pick(random, KEYS));
                case 4 ->
                    changes.input(new DatasetInput(
                            new DatasetVersion(pick(random, KEYS), digest(random), pick(random, VALUES)),
                            random.nextBoolean() ? null : "training"));
                case 5 -> changes.artifact(new FileEntry("a/" + random.nextInt(3), random.nextInt(9), digest(random)));
                default -> points(random).forEach(changes::metric);
            }
        }
        switch (random.nextInt(14)) {
            case 0, 1 -> changes.end(RunStatus.FINISHED, T0.plusSeconds(random.nextInt(3)), null);
            case 2 ->
                changes.end(RunStatus.FAILED, T0.plusSeconds(random.nextInt(3)), pick(random, VALUES) + "\0\uD83D");
            case 3 -> changes.end(RunStatus.KILLED, T0, "guessed");
            case 4 -> changes.resume();
            case 5, 6 -> changes.delete();
            case 7, 8, 9 -> changes.restore();
            default -> {
                // It goes on as it is.
            }
        }
        return changes.build();
    }

    private static List<MetricPoint> points(Random random) {
        double[] values = {Double.NaN, Double.POSITIVE_INFINITY, -0.0, 0.0, 1.5, -7e300};
        List<MetricPoint> points = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            points.add(new MetricPoint(
                    pick(random, KEYS),
                    random.nextInt(5) - 2L,
                    random.nextInt(3),
                    values[random.nextInt(values.length)]));
        }
        return points;
    }

    private static Digest digest(Random random) {
        return Digest.of(String.valueOf(random.nextInt(3)).getBytes(StandardCharsets.UTF_8));
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** A store, and which of its experiments was the how many-th, as ids are each store's own. */
    private static final class Store {
        final TrackingStore runs;
        final MetricStore metrics;
        private final List<String> experiments = new ArrayList<>();

        Store(TrackingStore runs, MetricStore metrics) {
            this.runs = runs;
            this.metrics = metrics;
        }

        /** Something to operate on: most operations at random would be on what is not there. */
        void begin() {
            for (String name : NAMES.subList(0, 2)) {
                created(runs.createExperiment(name, Map.of()));
                runs.createRun(
                        new NewRun("run-" + (experiments.size() - 1), experiment(experiments.size() - 1), name, T0));
            }
        }

        Object answer(Operation operation) {
            try {
                return operation.action.on(this);
            } catch (MlopsException e) {
                return e.getClass();
            }
        }

        Object created(ExperimentInfo experiment) {
            if (!experiments.contains(experiment.id())) {
                experiments.add(experiment.id());
            }
            return seen(experiment);
        }

        String experiment(int number) {
            return number < experiments.size() ? experiments.get(number) : "no such experiment";
        }

        Object seen(ExperimentInfo e) {
            return List.of(
                    experiments.indexOf(e.id()),
                    e.name(),
                    e.tags(),
                    e.createdAt(),
                    e.updatedAt(),
                    String.valueOf(e.deletedAt()));
        }

        Object seen(RunInfo run) {
            Map<String, Object> histories = new LinkedHashMap<>();
            for (String key : run.metrics().keySet()) {
                try (Stream<MetricPoint> history = metrics.history(run.id(), key)) {
                    histories.put(key, history.toList());
                }
            }
            return List.of(
                    experiments.indexOf(run.experimentId()),
                    new RunInfo(
                            run.id(),
                            "",
                            run.name(),
                            run.status(),
                            run.startedAt(),
                            run.endedAt(),
                            run.endReason(),
                            run.deletedAt(),
                            run.params(),
                            run.tags(),
                            run.inputs(),
                            run.metrics()),
                    metrics.latest(run.id()),
                    runs.artifacts(run.id()).files(),
                    histories);
        }

        Object everything() {
            List<Object> all = new ArrayList<>();
            for (String experiment : experiments) {
                all.add(runs.findExperiment(experiment).map(this::seen).orElseThrow());
            }
            all.add(runs.experiments().stream().map(this::seen).toList());
            for (int i = 0; i < RUNS; i++) {
                all.add(runs.findRun("run-" + i)
                        .map(this::seen)
                        .map(Object.class::cast)
                        .orElse("none"));
            }
            return all;
        }
    }
}
