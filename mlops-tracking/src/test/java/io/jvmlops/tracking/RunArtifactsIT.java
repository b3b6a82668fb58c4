package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs log as artifacts, and how it is got back. */
class RunArtifactsIT {
    @TempDir
    Path folder;

    private Tracking tracking;
    private Run run;

    @BeforeEach
    void start() {
        tracking = Tracking.open(folder.resolve("mlops"));
        run = tracking.experiment("e").startRun("run");
    }

    @AfterEach
    void end() {
        run.close();
        tracking.close();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8));
    }

    private String read(String path) throws IOException {
        try (InputStream in = tracking.artifacts(run.id()).open(path)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private LocalArtifactStore store() {
        return (LocalArtifactStore) tracking.artifacts();
    }

    /** All files below a folder, with what they hold. */
    private static Map<String, String> tree(Path root) throws IOException {
        Map<String, String> tree = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                tree.put(root.relativize(file).toString().replace('\\', '/'), Files.readString(file));
            }
        }
        return tree;
    }

    @Test
    void everythingLoggedIsListedAndComesBack() throws IOException {
        Path plots = Files.createDirectories(folder.resolve("plots/deep"));
        for (int i = 0; i < 50; i++) {
            Files.writeString(plots.resolve("p" + i), "plot " + i);
        }
        run.logArtifact("plots", folder.resolve("plots"));
        run.logArtifact("one.txt", Files.writeString(folder.resolve("one"), "one"));
        run.logArtifact("streamed", stream("streamed"));
        run.logText("notes/ü.md", "ü ☃");
        run.logJson("metrics.json", Map.of("loss", List.of(0.5, 0.25)));
        assertThat(run.artifacts().files())
                .hasSize(54)
                .isEqualTo(tracking.artifacts(run.id()).list().files());
        assertThat(read("metrics.json")).isEqualTo("{\"loss\":[0.5,0.25]}");
        assertThat(read("plots/deep/p17")).isEqualTo("plot 17");
        try (InputStream in = run.openArtifact("streamed")) {
            assertThat(in.readAllBytes()).isEqualTo("streamed".getBytes(UTF_8));
        }
        run.logText("one.txt", "replaced");
        assertThat(read("one.txt")).isEqualTo("replaced");
        run.downloadArtifacts("", folder.resolve("out/all"));
        assertThat(tree(folder.resolve("out/all")))
                .hasSize(54)
                .containsEntry("notes/ü.md", "ü ☃")
                .containsEntry("plots/deep/p49", "plot 49");
        run.complete();
        assertThatThrownBy(() -> run.artifacts()).isInstanceOf(ClosedException.class);
        RunArtifacts ended = tracking.artifacts(run.id());
        ended.download("plots/deep/", folder.resolve("deep"));
        assertThat(tree(folder.resolve("deep"))).hasSize(50).containsEntry("p3", "plot 3");
        ended.download("one.txt", folder.resolve("single"));
        assertThat(folder.resolve("single")).hasContent("replaced");
        assertThat(ended.verify())
                .isEqualTo(new Verification(
                        "artifacts of run " + run.id(), 54, ended.list().size(), List.of()));
        assertThat(names(folder)).containsExactlyInAnyOrder("mlops", "plots", "one", "out", "deep", "single");
    }

    @Test
    void whatIsNotThereIsNamed() {
        run.logText("a/b", "x");
        RunArtifacts artifacts = tracking.artifacts(run.id());
        for (String missing : List.of("b", "a/", "a/c", "A/b", "a/b/")) {
            assertThatThrownBy(() -> artifacts.open(missing))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("a/b");
        }
        assertThatThrownBy(() -> artifacts.download("a/c", folder.resolve("x"))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> tracking.artifacts("none").list()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> tracking.artifacts("none").verify()).isInstanceOf(NotFoundException.class);
    }

    @Test
    void aDownloadNeverTouchesWhatIsThere() throws IOException {
        run.logText("a/b", "x");
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        for (Path there : List.of(file, empty)) {
            assertThatThrownBy(() -> run.downloadArtifacts("a", there))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("already");
            assertThatThrownBy(() -> run.downloadArtifacts("a/b", there)).isInstanceOf(StorageException.class);
        }
        assertThatThrownBy(() -> run.downloadArtifacts("a", file.resolve("below")))
                .isInstanceOf(StorageException.class);
        assertThat(file).hasContent("mine");
        assertThat(empty).isEmptyDirectory();
        assertThat(names(folder)).containsExactlyInAnyOrder("mlops", "file", "empty");
    }

    @Test
    void bytesThatWereAlteredAreReadDownloadedAndBelievedByNobody() throws IOException {
        run.logText("a/good", "good");
        run.logText("a/bad", "good too");
        run.logText("a/gone", "gone");
        Path bad = store().path(Digest.of("good too".getBytes(UTF_8)));
        Files.writeString(bad, "good toO");
        Files.delete(store().path(Digest.of("gone".getBytes(UTF_8))));
        assertThatThrownBy(() -> read("a/bad"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("artifact 'a/bad' of run " + run.id());
        assertThatThrownBy(() -> run.downloadArtifacts("a/bad", folder.resolve("x")))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> run.downloadArtifacts("a", folder.resolve("x")))
                .isInstanceOfAny(IntegrityException.class, NotFoundException.class);
        assertThat(names(folder)).containsExactly("mlops");
        Verification found = tracking.artifacts(run.id()).verify();
        assertThat(found.problems())
                .extracting(Verification.Problem::path, Verification.Problem::kind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a/bad", Verification.Kind.ALTERED),
                        org.assertj.core.groups.Tuple.tuple("a/gone", Verification.Kind.MISSING));
        assertThatThrownBy(found::requireIntact)
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("a/bad");
        // Logging it again heals it.
        run.logText("elsewhere", "good too");
        assertThat(read("a/bad")).isEqualTo("good too");
    }

    /** {@code -Djvmlops.flips=N} flips more. */
    @Test
    void everyFlippedByteIsFoundAndNamed() throws IOException {
        int flips = Integer.getInteger("jvmlops.flips", 300);
        Random random = new Random(17);
        for (int i = 0; i < 20; i++) {
            byte[] bytes = new byte[1 + random.nextInt(3_000)];
            random.nextBytes(bytes);
            run.logArtifact("files/" + i, new ByteArrayInputStream(bytes));
        }
        Run other = tracking.experiment("e").startRun("other");
        other.logText("same", "text");
        run.logText("same too", "text");
        tracking.deleteRun(other(other));
        List<FileEntry> files = tracking.artifacts(run.id()).list().files();
        assertThat(tracking.verify().isIntact()).isTrue();
        assertThat(tracking.verify().files()).isEqualTo(22);
        for (int i = 0; i < flips; i++) {
            FileEntry file = files.get(random.nextInt(files.size()));
            Path path = store().path(file.digest());
            byte[] good = Files.readAllBytes(path);
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(path, bad);
            Verification found = i % 10 == 0
                    ? tracking.verify()
                    : tracking.artifacts(run.id()).verify();
            assertThat(found.problems())
                    .extracting(Verification.Problem::path)
                    .contains((i % 10 == 0 ? "runs/" + run.id() + "/" : "") + file.path());
            assertThat(found.problems()).allMatch(problem -> problem.expected().equals(file.digest()));
            Files.write(path, good);
        }
        Files.writeString(store().path(Digest.of("text".getBytes(UTF_8))), "tex");
        assertThat(tracking.verify().problems())
                .extracting(Verification.Problem::path)
                .containsExactlyInAnyOrder("runs/" + other.id() + "/same", "runs/" + run.id() + "/same too");
    }

    /** Runs, models and datasets of one tracking: what they refer to is verified and kept, and goes when none of them does. */
    @Test
    void modelsAndDatasetsAreVerifiedAndKeptToo() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("train.csv"), "1,2");
        Files.writeString(data.resolve("shared.csv"), "shared");
        StoredDataset dataset = tracking.datasets().add("iris", data);
        ArtifactStore.Stored weights = tracking.artifacts().put(stream("weights"));
        ModelVersion version = tracking.registry()
                .register(NewModelVersion.builder(
                                "iris",
                                new Manifest(List.of(new FileEntry("model/w", weights.size(), weights.digest()))))
                        .build());
        run.logText("shared", "shared");
        tracking.artifacts().put(stream("garbage"));
        GarbageCollection garbage = tracking.garbage().grace(Duration.ZERO);
        assertThat(garbage.preview().collected()).isEqualTo(1);
        assertThat(garbage.collect().collected()).isEqualTo(1);
        assertThat(tracking.verify()).satisfies(found -> {
            assertThat(found.problems()).isEmpty();
            assertThat(found.files()).isEqualTo(4);
            assertThat(found.bytes()).isEqualTo(16);
        });
        Files.writeString(store().path(weights.digest()), "Weights");
        Files.writeString(store().path(Digest.of("shared".getBytes(UTF_8))), "Shared");
        assertThat(tracking.verify().problems())
                .extracting(Verification.Problem::path)
                .containsExactlyInAnyOrder(
                        "models/iris/1/model/w", "runs/" + run.id() + "/shared", "datasets/iris/1/shared.csv");
        byte[] manifest = Files.readAllBytes(store().path(dataset.digest()));
        Files.write(store().path(dataset.digest()), new byte[] {1});
        assertThat(tracking.verify().problems())
                .extracting(Verification.Problem::path)
                .contains("datasets/iris/1/" + Verification.Problem.MANIFEST);
        assertThatThrownBy(garbage::collect).isInstanceOf(IntegrityException.class);
        // What cannot be read is a finding like any other, and hides none.
        Files.delete(store().path(dataset.digest()));
        Files.createDirectory(store().path(dataset.digest()));
        assertThat(tracking.verify().problems())
                .extracting(Verification.Problem::path, Verification.Problem::kind)
                .contains(
                        tuple("datasets/iris/1/" + Verification.Problem.MANIFEST, Verification.Kind.UNREADABLE),
                        tuple("models/iris/1/model/w", Verification.Kind.ALTERED));
        Files.delete(store().path(dataset.digest()));
        Files.write(store().path(dataset.digest()), manifest);
        tracking.datasets().store().delete("iris", dataset.version());
        tracking.registry().deleteVersion(version.ref());
        // The manifest, the data that no run has, and the weights.
        assertThat(garbage.collect().collected()).isEqualTo(3);
        assertThat(tracking.artifacts().contains(Digest.of("shared".getBytes(UTF_8))))
                .isTrue();
    }

    /** A tracking put together of stores, as of the one folder here, that was not given the datasets. */
    @Test
    void whatElseIsInADatabaseIsKeptThoughTheTrackingWasNotGivenIt() throws IOException {
        Path data = Files.writeString(folder.resolve("data.csv"), "1,2");
        StoredDataset dataset = tracking.datasets().add("iris", data);
        tracking.artifacts().put(stream("garbage"));
        try (SqliteStores tables = SqliteStores.open(folder.resolve("mlops").resolve(Tracking.DATABASE));
                Tracking others = Tracking.builder()
                        .store(tables.runs())
                        .metrics(tables.metrics())
                        .registry(tables.registry(store()))
                        .artifacts(store())
                        .build()) {
            assertThat(others.garbage().grace(Duration.ZERO).collect().collected())
                    .isEqualTo(1);
            assertThat(tracking.datasets().verify(dataset).problems()).isEmpty();
            assertThatThrownBy(() -> tracking.datasets()
                            .store()
                            .add(new NewDataset(
                                    "lost",
                                    new Manifest(List.of(new FileEntry("x", 7, Digest.of("garbage".getBytes(UTF_8))))),
                                    "")))
                    .isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void nothingIsCollectedBesideADatabaseThatNobodyAsks() {
        run.logText("a", "a");
        InMemoryTrackingStore runs = new InMemoryTrackingStore();
        try (Tracking moved = Tracking.builder()
                .folder(folder.resolve("mlops"))
                .store(runs)
                .metrics(runs.metrics())
                .registry(new InMemoryModelRegistry(store()))
                .artifacts(store())
                .build()) {
            assertThatThrownBy(moved::garbage)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(Tracking.DATABASE)
                    .hasMessageContaining("move it away");
        }
    }

    private static String other(Run other) {
        other.complete();
        return other.id();
    }

    @Test
    void namesThatLeadOutOfTheRunAreRefusedAndNothingIsStored() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "text");
        Path inner = Files.createDirectories(folder.resolve("in"));
        Files.writeString(inner.resolve("x"), "inner");
        List<String> bad = new ArrayList<>(List.of(
                "",
                "..",
                "../x",
                "a/../../x",
                "a/..",
                ".",
                "./a",
                "/x",
                "/",
                "a//b",
                "a/",
                "C:/x",
                "C:x",
                "\\x",
                "a\\..\\x",
                "\\\\host\\x",
                "a\u0000b",
                "a\nb",
                "con",
                "a/NUL",
                "aux.txt",
                "Com1",
                "lpt9.log",
                "a.",
                "a /b",
                "x".repeat(1025),
                "\uD800"));
        for (String path : bad) {
            List<Consumer<String>> ways = List.of(
                    p -> run.logText(p, "text"),
                    p -> run.logJson(p, 1),
                    p -> run.logArtifact(p, stream("text")),
                    p -> run.logArtifact(p, file),
                    p -> run.logArtifact(p, inner));
            for (Consumer<String> way : ways) {
                assertThatThrownBy(() -> way.accept(path)).as(path).isInstanceOf(InvalidInputException.class);
            }
            assertThatThrownBy(() -> run.openArtifact(path)).as(path).isInstanceOf(NotFoundException.class);
            if (!path.isEmpty()) {
                assertThatThrownBy(() -> run.downloadArtifacts(path, folder.resolve("out")))
                        .as(path)
                        .isInstanceOf(NotFoundException.class);
            }
        }
        assertThat(run.artifacts().files()).isEmpty();
        List<ArtifactStore.Entry> stored = new ArrayList<>();
        tracking.artifacts().list(stored::add);
        assertThat(stored).isEmpty();
        assertThat(names(folder)).containsExactlyInAnyOrder("mlops", "file", "in");
    }

    @Test
    void namesThatOnlyLookAlikeOrAreEncodedAreKeptApart() throws IOException {
        List<String> names = List.of(
                "%2e%2e/a",
                "%252e%252e/a",
                "%2e%2e%2fa",
                "..%2fa",
                "...a",
                "A",
                "a",
                "\u00e9",
                "e\u0301",
                "\u212b",
                "\u00c5",
                "I",
                "\u0131",
                "\uFF0Ea",
                "con-",
                "~",
                "$HOME",
                "a b",
                "CON1x",
                "-rf",
                "*",
                "'; DROP TABLE run; --",
                "_",
                "%");
        for (String name : names) {
            run.logText("n/" + name, "text of " + name);
        }
        assertThat(run.artifacts().files()).hasSize(names.size());
        for (String name : names) {
            assertThat(read("n/" + name)).isEqualTo("text of " + name);
        }
        Path out = folder.resolve("out");
        run.downloadArtifacts("n/A", folder.resolve("upper"));
        assertThat(folder.resolve("upper")).hasContent("text of A");
        Path probe = Files.createDirectory(folder.resolve("probe"));
        boolean kept = true;
        try {
            for (String name : List.of("A", "a", "\u00e9", "e\u0301", "\u212b", "\u00c5", "*")) {
                Files.createFile(probe.resolve(name));
            }
        } catch (IOException | java.nio.file.InvalidPathException e) {
            kept = false;
        }
        assumeTrue(kept, "needs a file system that keeps these names apart");
        run.downloadArtifacts("n", out);
        assertThat(tree(out)).hasSize(names.size());
        for (String name : names) {
            assertThat(out.resolve(name)).hasContent("text of " + name);
        }
        assertThat(names(folder)).containsExactlyInAnyOrder("mlops", "upper", "probe", "out");
    }

    @Test
    void aFileAndAFolderOfOneNameAreNotDownloadedTogether() throws IOException {
        run.logText("a", "file");
        run.logText("a/b", "in folder");
        run.logText("a-b", "between the two, sorted");
        assertThatThrownBy(() -> run.downloadArtifacts("", folder.resolve("out")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'a/b'");
        assertThat(names(folder)).containsExactly("mlops");
        run.downloadArtifacts("a", folder.resolve("file"));
        run.downloadArtifacts("a/b", folder.resolve("b"));
        assertThat(folder.resolve("file")).hasContent("file");
        assertThat(folder.resolve("b")).hasContent("in folder");
    }

    @Test
    void linksThatLeaveTheFolderAreRefusedAndNothingIsStored() throws IOException {
        Path in = Files.createDirectories(folder.resolve("in/sub"));
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.writeString(in.resolve("fine"), "fine");
        Files.createSymbolicLink(in.resolve("within"), Path.of("fine"));
        run.logArtifact("fine", folder.resolve("in"));
        assertThat(read("fine/sub/within")).isEqualTo("fine");
        for (Path to : List.of(Path.of("../../secret"), secret.toAbsolutePath(), Path.of("../.."), Path.of("/etc"))) {
            Path link = Files.createSymbolicLink(in.resolve("link"), to);
            assertThatThrownBy(() -> run.logArtifact("links", folder.resolve("in")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("sub/link");
            Files.delete(link);
        }
        assertThat(tracking.artifacts(run.id()).list().files()).hasSize(2);
    }

    @Test
    void aSourceThatFailsHalfwayLogsNothing() throws IOException {
        Path in = Files.createDirectories(folder.resolve("in"));
        for (int i = 0; i < 30; i++) {
            Files.writeString(in.resolve("f" + i), "content " + i);
        }
        assertThatThrownBy(() -> run.logArtifact("s", new SequenceInputStream(stream("some"), new Broken())))
                .isInstanceOf(StorageException.class);
        // A folder with a circle in it.
        Files.delete(in.resolve("f17"));
        Files.createSymbolicLink(in.resolve("f17"), Path.of("."));
        assertThatThrownBy(() -> run.logArtifact("in", in)).isInstanceOf(InvalidInputException.class);
        assertThat(run.artifacts().files()).isEmpty();
    }

    /** What takes long to store is renewed before it is logged; a collection in between takes nothing of it. */
    @Test
    void aLongStoreOutlivesACollection() {
        ManualClock clock = new ManualClock(Instant.parse("2026-03-01T12:00:00Z"));
        InMemoryArtifactStore files = new InMemoryArtifactStore(clock);
        InMemoryTrackingStore runs = new InMemoryTrackingStore(clock);
        try (Tracking slow = Tracking.builder()
                        .store(runs)
                        .metrics(runs.metrics())
                        .artifacts(files)
                        .registry(new InMemoryModelRegistry(files))
                        .build();
                Run slowRun = slow.experiment("e").startRun("slow")) {
            Duration upload = Duration.ofMinutes(30);
            slowRun.logArtifact("slow", new Slow(() -> {
                clock.advance(upload);
                collect(runs, files, clock, Duration.ofMinutes(10));
            }));
            assertThat(slowRun.artifacts().files()).hasSize(1);
            assertThat(collect(runs, files, clock, Duration.ZERO).collected()).isZero();
            // Within a minute nothing is renewed: who collects with no grace at all refuses what is being stored.
            assertThatThrownBy(() -> slowRun.logArtifact("refused", new Slow(() -> {
                        clock.advance(Duration.ofSeconds(30));
                        collect(runs, files, clock, Duration.ZERO);
                    })))
                    .isInstanceOf(StorageException.class)
                    .matches(e -> ((StorageException) e).retryable())
                    .hasMessageContaining("collected");
            assertThat(slowRun.artifacts().files()).hasSize(1);
            slowRun.update(RunChanges.builder().tag("still", "usable").build());
        }
    }

    private static GarbageReport collect(
            InMemoryTrackingStore runs, ArtifactStore files, ManualClock clock, Duration grace) {
        return GarbageCollection.of(runs, files, List.of(runs), clock)
                .grace(grace)
                .collect();
    }

    private static final class Broken extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("broken");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return read();
        }
    }

    /** Gives a byte, and something happens before the end. */
    private static final class Slow extends InputStream {
        private final Runnable halfway;
        private int given;

        Slow(Runnable halfway) {
            this.halfway = halfway;
        }

        @Override
        public int read() {
            if (given++ == 0) {
                return 1;
            }
            if (given == 2) {
                halfway.run();
            }
            return -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int next = read();
            into[offset] = (byte) next;
            return next < 0 ? -1 : 1;
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
