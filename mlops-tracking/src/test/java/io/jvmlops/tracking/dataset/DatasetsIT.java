package io.jvmlops.tracking.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.ManifestDiff;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsIT {
    /** By which all files of the tests have long been settled. */
    private static final InstantSource TOMORROW =
            () -> InstantSource.system().instant().plus(Duration.ofDays(1));

    @TempDir
    Path folder;

    private Path data;
    private SqliteStores stores;
    private LocalArtifactStore artifacts;
    private Datasets datasets;

    @BeforeEach
    void open() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        stores = SqliteStores.open(folder.resolve("test.db"));
        artifacts = LocalArtifactStore.open(folder.resolve("artifacts"));
        datasets = Datasets.of(stores.datasets(artifacts), artifacts).withCache(folder.resolve("cache"), TOMORROW);
    }

    @AfterEach
    void close() {
        artifacts.close();
        stores.close();
    }

    @Test
    void aFolderIsStoredAndComesBackAsItWas() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 60; i++) {
            byte[] content = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(300_000)];
            random.nextBytes(content);
            write("d" + i % 7 + "/ünter e" + i % 3 + "/file " + i, content);
        }
        write("copy/of one", Files.readAllBytes(data.resolve("d0/ünter e0/file 0")));
        Files.createDirectories(data.resolve("nothing/in it"));
        StoredDataset stored = datasets.add("iris", data, "Fisher's", Map.of("k", "v"));
        assertThat(stored.label()).isEqualTo("iris/1");
        assertThat(stored.files()).isEqualTo(61);
        assertThat(stored.description()).isEqualTo("Fisher's");
        assertThat(stored.tags()).isEqualTo(Map.of("k", "v"));
        assertThat(Path.of(URI.create(stored.source()))).isEqualTo(data.toRealPath());
        assertThat(datasets.status(stored, data).isEmpty()).isTrue();
        assertThat(datasets.verify(stored).isIntact()).isTrue();

        Path target = folder.resolve("deep/er/target");
        datasets.restore(stored, target);
        assertThat(contents(target)).isEqualTo(contents(data));
        assertThat(datasets.status(stored, target).isEmpty()).isTrue();
        // Empty folders are not recorded.
        assertThat(target.resolve("nothing")).doesNotExist();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void anUnchangedFolderIsTheSameVersionAndAChangedOneTheNext() throws IOException {
        write("a", "1");
        StoredDataset first = datasets.add("iris", data);
        assertThat(datasets.add("iris", data)).isEqualTo(first);
        write("b/c", "2");
        StoredDataset second = datasets.add("iris", data);
        assertThat(second.version()).isEqualTo(2);
        assertThat(datasets.latest("iris")).hasValue(second);
        assertThat(datasets.versions("iris")).containsExactly(first, second);
        assertThat(datasets.names()).containsExactly("iris");
        assertThat(datasets.get("iris", 1)).isEqualTo(first);
        ManifestDiff diff = datasets.compare(first, second);
        assertThat(diff.added()).extracting(FileEntry::path).containsExactly("b/c");
        assertThat(diff.removed()).isEmpty();
        assertThat(diff.changed()).isEmpty();
    }

    @Test
    void statusNamesWhatWasAddedRemovedAndChanged() throws IOException {
        write("same", "1");
        write("changed", "2");
        write("removed/deep", "3");
        StoredDataset stored = datasets.add("iris", data);
        write("changed", "4");
        write("added", "");
        Files.delete(data.resolve("removed/deep"));
        ManifestDiff diff = datasets.status(stored, data);
        assertThat(diff.added()).extracting(FileEntry::path).containsExactly("added");
        assertThat(diff.removed()).extracting(FileEntry::path).containsExactly("removed/deep");
        assertThat(diff.changed()).extracting(ManifestDiff.Change::path).containsExactly("changed");
        // Nothing was stored for that.
        assertThat(artifacts.contains(Digest.of("4".getBytes(UTF_8)))).isFalse();
        assertThat(datasets.versions("iris")).hasSize(1);
    }

    @Test
    void aSingleFileIsADatasetToo() throws IOException {
        write("iris.csv", "a,b,c");
        Path file = data.resolve("iris.csv");
        StoredDataset stored = datasets.add("iris", file);
        assertThat(datasets.manifest(stored).files())
                .extracting(FileEntry::path)
                .containsExactly("iris.csv");
        assertThat(datasets.status(stored, file).isEmpty()).isTrue();
        datasets.restore(stored, folder.resolve("target"));
        assertThat(folder.resolve("target/iris.csv")).hasContent("a,b,c");
        write("iris.csv", "a,b,d");
        assertThat(datasets.status(stored, file).changed()).hasSize(1);
    }

    @Test
    void anEmptyFolderIsADatasetToo() {
        StoredDataset stored = datasets.add("none", data);
        assertThat(stored.files()).isZero();
        assertThat(datasets.verify(stored).isIntact()).isTrue();
        datasets.restore(stored, folder.resolve("target"));
        assertThat(folder.resolve("target")).isEmptyDirectory();
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThatThrownBy(() -> datasets.add("iris", folder.resolve("missing")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("missing");
        assertThatThrownBy(() -> datasets.add(" ", data)).isInstanceOf(InvalidInputException.class);
        assertThat(datasets.names()).isEmpty();
    }

    @Test
    void filesThatAreOpenedAreVerifiedToTheirEnd() throws IOException {
        write("a/b", "hello");
        StoredDataset stored = datasets.add("iris", data);
        try (InputStream in = datasets.open(stored, "a/b")) {
            assertThat(in.read()).isEqualTo('h');
            assertThat(in.skip(2)).isEqualTo(2);
            assertThat(in.readAllBytes()).asString().isEqualTo("lo");
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThatThrownBy(() -> datasets.open(stored, "a")).isInstanceOf(NotFoundException.class);
        Files.writeString(artifacts.path(Digest.of("hello".getBytes(UTF_8))), "jello");
        try (InputStream in = datasets.open(stored, "a/b")) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("a/b");
        }
    }

    @Test
    void everyDamageIsFoundNamedAndNotRestored() throws IOException {
        write("a/one", "one");
        write("b/one again", "one");
        write("two", "two");
        write("three", "three");
        StoredDataset stored = datasets.add("iris", data);
        Files.writeString(artifacts.path(Digest.of("one".getBytes(UTF_8))), "0ne");
        Files.delete(artifacts.path(Digest.of("two".getBytes(UTF_8))));
        Verification found = datasets.verify(stored);
        assertThat(found.subject()).isEqualTo("dataset iris/1");
        assertThat(found.files()).isEqualTo(4);
        assertThat(found.problems())
                .extracting(Problem::path, Problem::kind)
                .containsExactly(
                        tuple("a/one", Kind.ALTERED), tuple("b/one again", Kind.ALTERED), tuple("two", Kind.MISSING));
        Path target = folder.resolve("target");
        assertThatThrownBy(() -> datasets.restore(stored, target))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("a/one")
                .hasMessageContaining("b/one again")
                .hasMessageContaining("two")
                .hasMessageNotContaining("three");
        assertThat(target).doesNotExist();
        assertThat(leftovers()).isEmpty();
        // The unchanged folder heals what is lost; what is altered is seen by those only who read.
        assertThat(datasets.add("iris", data)).isEqualTo(stored);
        assertThat(datasets.verify(stored).problems())
                .extracting(Problem::path)
                .containsExactly("a/one", "b/one again");
    }

    @Test
    void anyFlippedByteOfAManifestIsFoundAndRefused() throws IOException {
        write("a", "1");
        write("b", "2");
        StoredDataset stored = datasets.add("iris", data);
        Path other = Files.createDirectory(folder.resolve("other"));
        Path manifest = artifacts.path(stored.digest());
        byte[] intact = Files.readAllBytes(manifest);
        Random random = new Random(11);
        for (int i = 0; i < intact.length; i++) {
            byte[] flipped = intact.clone();
            flipped[i] ^= (byte) (1 << random.nextInt(8));
            Files.write(manifest, flipped);
            Verification found = datasets.verify(stored);
            assertThat(found.problems()).extracting(Problem::path).containsExactly(Problem.MANIFEST);
            assertThat(found.problems().get(0).kind()).isEqualTo(Kind.ALTERED);
            assertThatThrownBy(() -> datasets.restore(stored, folder.resolve("target")))
                    .isInstanceOf(IntegrityException.class);
            // An unchanged folder needs no look at it, a changed one does.
            assertThat(datasets.status(stored, data).isEmpty()).isTrue();
            assertThatThrownBy(() -> datasets.status(stored, other)).isInstanceOf(IntegrityException.class);
        }
        Files.delete(manifest);
        assertThat(datasets.verify(stored).problems()).extracting(Problem::kind).containsExactly(Kind.MISSING);
        assertThat(folder.resolve("target")).doesNotExist();
        // Adding the folder again heals it.
        assertThat(datasets.add("iris", data)).isEqualTo(stored);
        assertThat(datasets.verify(stored).isIntact()).isTrue();
    }

    @Test
    void restoringNeedsAFreePlace() throws IOException {
        write("a", "1");
        StoredDataset stored = datasets.add("iris", data);
        Path occupied = Files.createDirectory(folder.resolve("occupied"));
        Files.writeString(occupied.resolve("mine"), "mine");
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        for (Path target : List.of(occupied, file, dangling)) {
            assertThatThrownBy(() -> datasets.restore(stored, target))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(target.toString())
                    .hasMessageContaining("already");
        }
        assertThat(occupied.resolve("mine")).hasContent("mine");
        assertThat(occupied.resolve("a")).doesNotExist();
        assertThat(folder.resolve("nowhere")).doesNotExist();
        Path empty = Files.createDirectory(folder.resolve("empty"));
        datasets.restore(stored, empty);
        assertThat(empty.resolve("a")).hasContent("1");
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        datasets.restore(stored, link);
        assertThat(link).isSymbolicLink();
        assertThat(real.resolve("a")).hasContent("1");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void linksWithinTheFolderAreFollowedAndComeBackAsFiles() throws IOException {
        write("real/file", "content");
        Files.createSymbolicLink(data.resolve("to-file"), Path.of("real/file"));
        Files.createSymbolicLink(data.resolve("to-folder"), Path.of("real"));
        Path alias = Files.createSymbolicLink(folder.resolve("alias"), data);
        StoredDataset stored = datasets.add("iris", alias);
        assertThat(datasets.manifest(stored).files())
                .extracting(FileEntry::path)
                .containsExactly("real/file", "to-file", "to-folder/file");
        datasets.restore(stored, folder.resolve("target"));
        assertThat(folder.resolve("target/to-folder")).isDirectory();
        assertThat(Files.isSymbolicLink(folder.resolve("target/to-folder"))).isFalse();
        assertThat(folder.resolve("target/to-file")).hasContent("content");
        // However the folder was named, it is the same one.
        write("real/file", "other");
        assertThat(datasets.status(stored, data).changed()).hasSize(3);
    }

    @Test
    void namesThatDifferInCaseOrFormOnlyAreKeptApart() throws IOException {
        write("Readme", "1");
        write("README", "2");
        write("caf\u00e9", "3");
        write("cafe\u0301", "4");
        assumeTrue(contents(data).size() == 4, "needs a file system that tells names apart");
        StoredDataset stored = datasets.add("iris", data);
        assertThat(stored.files()).isEqualTo(4);
        datasets.restore(stored, folder.resolve("target"));
        assertThat(contents(folder.resolve("target"))).isEqualTo(contents(data));
    }

    @Test
    void theArtifactStoreItselfIsNoData() throws IOException {
        write("a", "1");
        assertThatThrownBy(() -> datasets.add("iris", folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("artifact store itself");
        // By whatever name.
        Path alias = Files.createSymbolicLink(folder.resolve("data/alias"), folder);
        try (LocalArtifactStore aliased = LocalArtifactStore.open(alias.resolve("artifacts"))) {
            assertThatThrownBy(() ->
                            Datasets.of(stores.datasets(aliased), aliased).add("iris", folder.resolve("artifacts")))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(datasets.names()).isEmpty();
    }

    @Test
    void theArtifactStoreItselfIsNoDataByWhicheverNameItWasOpened() throws IOException {
        write("a", "1");
        Path link = Files.createSymbolicLink(folder.resolve("link"), data);
        try (LocalArtifactStore linked = LocalArtifactStore.open(link.resolve("artifacts"))) {
            Datasets over = Datasets.of(stores.datasets(linked), linked);
            assertThatThrownBy(() -> over.add("iris", data))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("artifact store itself");
        }
    }

    @Test
    void restoredFoldersOfStrangeManifestsStayInside() throws IOException {
        // A file and a folder of one name cannot come from a folder, but from another program.
        byte[] one = "1".getBytes(UTF_8);
        Digest digest = artifacts.put(new ByteArrayInputStream(one)).digest();
        StoredDataset strange = datasets.store()
                .add(new NewDataset(
                        "strange",
                        new Manifest(List.of(new FileEntry("a", 1, digest), new FileEntry("a/b", 1, digest))),
                        ""));
        assertThatThrownBy(() -> datasets.restore(strange, folder.resolve("target")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("'a'");
        assertThat(folder.resolve("target")).doesNotExist();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void progressIsToldToTheEnd() throws IOException {
        for (int i = 0; i < 20; i++) {
            write("f" + i, "x".repeat(1_000 * i));
        }
        List<Progress> told = new ArrayList<>();
        AtomicInteger at = new AtomicInteger();
        Datasets watched = datasets.withProgress(step -> {
            assertThat(at.incrementAndGet()).as("one at a time").isEqualTo(1);
            told.add(step);
            at.decrementAndGet();
        });
        StoredDataset stored = watched.add("iris", data);
        assertThat(told.get(0).files()).isEqualTo(20);
        assertThat(told.get(0).filesDone()).isZero();
        assertThat(told.get(told.size() - 1)).isEqualTo(new Progress(20, 20, 190_000, 190_000));
        told.clear();
        watched.restore(stored, folder.resolve("target"));
        assertThat(told.get(told.size() - 1)).isEqualTo(new Progress(20, 20, 190_000, 190_000));
        told.clear();
        assertThat(watched.verify(stored).isIntact()).isTrue();
        assertThat(told.get(told.size() - 1)).isEqualTo(new Progress(20, 20, 190_000, 190_000));
        told.clear();
        // Known from last time: there is nothing to do.
        assertThat(watched.status(stored, data).isEmpty()).isTrue();
        assertThat(told.get(told.size() - 1)).isEqualTo(new Progress(0, 0, 0, 0));
    }

    @Test
    void aListenerThatThrowsHurtsNobody() throws IOException {
        write("a", "1");
        AtomicInteger calls = new AtomicInteger();
        StoredDataset stored = datasets.withProgress(step -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("on purpose");
                })
                .add("iris", data);
        assertThat(stored.files()).isEqualTo(1);
        assertThat(calls).hasValue(1);
    }

    @Test
    void aFileThatChangesWhileItIsReadIsReadAgain() throws IOException {
        write("a", "before");
        AtomicBoolean changed = new AtomicBoolean();
        StoredDataset stored = datasets.withProgress(step -> {
                    // Between the scan and the reading.
                    if (!changed.getAndSet(true)) {
                        write("a", "after that");
                    }
                })
                .add("iris", data);
        assertThat(datasets.manifest(stored).files())
                .containsExactly(new FileEntry("a", 10, Digest.of("after that".getBytes(UTF_8))));
    }

    @Test
    void aFileThatIsDeletedMeanwhileIsAClearError() throws IOException {
        write("a", "before");
        assertThatThrownBy(() -> datasets.withProgress(step -> {
                            try {
                                Files.deleteIfExists(data.resolve("a"));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        })
                        .add("iris", data))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("deleted while")
                .matches(e -> ((StorageException) e).retryable());
        assertThat(datasets.names()).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadIsAClearError() throws IOException {
        write("secret", "1");
        Files.setPosixFilePermissions(data.resolve("secret"), PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(data.resolve("secret")), "nothing is unreadable for this user");
        assertThatThrownBy(() -> datasets.add("iris", data))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("secret");
    }

    @Test
    void aTouchedFileIsReadAgainAndIsTheSame() throws IOException {
        write("a", "1");
        StoredDataset stored = datasets.add("iris", data);
        Files.setLastModifiedTime(data.resolve("a"), FileTime.fromMillis(12_345));
        assertThat(datasets.status(stored, data).isEmpty()).isTrue();
        assertThat(datasets.add("iris", data)).isEqualTo(stored);
    }

    @Test
    void anInterruptedThreadDoesItAllAndStaysInterrupted() throws IOException {
        write("a/b", "1");
        write("c", "2");
        datasets.add("iris", data);
        write("c", "3");
        Thread.currentThread().interrupt();
        try {
            StoredDataset stored = datasets.add("iris", data);
            assertThat(stored.version()).isEqualTo(2);
            assertThat(datasets.status(stored, data).isEmpty()).isTrue();
            assertThat(datasets.verify(stored).isIntact()).isTrue();
            datasets.restore(stored, folder.resolve("target"));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(contents(folder.resolve("target"))).isEqualTo(contents(data));
    }

    @Test
    void deletedVersionsAreGone() throws IOException {
        write("a", "1");
        StoredDataset stored = datasets.add("iris", data);
        datasets.store().delete("iris", 1);
        assertThatThrownBy(() -> datasets.verify(stored)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> datasets.status(stored, data)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> datasets.restore(stored, folder.resolve("target")))
                .isInstanceOf(NotFoundException.class);
        assertThat(datasets.add("iris", data).version()).isEqualTo(2);
    }

    private void write(String path, String content) {
        try {
            write(path, content.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = data.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(each -> each.getFileName().toString().endsWith(".part"))
                    .toList();
        }
    }

    static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                contents.put(
                        root.relativize(each).toString(),
                        Digest.of(Files.readAllBytes(each)).hex());
            }
        }
        return contents;
    }
}
