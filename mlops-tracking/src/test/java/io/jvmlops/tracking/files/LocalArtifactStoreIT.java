package io.jvmlops.tracking.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.test.Concurrently;
import io.jvmlops.tracking.ForkedJvm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalArtifactStoreIT {
    @TempDir
    Path folder;

    @Test
    void contentLiesUnderItsDigest() throws IOException {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            Digest digest = put(store, "hello");
            Path file = folder.resolve("sha256/2c").resolve(digest.hex());
            assertThat(store.path(digest)).isEqualTo(file);
            assertThat(file).hasContent("hello");
            put(store, "hello");
            try (Stream<Path> files = Files.walk(folder.resolve("sha256"))) {
                assertThat(files.filter(Files::isRegularFile)).containsExactly(file);
            }
        }
    }

    @Test
    void storingAgainHealsADamagedFile() throws IOException {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            Digest digest = put(store, "hello");
            Files.writeString(store.path(digest), "jello");
            put(store, "hello");
            assertThat(store.path(digest)).hasContent("hello");
        }
    }

    @Test
    void openingAndReadingWriteNothing() throws IOException {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            assertThat(store.contains(Digest.of(new byte[0]))).isFalse();
            assertThat(folder).isEmptyDirectory();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aWorkspaceThatSomebodyDeletedIsMadeAgain() throws IOException {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            put(store, "before");
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
            Digest digest = put(store, "after");
            assertThat(store.path(digest)).hasContent("after");
            assertThat(workspaces()).hasSize(1);
        }
        assertThat(workspaces()).isEmpty();
    }

    @Test
    void closingLeavesNoWorkspace() throws IOException {
        LocalArtifactStore store = LocalArtifactStore.open(folder);
        put(store, "hello");
        assertThat(workspaces()).hasSize(1);
        store.close();
        assertThat(workspaces()).isEmpty();
    }

    @Test
    void aPutThatRunsWhileTheStoreClosesEndsWell() throws IOException {
        LocalArtifactStore store = LocalArtifactStore.open(folder);
        byte[] bytes = "slow".getBytes(UTF_8);
        InputStream closesHalfway = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                store.close();
                return super.read(into, offset, 1);
            }
        };
        assertThat(store.put(closesHalfway).digest()).isEqualTo(Digest.of(bytes));
        assertThat(store.path(Digest.of(bytes))).hasContent("slow");
        assertThat(workspaces()).isEmpty();
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatALivingOneUsesIsNot() throws Exception {
        try (ForkedJvm living = new ForkedJvm(StoringProgram.class, folder.toString());
                ForkedJvm dying = new ForkedJvm(StoringProgram.class, folder.toString())) {
            assertThat(living.readLine()).isEqualTo("storing");
            assertThat(dying.readLine()).isEqualTo("storing");
            assertThat(workspaces()).hasSize(2);
            dying.kill();
            try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
                put(store, "hello");
                // The living one's and ours.
                assertThat(workspaces()).hasSize(2);
            }
            assertThat(workspaces()).hasSize(1);
            living.kill();
            try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
                put(store, "hello");
            }
            assertThat(workspaces()).isEmpty();
        }
        // Nothing of the unfinished artifacts is visible.
        try (Stream<Path> files = Files.walk(folder.resolve("sha256"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void storesOfOneProcessLeaveEachOtherAlone() {
        List<List<Digest>> stored = Concurrently.run(6, thread -> {
            try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
                return Stream.of("a", "b", "c")
                        .map(text -> put(store, thread + text))
                        .toList();
            }
        });
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            assertThat(stored.stream().flatMap(List::stream)).hasSize(18).allMatch(store::contains);
        }
    }

    @Test
    void whateverElseLiesAmongTheArtifactsIsLeftAlone() throws IOException {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder)) {
            Digest kept = put(store, "hello");
            Digest linked = Digest.of("linked".getBytes(UTF_8));
            Digest directory = Digest.of("directory".getBytes(UTF_8));
            Path outside = Files.writeString(folder.resolve("outside"), "linked");
            Files.createDirectories(store.path(linked).getParent());
            Files.createSymbolicLink(store.path(linked), outside);
            Files.createDirectories(store.path(directory));
            Path sibling = store.path(kept).getParent();
            Files.writeString(sibling.resolve("README"), "mine");
            Files.writeString(sibling.resolve(kept.hex().toUpperCase(Locale.ROOT)), "mine");
            Files.writeString(folder.resolve("sha256").resolve(kept.hex()), "misplaced");
            Files.createDirectories(folder.resolve("sha256/zz"));
            Files.writeString(folder.resolve("sha256/zz").resolve(kept.hex()), "misplaced");
            Files.createSymbolicLink(folder.resolve("sha256/00"), sibling);
            List<Digest> listed = new ArrayList<>();
            store.list(entry -> listed.add(entry.digest()));
            assertThat(listed).containsExactly(kept);
            Instant later = store.now().plusSeconds(60);
            assertThat(store.delete(linked, later)).isFalse();
            assertThat(store.delete(directory, later)).isFalse();
            assertThat(store.renew(directory)).isFalse();
            assertThat(store.delete(kept, later)).isTrue();
            assertThat(outside).hasContent("linked");
            assertThat(store.path(directory)).isEmptyDirectory();
            assertThat(sibling.resolve("README")).hasContent("mine");
        }
    }

    @Test
    void nothingIsDeletedWhileEverythingIsKeptAndOthersGoOn() throws Exception {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder);
                LocalArtifactStore other = LocalArtifactStore.open(folder.resolve("."))) {
            Digest digest = put(store, "hello");
            Instant later = store.now().plusSeconds(60);
            CompletableFuture<Boolean> deleted = new CompletableFuture<>();
            Thread deleting = new Thread(() -> deleted.complete(other.delete(digest, later)), "deleting");
            LocalArtifactStore.Undeleted kept = store.keepAll();
            try {
                deleting.start();
                Awaitility.await().until(() -> deleting.getState() == Thread.State.WAITING);
                // Who stores, renews or copies waits for nobody, even now that somebody waits to delete.
                put(other, "meanwhile");
                assertThat(store.renew(Digest.of("meanwhile".getBytes(UTF_8)))).isTrue();
                store.copyTo(folder.resolve("copy"));
                assertThat(deleted).isNotDone();
                assertThat(store.contains(digest)).isTrue();
            } finally {
                kept.close();
            }
            assertThat(deleted.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("copy/sha256/2c").resolve(digest.hex())).hasContent("hello");
        }
    }

    @Test
    void aDeleteOfAnotherProcessWaitsForACopyOfThisOne() throws Exception {
        try (LocalArtifactStore store = LocalArtifactStore.open(folder);
                ForkedJvm deleting = new ForkedJvm(
                        DeletingProgram.class,
                        folder.toString(),
                        put(store, "hello").hex())) {
            LocalArtifactStore.Undeleted kept = store.keepAll();
            try {
                assertThat(deleting.requireLine()).isEqualTo("deleting");
                // Long enough for a delete that does not wait.
                for (int i = 0; i < 100; i++) {
                    put(store, "meanwhile " + i);
                }
                assertThat(store.contains(Digest.of("hello".getBytes(UTF_8)))).isTrue();
            } finally {
                kept.close();
            }
            assertThat(deleting.requireLine()).isEqualTo("deleted true");
            assertThat(store.contains(Digest.of("hello".getBytes(UTF_8)))).isFalse();
        }
    }

    @Test
    void aFileWhereTheFolderShouldBeIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        assertThatThrownBy(() -> LocalArtifactStore.open(file))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFolderThatCannotBeWrittenSaysSo() throws IOException {
        LocalArtifactStore store = LocalArtifactStore.open(folder);
        Files.writeString(folder.resolve("tmp"), "in the way");
        assertThatThrownBy(() -> put(store, "hello"))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("must be writable");
        store.close();
    }

    private List<Path> workspaces() throws IOException {
        Path parent = folder.resolve("tmp");
        if (!Files.exists(parent)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(parent)) {
            return folders.filter(Files::isDirectory).toList();
        }
    }

    private static Digest put(LocalArtifactStore store, String text) {
        return store.put(new ByteArrayInputStream(text.getBytes(UTF_8))).digest();
    }
}
