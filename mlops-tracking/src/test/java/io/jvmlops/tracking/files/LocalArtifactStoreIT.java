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
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
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
