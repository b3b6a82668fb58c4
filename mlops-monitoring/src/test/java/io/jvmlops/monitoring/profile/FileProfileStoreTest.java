package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.ProfileStore;
import io.jvmlops.test.monitoring.ProfileStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileProfileStoreTest extends ProfileStoreContract {
    private static final Digest MODEL = Digest.of(new byte[] {1});

    @TempDir
    Path temp = Path.of("");

    @Override
    protected ProfileStore openEmpty() {
        return FileProfileStore.open(temp.resolve("a/b/profiles"));
    }

    @Test
    void profilesOutliveTheStore() {
        openEmpty().put(MODEL, "reference", new byte[] {1, 2});

        assertThat(openEmpty().get(MODEL, "reference")).contains(new byte[] {1, 2});
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void onlyTheOwnerMayRead() throws IOException {
        openEmpty().put(MODEL, "reference", new byte[] {1});
        openEmpty().put(MODEL, "reference", new byte[] {2});
        Path folder = temp.resolve("a/b/profiles");

        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all)
                    .hasSize(3)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    void whatAKilledWriterLeavesIsNoProfile() throws IOException {
        ProfileStore store = openEmpty();
        store.put(MODEL, "a", new byte[] {1});
        Path folder = temp.resolve("a/b/profiles").resolve(MODEL.hex());
        Files.write(folder.resolve(".123.tmp"), new byte[] {9});
        Files.write(folder.resolve("notes.txt"), new byte[] {9});

        assertThat(store.names(MODEL)).containsExactly("a");
    }

    @Test
    void aWriteThatFailsLeavesTheOldOneAndNoRest() throws IOException {
        ProfileStore store = openEmpty();
        store.put(MODEL, "a", new byte[] {1});
        Path folder = temp.resolve("a/b/profiles").resolve(MODEL.hex());
        // A folder cannot be replaced by a file.
        Files.createDirectories(folder.resolve("b.profile/x"));

        assertThatThrownBy(() -> store.put(MODEL, "b", new byte[] {2}))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("profile 'b' of model " + MODEL.abbreviated() + " cannot be written");
        assertThatThrownBy(() -> store.get(MODEL, "b")).isInstanceOf(StorageException.class);
        assertThat(store.get(MODEL, "a")).contains(new byte[] {1});
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aFileIsNoStore() throws IOException {
        Path file = Files.write(temp.resolve("file"), new byte[] {1});

        assertThatThrownBy(() -> FileProfileStore.open(file)).isInstanceOf(StorageException.class);
    }
}
