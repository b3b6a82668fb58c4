package io.jvmlops.test.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link DatasetStore} does. Extend it, and give it a store. */
public abstract class DatasetStoreContract {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");

    private final ManualClock clock = new ManualClock(T0);
    private volatile String actor = "ada";
    private InMemoryArtifactStore artifacts;
    private DatasetStore store;

    /** An empty store over the artifact store, new for every test; the contract closes it. */
    protected abstract DatasetStore open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor)
            throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        artifacts = new InMemoryArtifactStore(clock);
        store = open(artifacts, clock, () -> actor);
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void anEmptyStoreHasNothing() {
        assertThat(store.names()).isEmpty();
        assertThat(store.versions("iris")).isEmpty();
        assertThat(store.find("iris", 1)).isEmpty();
        assertThat(store.latest("iris")).isEmpty();
        assertThat(store.withDigest(manifest("a").digest())).isEmpty();
        assertThatThrownBy(() -> store.get("iris", 1)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void versionsCountUpFromOneAndSayWhatTheyAre() {
        Manifest files =
                new Manifest(List.of(entry("a/b.csv", "12345"), entry("ünï ☃.csv", "678"), entry("empty", "")));
        Map<String, String> tags = Map.of("it's", "\"quoted\" ☃", "empty", "");
        StoredDataset first = store.add(new NewDataset("iris", files, "file:///data/iris", "Fisher's", tags));
        assertThat(first)
                .isEqualTo(new StoredDataset(
                        "iris", 1, files.digest(), "file:///data/iris", 3, 8, T0, "ada", "Fisher's", tags));
        clock.advance(Duration.ofSeconds(1));
        actor = "bob";
        StoredDataset second = add("iris", "other");
        assertThat(second)
                .isEqualTo(new StoredDataset(
                        "iris",
                        2,
                        manifest("other").digest(),
                        "somewhere",
                        1,
                        5,
                        T0.plusSeconds(1),
                        "bob",
                        "",
                        Map.of()));
        assertThat(add("wine", "other").version()).isEqualTo(1);
        assertThat(store.versions("iris")).containsExactly(first, second);
        assertThat(store.latest("iris")).hasValue(second);
        assertThat(store.find("iris", 1)).hasValue(first);
        assertThat(store.get("iris", 2)).isEqualTo(second);
        assertThat(store.find("iris", 3)).isEmpty();
        assertThat(store.find("iris", 0)).isEmpty();
    }

    @Test
    void aVersionThatIsNotThereIsAnsweredWithThoseThatAre() {
        add("iris", "a");
        add("iris", "b");
        assertThatThrownBy(() -> store.get("iris", 7))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("iris")
                .hasMessageContaining("7")
                .hasMessageContaining("[1, 2]");
        assertThatThrownBy(() -> store.get("wine", 1))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("wine")
                .hasMessageContaining("iris");
    }

    @Test
    void theSameFilesAgainAreTheSameVersion() {
        StoredDataset first = add("iris", "a");
        clock.advance(Duration.ofDays(1));
        actor = "bob";
        assertThat(store.add(new NewDataset("iris", manifest("a"), "elsewhere", "new words", Map.of("k", "v"))))
                .isEqualTo(first);
        assertThat(store.versions("iris")).containsExactly(first);
    }

    @Test
    void onlyTheNewestVersionIsAskedWhetherAnythingHasChanged() {
        add("iris", "a");
        add("iris", "b");
        assertThat(add("iris", "a").version()).isEqualTo(3);
        assertThat(store.versions("iris"))
                .extracting(StoredDataset::digest)
                .containsExactly(
                        manifest("a").digest(),
                        manifest("b").digest(),
                        manifest("a").digest());
    }

    @Test
    void aFolderWithoutFilesIsADatasetToo() {
        Manifest nothing = new Manifest(List.of());
        StoredDataset added = store.add(new NewDataset("none", nothing, ""));
        assertThat(added.files()).isZero();
        assertThat(added.size()).isZero();
        assertThat(store.manifest(added)).isEqualTo(nothing);
    }

    @Test
    void namesAreSortedAndExact() {
        List<String> names = List.of("b", "a", "B", "a b", "%", "_", "ünï☃", "'; DROP TABLE dataset; --");
        for (String name : names) {
            add(name, name);
        }
        assertThat(store.names()).isSorted().containsExactlyInAnyOrderElementsOf(names);
        assertThat(store.versions("%")).hasSize(1);
        // Names that nothing can have are not confused with others, nor an error.
        for (String impossible : List.of("a\0", "\uD800", "")) {
            assertThat(store.versions(impossible)).isEmpty();
            assertThat(store.find(impossible, 1)).isEmpty();
            assertThatThrownBy(() -> store.delete(impossible, 1)).isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void whatIsOverTheLimitsIsRefused() {
        assertThatThrownBy(() -> new NewDataset(" ", manifest("a"), "")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new NewDataset("d", manifest("a"), "x".repeat(65_536)))
                .isInstanceOf(InvalidInputException.class);
        String source = "x".repeat(65_535);
        String description = "☃".repeat(5_000);
        StoredDataset added = store.add(new NewDataset("n".repeat(250), manifest("a"), source, description, Map.of()));
        assertThat(store.get(added.name(), 1)).isEqualTo(added);
        assertThat(added.source()).isEqualTo(source);
        assertThat(added.description()).isEqualTo(description);
    }

    @Test
    void aMissingFileIsNamedAndNothingIsAdded() {
        Manifest files = new Manifest(List.of(
                entry("a", "x"),
                new FileEntry("m/first", 3, Digest.of("abc".getBytes(UTF_8))),
                new FileEntry("z/second", 3, Digest.of("xyz".getBytes(UTF_8)))));
        assertThatThrownBy(() -> store.add(new NewDataset("iris", files, "")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("m/first")
                .hasMessageContaining("iris");
        assertThat(store.versions("iris")).isEmpty();
        assertThat(store.names()).isEmpty();
        // It takes no number.
        assertThat(add("iris", "a").version()).isEqualTo(1);
    }

    @Test
    void addedFilesCountAsStoredNow() {
        Manifest files = manifest("a");
        clock.advance(Duration.ofDays(30));
        StoredDataset added = store.add(new NewDataset("iris", files, ""));
        for (Digest digest : List.of(files.files().get(0).digest(), added.digest())) {
            assertThat(artifacts.delete(digest, clock.instant())).isFalse();
        }
    }

    @Test
    void additionsAtOnceGetDifferentNumbers() {
        List<Manifest> files =
                IntStream.range(0, 8).mapToObj(i -> manifest("content " + i)).toList();
        List<Integer> numbers = Concurrently.run(
                8,
                thread ->
                        store.add(new NewDataset("iris", files.get(thread), "")).version());
        assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void additionsOfTheSameFilesAtOnceAreOneVersion() {
        Manifest files = manifest("a");
        List<StoredDataset> added = Concurrently.run(8, thread -> store.add(new NewDataset("iris", files, "")));
        assertThat(added).allMatch(each -> each.version() == 1);
        assertThat(store.versions("iris")).hasSize(1);
    }

    @Test
    void versionsAreFoundByTheirFiles() {
        StoredDataset one = add("iris", "a");
        add("iris", "b");
        StoredDataset two = add("wine", "a");
        StoredDataset three = add("iris", "a");
        assertThat(store.withDigest(one.digest())).containsExactly(one, two, three);
        assertThat(store.withDigest(Digest.of(new byte[0]))).isEmpty();
    }

    @Test
    void theManifestComesBack() {
        Manifest files = new Manifest(List.of(entry("x", "1"), entry("a/b", "2"), entry("ü/☃", "3")));
        StoredDataset added = store.add(new NewDataset("iris", files, ""));
        assertThat(store.manifest(added)).isEqualTo(files);
        assertThat(artifacts.contains(added.digest())).isTrue();
    }

    @Test
    void anAlteredManifestIsRefused() {
        StoredDataset added = add("iris", "a");
        byte[] other = manifest("b").toBytes();
        for (byte[] instead : List.of(other, new byte[0], "garbage".getBytes(UTF_8))) {
            artifacts.damage(added.digest(), instead);
            assertThatThrownBy(() -> store.manifest(added))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("iris/1");
        }
        artifacts.lose(added.digest());
        assertThatThrownBy(() -> store.manifest(added)).isInstanceOf(NotFoundException.class);
        // What it says of itself does not need the manifest, and the folder again heals it.
        assertThat(store.get("iris", 1)).isEqualTo(added);
        assertThat(add("iris", "a")).isEqualTo(added);
        assertThat(store.manifest(added)).isEqualTo(manifest("a"));
    }

    @Test
    void theManifestOfAVersionThatIsNotThereIsNotFound() {
        StoredDataset real = add("iris", "a");
        StoredDataset other = add("iris", "b");
        StoredDataset mixed = new StoredDataset(
                "iris",
                1,
                other.digest(),
                real.source(),
                real.files(),
                real.size(),
                real.createdAt(),
                real.createdBy(),
                "",
                Map.of());
        assertThatThrownBy(() -> store.manifest(mixed)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void descriptionAndTagsCanChangeAndNothingElse() {
        StoredDataset added =
                store.add(new NewDataset("iris", manifest("a"), "src", "before", Map.of("keep", "1", "drop", "2")));
        store.add(new NewDataset("iris", manifest("b"), "src", "other", Map.of("keep", "x")));
        clock.advance(Duration.ofHours(1));
        StoredDataset changed = store.update(
                "iris",
                1,
                new MetadataChanges("after", Map.of("new", "3", "back", "4"), Set.of("drop", "back", "never", "\0")));
        assertThat(changed)
                .isEqualTo(new StoredDataset(
                        "iris",
                        1,
                        added.digest(),
                        "src",
                        1,
                        1,
                        T0,
                        "ada",
                        "after",
                        Map.of("keep", "1", "new", "3", "back", "4")));
        assertThat(store.get("iris", 1)).isEqualTo(changed);
        assertThat(store.update("iris", 1, MetadataChanges.tag("keep", "5")).tags())
                .containsEntry("keep", "5")
                .hasSize(3);
        assertThat(store.get("iris", 1).description()).isEqualTo("after");
        assertThat(store.get("iris", 2).tags()).isEqualTo(Map.of("keep", "x"));
        assertThat(store.update("iris", 1, MetadataChanges.describe("")).description())
                .isEmpty();
        assertThatThrownBy(() -> store.update("iris", 3, MetadataChanges.describe("x")))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> store.update("wine", 1, MetadataChanges.describe("x")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aDeletedVersionIsGoneAndItsNumberNeverComesAgain() {
        StoredDataset first = add("iris", "a");
        StoredDataset second = add("iris", "b");
        store.delete("iris", 2);
        assertThat(store.versions("iris")).containsExactly(first);
        assertThat(store.latest("iris")).hasValue(first);
        assertThat(store.find("iris", 2)).isEmpty();
        assertThat(store.withDigest(second.digest())).isEmpty();
        assertThatThrownBy(() -> store.manifest(second)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> store.delete("iris", 2)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> store.update("iris", 2, MetadataChanges.describe("x")))
                .isInstanceOf(NotFoundException.class);
        // The newest that is left is what new files are compared with.
        assertThat(add("iris", "a")).isEqualTo(first);
        assertThat(add("iris", "b").version()).isEqualTo(3);
        store.delete("iris", 1);
        store.delete("iris", 3);
        assertThat(store.names()).isEmpty();
        assertThat(add("iris", "a").version()).isEqualTo(4);
    }

    @Test
    void tagsGivenAreCopied() {
        Map<String, String> tags = new java.util.HashMap<>(Map.of("a", "1"));
        NewDataset dataset = new NewDataset("iris", manifest("a"), "", "", tags);
        tags.put("b", "2");
        assertThat(store.add(dataset).tags()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void readersSeeWholeVersionsWhileOthersAdd() {
        List<Manifest> files =
                IntStream.range(0, 20).mapToObj(i -> manifest("content " + i)).toList();
        List<Integer> seen = Concurrently.run(4, thread -> {
            int most = 0;
            for (int i = 0; i < 20; i++) {
                if (thread == 0) {
                    store.add(new NewDataset("iris", files.get(i), "", "", Map.of("n", "" + i)));
                } else {
                    List<StoredDataset> versions = new ArrayList<>(store.versions("iris"));
                    for (StoredDataset each : versions) {
                        assertThat(each.tags()).isEqualTo(Map.of("n", "" + (each.version() - 1)));
                    }
                    most = Math.max(most, versions.size());
                }
            }
            return most;
        });
        assertThat(seen).allMatch(count -> count <= 20);
        assertThat(store.versions("iris")).hasSize(20);
    }

    @Test
    void aClosedStoreSaysSo() {
        StoredDataset added = add("iris", "a");
        store.close();
        store.close();
        assertThatThrownBy(() -> add("iris", "b")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.find("iris", 1)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.versions("iris")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.withDigest(added.digest())).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.names()).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.manifest(added)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.update("iris", 1, MetadataChanges.describe("x")))
                .isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.delete("iris", 1)).isInstanceOf(ClosedException.class);
    }

    private StoredDataset add(String name, String content) {
        return store.add(new NewDataset(name, manifest(content), "somewhere"));
    }

    /** One file of that content, which is stored. */
    private Manifest manifest(String content) {
        return new Manifest(List.of(entry("data.csv", content)));
    }

    private FileEntry entry(String path, String content) {
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(content.getBytes(UTF_8)));
        return new FileEntry(path, stored.size(), stored.digest());
    }
}
