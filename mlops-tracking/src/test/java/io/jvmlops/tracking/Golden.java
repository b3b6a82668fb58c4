package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelInfo;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.registry.VersionTags;
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
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a golden database holds: written by {@link #fill} when its schema was new, and compared by {@link #check} ever
 * after. {@code resources/golden/README.md} says how files are made.
 */
public final class Golden {
    /** Who and when, for the stores that are filled. */
    public static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.678Z"));

    public static final String ACTOR = "ann";

    private static final Instant AT = Instant.parse("2026-01-02T03:00:00Z");
    private static final String FINISHED = "00000000000000000000000000000001";
    private static final String FAILED = "00000000000000000000000000000002";
    private static final String RUNNING = "00000000000000000000000000000003";
    private static final String DELETED = "00000000000000000000000000000004";
    private static final String LEASED = "00000000000000000000000000000005";
    private static final String UMLAUT = "größe \uD83D\uDE00";

    private Golden() {}

    private static Digest data() {
        return Digest.of("data".getBytes(StandardCharsets.UTF_8));
    }

    private static DatasetVersion dataset() {
        return new DatasetVersion("iris", data(), "classpath:iris.csv");
    }

    private static List<MetricPoint> loss() {
        return points("loss", 2000);
    }

    private static List<MetricPoint> points(String key, int count) {
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            points.add(new MetricPoint(key, i, AT.toEpochMilli() + i * 3L, 1 / Math.sqrt(1 + i)));
        }
        return points;
    }

    /** In their order. */
    private static List<MetricPoint> odd() {
        List<MetricPoint> points = new ArrayList<>();
        points.add(new MetricPoint("odd", Long.MIN_VALUE, Long.MAX_VALUE, -1));
        for (double value : new double[] {
            Double.NEGATIVE_INFINITY,
            -0.0,
            0.0,
            Double.MIN_VALUE,
            0.1,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NaN
        }) {
            points.add(new MetricPoint("odd", -5, 7, value));
        }
        for (int i = 0; i < 3; i++) {
            points.add(new MetricPoint("odd", Long.MAX_VALUE, Long.MIN_VALUE, 2.5));
        }
        return points;
    }

    private static final MetricPoint UNUSUAL_KEY = new MetricPoint("val/acc é", 1, 2, 3);

    private static Manifest manifest(Digest digest) {
        return new Manifest(List.of(new FileEntry("MLmodel", 5, digest)));
    }

    /** Fills empty stores whose clock is {@link #CLOCK} and whose actor is {@link #ACTOR}. */
    public static void fill(StoreProgram.Stores stores) throws Exception {
        TrackingStore runs = stores.runs();
        MetricStore metrics = stores.metrics();
        String iris = runs.experiment("iris").id();
        String other = runs.experiment(UMLAUT).id();
        runs.createRun(new NewRun(FINISHED, iris, "finished", AT));
        runs.createRun(new NewRun(FAILED, iris, "failed", AT.plusSeconds(1)));
        runs.createRun(new NewRun(RUNNING, other, "running", AT.plusSeconds(2)));
        runs.updateRun(
                FINISHED,
                RunChanges.builder()
                        .param("epochs", "20")
                        .param("text", "a\nb 'ü'")
                        .param("empty", "")
                        .tag("stage", "final")
                        .tag("mlflow.note.content", "first")
                        .input(new DatasetInput(dataset(), null))
                        .artifact(new FileEntry("model/MLmodel", 4, data()))
                        .build());
        metrics.append(List.of(MetricBatch.of(FINISHED, loss())));
        List<MetricPoint> odd = new ArrayList<>(odd());
        odd.add(UNUSUAL_KEY);
        metrics.append(List.of(MetricBatch.of(FAILED, odd)));
        runs.updateRun(
                FINISHED,
                RunChanges.builder()
                        .end(RunStatus.FINISHED, AT.plusSeconds(60), null)
                        .build());
        runs.updateRun(
                FAILED,
                RunChanges.builder()
                        .end(RunStatus.FAILED, AT.plusSeconds(61), "java.lang.Error: x")
                        .build());
        ArtifactStore artifacts = new InMemoryArtifactStore();
        try (ModelRegistry registry = stores.registry().apply(artifacts)) {
            Manifest manifest = manifest(artifacts
                    .put(new ByteArrayInputStream("model".getBytes(StandardCharsets.UTF_8)))
                    .digest());
            registry.register(NewModelVersion.builder("iris", manifest)
                    .origin(new ModelOrigin(FINISHED, List.of(), null, Map.of(), Map.of("trainer", "lr")))
                    .build());
            registry.register(NewModelVersion.builder("iris", manifest).build());
            registry.compareAndSetAlias("iris", "champion", null, 1, "first");
            registry.compareAndSetAlias("iris", "champion", 1, 2, "better");
        }
        fillVersion2(runs, metrics, iris, other);
        fillVersion3(stores);
    }

    private static void fillVersion2(TrackingStore runs, MetricStore metrics, String iris, String other) {
        runs.updateExperiment(other, ExperimentChanges.tags(Map.of("team", "blue", "empty", "")));
        String deleted =
                runs.createExperiment("deleted", Map.of("why", "a mistake")).id();
        runs.updateExperiment(deleted, ExperimentChanges.delete());
        runs.createRun(new NewRun(DELETED, iris, "deleted", AT.plusSeconds(3), Map.of("a", "b")));
        metrics.append(List.of(MetricBatch.of(DELETED, points("long", 10_000))));
        runs.updateRun(
                DELETED,
                RunChanges.builder()
                        .input(new DatasetInput(dataset(), "training"))
                        .input(new DatasetInput(dataset(), "evaluation"))
                        .delete()
                        .build());
        runs.createRun(new NewRun(LEASED, iris, "leased", AT.plusSeconds(4)));
        // It has run out by the time that anybody looks.
        runs.heartbeat(Set.of(LEASED), Duration.ofMillis(1));
    }

    /** Among them all that a version can have. */
    private static NewModelVersion described(Manifest files) {
        return NewModelVersion.builder(UMLAUT, files)
                .origin(new ModelOrigin(
                        FINISHED,
                        List.of(dataset(), new DatasetVersion("b", data(), "")),
                        "0123abc",
                        Map.of("jvm", "17 'ü'", "os", ""),
                        Map.of("trainer", "lr")))
                .signature(new ModelSignature(
                        List.of(TensorSpec.of("größe", DataType.FP32, -1, 2).withColumns(List.of("a", "b \"c\""))),
                        List.of(TensorSpec.of("y", DataType.BYTES, -1))))
                .inputExample("MLmodel")
                .description("first\nversion")
                .tag("team", "blue")
                .tag(VersionTags.LEGACY_STAGE, "Production")
                .build();
    }

    private static void fillVersion3(StoreProgram.Stores stores) {
        ArtifactStore artifacts = new InMemoryArtifactStore();
        try (ModelRegistry registry = stores.registry().apply(artifacts)) {
            Manifest files = manifest(artifacts
                    .put(new ByteArrayInputStream("model".getBytes(StandardCharsets.UTF_8)))
                    .digest());
            registry.createModel(UMLAUT, new MetadataChanges("it's ü", Map.of("team", "blue", "empty", ""), Set.of()));
            registry.register(described(files));
            for (int version = 2; version <= 5; version++) {
                registry.register(NewModelVersion.builder(UMLAUT, files).build());
            }
            registry.deleteVersion(new ModelRef.Version(UMLAUT, 5));
            for (Integer to : Arrays.asList(1, 2, 3, 4, null)) {
                registry.compareAndSetAlias(
                        UMLAUT, "live", registry.aliases(UMLAUT).get("live"), to, "to " + to);
            }
            registry.rollback(UMLAUT, "live", null, "back");
            registry.deleteVersion(new ModelRef.Version(UMLAUT, 3));
            registry.register(NewModelVersion.builder("gone", files).build());
            registry.deleteModel("gone");
            fillDatasets(stores, artifacts, files);
        }
    }

    private static NewDataset rows(Manifest files) {
        return new NewDataset("rows ü", files, "file:///data/ü", "first\nrows", Map.of("team", "blue", "empty", ""));
    }

    private static void fillDatasets(StoreProgram.Stores stores, ArtifactStore artifacts, Manifest files) {
        try (DatasetStore datasets = stores.datasets().apply(artifacts)) {
            datasets.add(rows(files));
            datasets.add(new NewDataset("rows ü", new Manifest(List.of()), ""));
            datasets.delete("rows ü", 2);
        }
    }

    private static void checkDatasets(StoreProgram.Stores stores, ArtifactStore artifacts, Manifest files) {
        try (DatasetStore datasets = stores.datasets().apply(artifacts)) {
            NewDataset as = rows(files);
            StoredDataset first = new StoredDataset(
                    as.name(),
                    1,
                    files.digest(),
                    as.source(),
                    1,
                    5,
                    CLOCK.instant(),
                    ACTOR,
                    as.description(),
                    as.tags());
            assertThat(datasets.versions(as.name())).containsExactly(first);
            assertThat(datasets.withDigest(files.digest())).containsExactly(first);
            artifacts.put(new ByteArrayInputStream(files.toBytes()));
            assertThat(datasets.manifest(first)).isEqualTo(files);
            assertThat(datasets.add(new NewDataset(as.name(), new Manifest(List.of()), ""))
                            .version())
                    .isEqualTo(3);
        }
    }

    private static void checkVersion3(StoreProgram.Stores stores) {
        Digest model = Digest.of("model".getBytes(StandardCharsets.UTF_8));
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        try (ModelRegistry registry = stores.registry().apply(artifacts)) {
            assertThat(registry.findModel(UMLAUT))
                    .contains(new ModelInfo(
                            UMLAUT,
                            "it's ü",
                            Map.of("team", "blue", "empty", ""),
                            CLOCK.instant(),
                            CLOCK.instant(),
                            3,
                            Map.of("live", 4)));
            NewModelVersion as = described(manifest(model));
            ModelVersion first = new ModelVersion(
                    UMLAUT,
                    1,
                    as.files().digest(),
                    CLOCK.instant(),
                    ACTOR,
                    CLOCK.instant(),
                    as.origin(),
                    as.signature(),
                    as.inputExample(),
                    as.description(),
                    as.tags());
            List<ModelVersion> versions = registry.versions(UMLAUT);
            assertThat(versions).extracting(ModelVersion::version).containsExactly(1, 2, 4);
            assertThat(versions.get(0)).isEqualTo(first);
            assertThat(registry.find(first.ref())).contains(first);
            assertThat(registry.versionsTrainedOn(data())).containsExactly(first);
            assertThat(registry.versionsWithFile(model)).hasSize(5).contains(first);
            assertThat(registry.files(first).manifest()).isEqualTo(as.files());
            assertThat(registry.aliasChanges(2, 100))
                    .extracting(move -> move.sequence() + " " + move.kind() + " " + move.from() + " " + move.to() + " "
                            + move.why())
                    .containsExactly(
                            "3 SET null 1 to 1",
                            "4 SET 1 2 to 2",
                            "5 SET 2 3 to 3",
                            "6 SET 3 4 to 4",
                            "7 SET 4 null to null",
                            "8 ROLLBACK null 4 back");
            // And it goes on: version 3 is gone, numbers are not used again.
            assertThat(registry.rollback(UMLAUT, "live", 4, "").to()).isEqualTo(2);
            assertThat(registry.rollback(UMLAUT, "live", 2, "").sequence()).isEqualTo(10);
            artifacts.put(new ByteArrayInputStream("model".getBytes(StandardCharsets.UTF_8)));
            assertThat(registry.register(
                                    NewModelVersion.builder(UMLAUT, as.files()).build())
                            .version())
                    .isEqualTo(6);
            assertThat(registry.register(
                                    NewModelVersion.builder("gone", as.files()).build())
                            .version())
                    .isEqualTo(2);
            checkDatasets(stores, artifacts, as.files());
        }
    }

    /** @param version of the schema that it was filled at */
    public static void check(StoreProgram.Stores stores, int version) {
        TrackingStore runs = stores.runs();
        ExperimentInfo iris = runs.findExperimentByName("iris").orElseThrow();
        ExperimentInfo other = runs.findExperimentByName(UMLAUT).orElseThrow();
        assertThat(runs.experiments()).containsExactly(iris, other);
        assertThat(iris).isEqualTo(new ExperimentInfo("1", "iris", Map.of(), CLOCK.instant(), CLOCK.instant(), null));
        assertThat(other.createdAt()).isEqualTo(CLOCK.instant());

        MetricPoint last = loss().get(1999);
        assertThat(run(runs, FINISHED))
                .isEqualTo(new RunInfo(
                        FINISHED,
                        iris.id(),
                        "finished",
                        RunStatus.FINISHED,
                        AT,
                        AT.plusSeconds(60),
                        null,
                        null,
                        Map.of("epochs", "20", "text", "a\nb 'ü'", "empty", ""),
                        Map.of("stage", "final", "mlflow.note.content", "first"),
                        List.of(new DatasetInput(dataset(), null)),
                        Map.of("loss", last)));
        MetricPoint greatest = odd().get(odd().size() - 1);
        assertThat(run(runs, FAILED))
                .isEqualTo(new RunInfo(
                        FAILED,
                        iris.id(),
                        "failed",
                        RunStatus.FAILED,
                        AT.plusSeconds(1),
                        AT.plusSeconds(61),
                        "java.lang.Error: x",
                        null,
                        Map.of(),
                        Map.of(),
                        List.of(),
                        Map.of("odd", greatest, UNUSUAL_KEY.key(), UNUSUAL_KEY)));
        RunInfo running = run(runs, RUNNING);
        assertThat(running.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(running.endedAt()).isNull();
        assertThat(running.experimentId()).isEqualTo(other.id());
        assertThat(runs.artifacts(FINISHED))
                .isEqualTo(new Manifest(List.of(new FileEntry("model/MLmodel", 4, data()))));
        assertThat(runs.artifacts(FAILED).files()).isEmpty();

        assertThat(history(stores, FINISHED, "loss")).isEqualTo(loss());
        // Records compare doubles by their bits, NaN included.
        assertThat(history(stores, FAILED, "odd")).isEqualTo(odd());
        assertThat(history(stores, FAILED, UNUSUAL_KEY.key())).containsExactly(UNUSUAL_KEY);
        assertThat(stores.metrics().latest(RUNNING)).isEmpty();

        checkModels(stores, version);
        if (version >= 2) {
            checkVersion2(stores, iris.id(), other.id());
        }
        if (version >= 3) {
            checkVersion3(stores);
        }
        checkThatItTakesMore(stores, iris.id());
    }

    private static void checkModels(StoreProgram.Stores stores, int version) {
        Digest model = Digest.of("model".getBytes(StandardCharsets.UTF_8));
        try (ModelRegistry registry = stores.registry().apply(new InMemoryArtifactStore())) {
            assertThat(registry.models())
                    .containsExactlyElementsOf(version < 3 ? List.of("iris") : List.of(UMLAUT, "iris"));
            assertThat(registry.findModel("iris"))
                    .contains(new ModelInfo(
                            "iris", "", Map.of(), CLOCK.instant(), CLOCK.instant(), 2, Map.of("champion", 2)));
            List<ModelVersion> versions = registry.versions("iris");
            assertThat(versions).extracting(ModelVersion::version).containsExactly(1, 2);
            ModelVersion first = versions.get(0);
            assertThat(first.digest()).isEqualTo(manifest(model).digest());
            assertThat(first.runId()).isEqualTo(FINISHED);
            assertThat(first.provenance()).isEqualTo(Map.of("trainer", "lr"));
            assertThat(first.createdAt()).isEqualTo(CLOCK.instant());
            assertThat(first.createdBy()).isEqualTo(ACTOR);
            assertThat(first.updatedAt()).isEqualTo(CLOCK.instant());
            assertThat(versions.get(1).origin()).isEqualTo(ModelOrigin.none());
            assertThat(registry.versionsWithFile(model)).containsAll(versions);
            assertThat(registry.files(first).manifest()).isEqualTo(manifest(model));
            assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", 2));
            assertThat(registry.aliasHistory("iris", "champion"))
                    .containsExactly(
                            new AliasChange(
                                    1,
                                    AliasChange.Kind.SET,
                                    "iris",
                                    "champion",
                                    null,
                                    1,
                                    ACTOR,
                                    CLOCK.instant(),
                                    "first"),
                            new AliasChange(
                                    2,
                                    AliasChange.Kind.SET,
                                    "iris",
                                    "champion",
                                    1,
                                    2,
                                    ACTOR,
                                    CLOCK.instant(),
                                    "better"));
        }
    }

    private static void checkVersion2(StoreProgram.Stores stores, String iris, String other) {
        TrackingStore runs = stores.runs();
        assertThat(runs.findExperiment(other).orElseThrow().tags()).isEqualTo(Map.of("team", "blue", "empty", ""));
        ExperimentInfo deleted = runs.findExperimentByName("deleted").orElseThrow();
        assertThat(deleted.deletedAt()).isEqualTo(CLOCK.instant());
        assertThat(deleted.tags()).isEqualTo(Map.of("why", "a mistake"));
        RunInfo run = run(runs, DELETED);
        assertThat(run.deletedAt()).isEqualTo(CLOCK.instant());
        assertThat(run.experimentId()).isEqualTo(iris);
        assertThat(run.tags()).isEqualTo(Map.of("a", "b"));
        assertThat(run.inputs())
                .containsExactly(new DatasetInput(dataset(), "training"), new DatasetInput(dataset(), "evaluation"));
        assertThat(history(stores, DELETED, "long")).isEqualTo(points("long", 10_000));
        assertThat(runs.markKilled()).containsExactly(LEASED);
        assertThat(run(runs, LEASED).status()).isEqualTo(RunStatus.KILLED);
        assertThat(run(runs, LEASED).endedAt()).isNotNull();
    }

    private static void checkThatItTakesMore(StoreProgram.Stores stores, String experiment) {
        TrackingStore runs = stores.runs();
        runs.createRun(new NewRun("new", experiment, "new", AT));
        runs.updateRun(
                FINISHED, RunChanges.builder().param("new", "1").tag("new", "1").build());
        List<MetricPoint> more = points("loss", 2100).subList(2000, 2100);
        stores.metrics().append(List.of(MetricBatch.of(FINISHED, more), MetricBatch.of("new", more)));
        assertThat(history(stores, FINISHED, "loss")).isEqualTo(points("loss", 2100));
        assertThat(run(runs, FINISHED).params()).hasSize(4);
        runs.heartbeat(Set.of("new", RUNNING), Duration.ofHours(1));
        assertThat(runs.markKilled()).isEmpty();
    }

    private static RunInfo run(TrackingStore runs, String id) {
        return runs.findRun(id).orElseThrow();
    }

    private static List<MetricPoint> history(StoreProgram.Stores stores, String run, String key) {
        try (Stream<MetricPoint> history = stores.metrics().history(run, key)) {
            return history.toList();
        }
    }
}
