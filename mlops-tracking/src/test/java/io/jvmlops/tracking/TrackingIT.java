package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.test.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackingIT {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(T0);
    private Tracking tracking;

    @BeforeEach
    void open() {
        tracking = Tracking.builder()
                .folder(folder.resolve("mlops"))
                .clock(clock)
                .actor(() -> "ada")
                .recordSource(false)
                .build();
    }

    @AfterEach
    void close() {
        tracking.close();
    }

    @Test
    void aTrainingIsTrackedAndItsModelRegistered() throws IOException {
        ModelVersion version;
        String id;
        try (Run run = tracking.experiment("iris").startRun("logistic-regression")) {
            id = run.id();
            run.logParam("epochs", 20);
            run.logParams(Map.of("rate", 0.1, "optimizer", "adagrad"));
            run.setTag("team", "blue");
            DatasetVersion data = new DatasetVersion("iris", Digest.of(new byte[] {1}), "file:iris.csv");
            run.logInput(data);
            for (int step = 0; step < 10; step++) {
                run.logMetric("loss", 1.0 / (step + 1), step);
            }
            run.logMetric("accuracy", 0.97);
            run.logText("notes/summary.txt", "good ☃");
            version = run.logModel("iris", exporter("weights", Map.of("trainer", "sgd", "as\u0085is\0", "a\0b")));
            tracking.registry().setAlias("iris", "champion", version);
            assertThat(run.info().status()).isEqualTo(RunStatus.RUNNING);
            clock.advance(Duration.ofMinutes(1));
            run.complete();

            RunInfo info = run.info();
            assertThat(info)
                    .isEqualTo(new RunInfo(
                            id,
                            tracking.experiment("iris").info().id(),
                            "logistic-regression",
                            RunStatus.FINISHED,
                            T0,
                            T0.plusSeconds(60),
                            null,
                            null,
                            Map.of("epochs", "20", "rate", "0.1", "optimizer", "adagrad"),
                            Map.of("team", "blue"),
                            List.of(new DatasetInput(data, null)),
                            tracking.metrics().latest(id)));
        }
        assertThat(id).matches("[0-9a-f]{32}");
        assertThat(tracking.metrics().latest(id))
                .isEqualTo(Map.of(
                        "loss", new MetricPoint("loss", 9, T0.toEpochMilli(), 0.1),
                        "accuracy", new MetricPoint("accuracy", 0, T0.toEpochMilli(), 0.97)));
        assertThat(tracking.store().artifacts(id).files())
                .extracting(FileEntry::path)
                .containsExactly("models/iris/MLmodel", "models/iris/data/weights.bin", "notes/summary.txt");

        assertThat(version.runId()).isEqualTo(id);
        assertThat(version.createdBy()).isEqualTo("ada");
        assertThat(version.provenance()).isEqualTo(Map.of("trainer", "sgd", "as is\uFFFD", "a\uFFFDb"));
        assertThat(tracking.registry().versionsFromRun(id)).containsExactly(version);
        ModelFiles files = tracking.registry().files(tracking.registry().get(ModelRef.parse("iris@champion")));
        assertThat(new String(files.read("data/weights.bin"), UTF_8)).isEqualTo("weights");
        assertThat(files.digest()).isEqualTo(version.digest());
    }

    @Test
    void aModelKnowsWhatItCameFrom() {
        ModelSignature signature = new ModelSignature(
                List.of(TensorSpec.of("x", DataType.FP32, -1, 4)), List.of(TensorSpec.of("y", DataType.INT64, -1)));
        ModelExporter exporter = (target, runId) -> {
            write(target.resolve("MLmodel"), "run_id: " + runId);
            write(target.resolve("input_example.json"), "[]");
            return new ModelDescriptor(
                    Map.of(
                            "onnx", Map.of(ModelDescriptor.DATA, "model.onnx", "onnxruntime_version", "1.28.0"),
                            "tribuo", Map.of("tribuo_version", "4.3.2")),
                    signature,
                    List.of(),
                    runId,
                    Map.of("tribuo.trainer", "sgd", "bad\nkey", "half \ud800", "", "nothing"),
                    Map.of(),
                    "input_example.json");
        };
        DatasetVersion train = new DatasetVersion("iris", Digest.of(new byte[] {1}), "file:iris.csv");
        DatasetVersion more = new DatasetVersion("more", Digest.of(new byte[] {2}), "");
        DatasetVersion test = new DatasetVersion("test", Digest.of(new byte[] {3}), "");
        try (Run run = tracking.experiment("iris").startRun("origin")) {
            run.setTags(Map.of(RunTags.GIT_COMMIT, "0123abc", RunTags.JVM, "a JVM"));
            run.logInput(train, "training");
            run.logInput(test, "Testing");
            run.logInput(more);
            run.logInput(train);
            ModelVersion version = run.logModel("iris", exporter, "the first", Map.of("team", "blue"));
            run.logInput(new DatasetVersion("late", Digest.of(new byte[] {4}), ""));
            assertThat(version)
                    .isEqualTo(new ModelVersion(
                            "iris",
                            1,
                            version.digest(),
                            T0,
                            "ada",
                            T0,
                            new ModelOrigin(
                                    run.id(),
                                    List.of(train, more),
                                    "0123abc",
                                    Map.of(
                                            "jvm",
                                            "a JVM",
                                            "os",
                                            System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                                                    + System.getProperty("os.arch"),
                                            "onnxruntime_version",
                                            "1.28.0",
                                            "tribuo_version",
                                            "4.3.2"),
                                    Map.of("tribuo.trainer", "sgd", "bad key", "half ")),
                            signature,
                            "input_example.json",
                            "the first",
                            Map.of("team", "blue")));
            assertThat(tracking.registry().get(version.ref())).isEqualTo(version);
            assertThat(tracking.registry().versionsTrainedOn(train.digest())).containsExactly(version);
            assertThat(tracking.registry().versionsTrainedOn(test.digest())).isEmpty();
            tracking.registry().verify(version).requireIntact();
            assertThatThrownBy(() -> run.logModel("iris", exporter, "x".repeat(5_001), Map.of()))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> run.logModel("iris", exporter, "", Map.of("", "")))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(tracking.registry().versions("iris")).hasSize(1);
    }

    @Test
    void whatWasTrackedIsThereAfterReopening() {
        RunInfo run = tracking.experiment("iris").run("first", r -> {
            r.logMetric("loss", Double.NaN, -1);
            r.logModel("iris", exporter("w", Map.of()));
        });
        tracking.close();
        try (Tracking again = Tracking.open(folder.resolve("mlops"))) {
            assertThat(again.store().findRun(run.id())).contains(run);
            assertThat(again.metrics().latest(run.id()).get("loss"))
                    .isEqualTo(new MetricPoint("loss", -1, T0.toEpochMilli(), Double.NaN));
            assertThat(again.registry().models()).containsExactly("iris");
            assertThat(again.location()).isEqualTo(folder.resolve("mlops").toString());
            assertThat(again.toString()).contains(folder.resolve("mlops").toString());
        }
    }

    @Test
    void aRunClosedWithoutCompleteHasFailed() {
        Run run = tracking.experiment("iris").startRun("r");
        run.logMetric("loss", 1);
        run.close();
        run.close();
        assertThat(run.info().status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.info().endReason()).contains("complete()");
        assertThat(tracking.metrics().latest(run.id())).containsKey("loss");
    }

    @Test
    void aRunThatFailsSaysWhy() {
        try (Run run = tracking.experiment("iris").startRun("r")) {
            run.logMetric("loss", 1);
            run.fail(new IllegalStateException("diverged"));
            assertThat(run.info().status()).isEqualTo(RunStatus.FAILED);
            assertThat(run.info().endReason()).isEqualTo("java.lang.IllegalStateException: diverged");
            assertThat(tracking.metrics().latest(run.id())).containsKey("loss");
        }
    }

    @Test
    void aBodyCompletesOrFailsItsRun() {
        Experiment experiment = tracking.experiment("iris");
        assertThat(experiment.run("good", run -> run.logParam("a", 1)).status()).isEqualTo(RunStatus.FINISHED);
        for (Throwable thrown : List.of(new IOException("lost"), new AssertionError("wrong"))) {
            List<String> ids = new ArrayList<>();
            assertThatThrownBy(() -> experiment.run("bad", run -> {
                        ids.add(run.id());
                        if (thrown instanceof IOException lost) {
                            throw lost;
                        }
                        throw (AssertionError) thrown;
                    }))
                    .isSameAs(thrown);
            RunInfo failed = tracking.store().findRun(ids.get(0)).orElseThrow();
            assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
            assertThat(failed.endReason()).isEqualTo(thrown.toString());
        }
    }

    @Test
    void aBodyMayEndItsRunItself() {
        Experiment experiment = tracking.experiment("iris");
        assertThat(experiment.run("early", Run::complete).status()).isEqualTo(RunStatus.FINISHED);
        RunInfo failed = experiment.run("diverged", run -> run.fail(new IllegalStateException("diverged")));
        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.endReason()).contains("diverged");
    }

    @Test
    void anEndedRunRefusesEverythingButQuestions() {
        Run run = tracking.experiment("iris").startRun("r");
        run.complete();
        List<Runnable> calls = List.of(
                () -> run.logParam("a", 1),
                () -> run.logParams(Map.of()),
                () -> run.setTag("a", "b"),
                () -> run.logMetric("a", 1),
                () -> run.logMetric("a", 1, 1),
                () -> run.logInput(new DatasetVersion("d", Digest.of(new byte[0]), "")),
                () -> run.logArtifact("a", folder),
                () -> run.logText("a", "b"),
                () -> run.openArtifact("a"),
                () -> run.logModel("iris", exporter("w", Map.of())),
                run::flush,
                run::complete,
                () -> run.fail(new IllegalStateException()));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining(run.id())
                    .hasMessageContaining("start another run");
        }
        assertThat(run.info().status()).isEqualTo(RunStatus.FINISHED);
        assertThat(run.name()).isEqualTo("r");
        run.close();
        assertThat(run.info().status()).isEqualTo(RunStatus.FINISHED);
    }

    @Test
    void badInputChangesNothing() {
        try (Run run = tracking.experiment("iris").startRun("r")) {
            RunInfo before = run.info();
            assertThatThrownBy(() -> run.logParams(Map.of("good", 1, "", 2))).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> run.setTag("t", "x".repeat(8_001))).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> run.logMetric(" ", 1)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> run.logMetric("a\nb", 1)).isInstanceOf(InvalidInputException.class);
            for (String path : List.of("../up", "/absolute", "", "a//b", "a/..", "con")) {
                assertThatThrownBy(() -> run.logText(path, "x")).isInstanceOf(InvalidInputException.class);
                assertThatThrownBy(() -> run.logArtifact(path, folder)).isInstanceOf(InvalidInputException.class);
            }
            for (String name : List.of("a/b", "a:b", " ", "..")) {
                assertThatThrownBy(() -> run.logModel(name, exporter("w", Map.of())))
                        .isInstanceOf(InvalidInputException.class);
            }
            run.flush();
            assertThat(run.info()).isEqualTo(before);
            assertThat(tracking.metrics().latest(run.id())).isEmpty();
            assertThat(tracking.store().artifacts(run.id()).files()).isEmpty();
            run.logParam("epochs", 1);
            assertThatThrownBy(() -> run.logParam("epochs", 2)).isInstanceOf(ConflictException.class);
        }
        assertThatThrownBy(() -> tracking.experiment("iris").startRun("x".repeat(251)))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aFolderIsStoredWithAllItsFiles() throws IOException {
        Path plots = Files.createDirectories(folder.resolve("plots/deep/deeper"));
        Files.writeString(folder.resolve("plots/a.txt"), "a");
        Files.writeString(plots.resolve("b.txt"), "b");
        Files.createSymbolicLink(folder.resolve("plots/link.txt"), Path.of("deep/deeper/b.txt"));
        Files.writeString(folder.resolve("single"), "one file");
        try (Run run = tracking.experiment("iris").startRun("r")) {
            run.logArtifact("all/plots", folder.resolve("plots"));
            run.logArtifact("single.txt", folder.resolve("single"));
            assertThat(tracking.store().artifacts(run.id()).files())
                    .extracting(FileEntry::path)
                    .containsExactly(
                            "all/plots/a.txt", "all/plots/deep/deeper/b.txt", "all/plots/link.txt", "single.txt");
            try (InputStream in = run.openArtifact("all/plots/link.txt")) {
                assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("b");
            }
            assertThatThrownBy(() -> run.openArtifact("all/plots"))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("all/plots/a.txt");
            assertThatThrownBy(() -> run.logArtifact("x", folder.resolve("missing")))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void linksThatLeaveTheFolderAreRefusedAllAtOnce() throws IOException {
        Path secret = Files.createDirectories(folder.resolve("secret"));
        Files.writeString(secret.resolve("key"), "secret");
        Path plots = Files.createDirectories(folder.resolve("plots"));
        Files.writeString(plots.resolve("fine.txt"), "fine");
        Files.createSymbolicLink(plots.resolve("file-out"), secret.resolve("key"));
        Files.createSymbolicLink(plots.resolve("folder-out"), Path.of("../secret"));
        Files.createSymbolicLink(plots.resolve("nowhere"), Path.of("missing"));
        Files.createSymbolicLink(plots.resolve("circle"), Path.of("."));
        try (Run run = tracking.experiment("iris").startRun("r")) {
            assertThatThrownBy(() -> run.logArtifact("plots", plots))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.mismatches())
                                    .containsExactlyInAnyOrder(
                                            "link 'file-out' leads out of the folder",
                                            "link 'folder-out' leads out of the folder",
                                            "link 'nowhere' leads nowhere",
                                            "link 'circle' leads in a circle"));
            assertThat(tracking.store().artifacts(run.id()).files()).isEmpty();
        }
        assertThat(tracking.artifacts().contains(Digest.of("secret".getBytes(UTF_8))))
                .isFalse();
    }

    @Test
    void aModelThatCannotBeExportedIsNotRegistered() {
        List<Path> used = new ArrayList<>();
        IllegalStateException broken = new IllegalStateException("no such form");
        try (Run run = tracking.experiment("iris").startRun("r")) {
            assertThatThrownBy(() -> run.logModel("iris", (target, runId) -> {
                        used.add(target);
                        write(target.resolve("MLmodel"), "half");
                        throw broken;
                    }))
                    .isSameAs(broken);
            assertThatThrownBy(() -> run.logModel("iris", (target, runId) -> {
                        used.add(target);
                        write(target.resolve("weights"), "w");
                        return ModelDescriptor.ofFile("onnx", "weights");
                    }))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("MLmodel")
                    .hasMessageContaining("weights");
            assertThatThrownBy(() -> run.logModel("iris", (target, runId) -> {
                        used.add(target);
                        write(target.resolve("MLmodel"), "m");
                        link(target.resolve("weights"), folder.toAbsolutePath());
                        return ModelDescriptor.ofFile("onnx", "weights");
                    }))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("leads out of the folder");
            assertThatThrownBy(() -> run.logModel("iris", (target, runId) -> {
                        used.add(target);
                        write(target.resolve("MLmodel"), "m");
                        return new ModelDescriptor(
                                Map.of(),
                                null,
                                List.of(),
                                runId,
                                Map.of(),
                                Map.of("MLmodel", Digest.of("other".getBytes(UTF_8))),
                                null);
                    }))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("MLmodel");
            assertThatThrownBy(() -> run.logModel("iris", (target, runId) -> {
                        used.add(target);
                        throw new ModelLoadException("the model has no such form");
                    }))
                    .isInstanceOf(ModelLoadException.class);
            assertThat(tracking.store().artifacts(run.id()).files()).isEmpty();
        }
        assertThat(tracking.registry().models()).isEmpty();
        assertThat(used).hasSize(5).noneMatch(Files::exists);
    }

    @Test
    void anInterruptedTrainingStillKeepsWhatItLogs() {
        Run run = tracking.experiment("iris").startRun("r");
        Thread.currentThread().interrupt();
        try {
            run.logMetric("loss", 1);
            run.logText("a.txt", "a");
            run.flush();
            run.close();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(tracking.metrics().latest(run.id())).containsKey("loss");
        assertThat(run.info().status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void closingTheTrackingEndsItsRuns() {
        Run run = tracking.experiment("iris").startRun("r");
        run.logMetric("loss", 1);
        Experiment experiment = tracking.experiment("iris");
        tracking.close();
        tracking.close();
        assertThatThrownBy(() -> tracking.experiment("iris"))
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining(tracking.location());
        assertThatThrownBy(() -> experiment.startRun("r")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> run.logMetric("loss", 1)).isInstanceOf(ClosedException.class);
        run.close();
        try (Tracking again = Tracking.open(folder.resolve("mlops"))) {
            RunInfo info = again.store().findRun(run.id()).orElseThrow();
            assertThat(info.status()).isEqualTo(RunStatus.FAILED);
            assertThat(info.endReason()).contains("closed before the run");
            assertThat(again.metrics().latest(run.id())).containsKey("loss");
        }
    }

    @Test
    void aRunThatSomebodyElseEndedCanStillBeClosed() {
        Run run = tracking.experiment("iris").startRun("r");
        tracking.store()
                .updateRun(
                        run.id(),
                        RunChanges.builder().end(RunStatus.FINISHED, T0, null).build());
        run.close();
        assertThat(run.info().status()).isEqualTo(RunStatus.FINISHED);
        assertThatThrownBy(() -> run.logMetric("a", 1)).isInstanceOf(ClosedException.class);
    }

    @Test
    void trackingsAreBuiltWholeOrNotAtAll() {
        assertThatThrownBy(() -> Tracking.builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("folder");
        assertThatThrownBy(() -> Tracking.builder()
                        .folder(folder)
                        .store(tracking.store())
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("metrics");
        assertThatThrownBy(() -> Tracking.builder()
                        .folder(folder)
                        .registry(tracking.registry())
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("artifact");
        assertThatThrownBy(() -> Tracking.builder()
                        .folder(folder)
                        .datasets(tracking.datasets().store())
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("datasets");
        Tracking.Builder others = Tracking.builder()
                .store(tracking.store())
                .metrics(tracking.metrics())
                .artifacts(tracking.artifacts())
                .registry(tracking.registry());
        try (Tracking without = others.build()) {
            assertThatThrownBy(without::datasets)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("datasets");
        }
        try (Tracking with = others.datasets(tracking.datasets().store()).build()) {
            assertThat(with.datasets().names()).isEmpty();
        }
    }

    @Test
    void dataIsVersionedAndLinkedToTheRunsThatReadIt() {
        Path data = folder.resolve("data");
        write(data.resolve("a.csv"), "1,2");
        StoredDataset stored = tracking.datasets().add("iris", data);
        assertThat(stored.createdBy()).isEqualTo("ada");
        assertThat(stored.createdAt()).isEqualTo(T0);
        RunInfo info = tracking.experiment("iris").run("r", run -> {
            run.logInput(stored);
            run.logInput(stored, "evaluation");
        });
        assertThat(info.inputs())
                .containsExactly(
                        new DatasetInput(stored.reference(), null), new DatasetInput(stored.reference(), "evaluation"));
        assertThat(tracking.datasets().status(stored, data).isEmpty()).isTrue();
        // What has only just been written is not remembered.
        assertThat(folder.resolve("mlops/cache")).doesNotExist();
    }

    private static ModelExporter exporter(String weights, Map<String, String> provenance) {
        return (target, runId) -> {
            write(target.resolve("MLmodel"), "run_id: " + runId);
            write(target.resolve("data/weights.bin"), weights);
            return new ModelDescriptor(
                    Map.of("tribuo", Map.of(ModelDescriptor.DATA, "data/weights.bin")),
                    null,
                    List.of(),
                    runId,
                    provenance,
                    Map.of("data/weights.bin", Digest.of(weights.getBytes(UTF_8))),
                    null);
        };
    }

    private static void write(Path file, String text) {
        try {
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void link(Path link, Path target) {
        try {
            Files.createSymbolicLink(link, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
