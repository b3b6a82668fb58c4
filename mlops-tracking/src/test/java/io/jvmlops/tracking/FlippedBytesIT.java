package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.tracking.files.LocalArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Single bytes of all that is stored are changed, one at a time: each is found, and named, and nobody reads it unawares.
 * {@code -Djvmlops.flips=N} changes more.
 */
class FlippedBytesIT {
    private static final int FLIPS = Integer.getInteger("jvmlops.flips", 400);

    @TempDir
    Path folder;

    private final Random random = new Random(11);

    @Test
    void everyChangedByteIsFoundAndNamed() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        for (int i = 0; i < 6; i++) {
            Files.write(data.resolve("d" + i), bytes(1 + random.nextInt(3_000)));
        }
        Path home = folder.resolve("mlops");
        try (Tracking tracking =
                        Tracking.builder().folder(home).recordSource(false).build();
                Run run = tracking.experiment("flips").startRun("run")) {
            for (int i = 0; i < 4; i++) {
                Path file = Files.write(folder.resolve("file"), bytes(1 + random.nextInt(3_000)));
                run.logArtifact("a" + i, file);
            }
            StoredDataset dataset = tracking.datasets().add("data", data);
            ModelVersion version = run.logModel("model", this::export);
            run.complete();
            LocalArtifactStore store = (LocalArtifactStore) tracking.artifacts();
            assertIntact(tracking, run, dataset, version);
            for (int flip = 0; flip < FLIPS; flip++) {
                switch (random.nextInt(5)) {
                    case 0 -> artifact(tracking, store, run.id());
                    case 1 -> datasetFile(tracking, store, dataset);
                    case 2 -> datasetManifest(tracking, store, dataset);
                    case 3 -> modelFile(tracking, store, version);
                    default -> modelManifest(tracking, home.resolve("mlops.db"), version);
                }
            }
            assertIntact(tracking, run, dataset, version);
        }
    }

    private static void assertIntact(Tracking tracking, Run run, StoredDataset dataset, ModelVersion version) {
        tracking.artifacts(run.id()).verify().requireIntact();
        tracking.datasets().verify(dataset).requireIntact();
        tracking.registry().verify(version).requireIntact();
    }

    private void artifact(Tracking tracking, LocalArtifactStore store, String run) throws Exception {
        FileEntry file = any(tracking.artifacts(run).list().files());
        whileFlipped(store.path(file.digest()), () -> {
            // The model's files are artifacts of the run, too: the same bytes may have several names.
            assertNames(tracking.artifacts(run).verify(), file.path());
            assertThatThrownBy(() -> {
                        try (InputStream in = tracking.artifacts(run).open(file.path())) {
                            in.readAllBytes();
                        }
                    })
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining(file.path());
        });
    }

    private void datasetFile(Tracking tracking, LocalArtifactStore store, StoredDataset dataset) throws Exception {
        FileEntry file = any(tracking.datasets().store().manifest(dataset).files());
        whileFlipped(store.path(file.digest()), () -> {
            assertNames(tracking.datasets().verify(dataset), file.path());
            Path target = folder.resolve("restored");
            assertThatThrownBy(() -> tracking.datasets().restore(dataset, target))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining(file.path());
            assertThat(target).doesNotExist();
        });
    }

    private void datasetManifest(Tracking tracking, LocalArtifactStore store, StoredDataset dataset) throws Exception {
        whileFlipped(store.path(dataset.digest()), () -> {
            assertNames(tracking.datasets().verify(dataset), Problem.MANIFEST);
            assertThatThrownBy(() -> tracking.datasets().store().manifest(dataset))
                    .isInstanceOf(IntegrityException.class);
            // Nobody knows what belongs to it: nothing may be deleted.
            assertThatThrownBy(() -> tracking.garbage().collect()).isInstanceOf(IntegrityException.class);
        });
    }

    private void modelFile(Tracking tracking, LocalArtifactStore store, ModelVersion version) throws Exception {
        ModelFiles files = tracking.registry().files(version);
        FileEntry file = any(files.manifest().files());
        whileFlipped(store.path(file.digest()), () -> {
            assertNames(tracking.registry().verify(version), file.path());
            assertThatThrownBy(() -> files.read(file.path()))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining(file.path());
        });
    }

    private void modelManifest(Tracking tracking, Path database, ModelVersion version) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            byte[] text;
            try (PreparedStatement select = connection.prepareStatement("SELECT manifest FROM model_version");
                    ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                text = rows.getBytes(1);
            }
            byte[] other = text.clone();
            other[random.nextInt(other.length)] ^= (byte) (1 + random.nextInt(255));
            update(connection, other);
            try {
                assertNames(tracking.registry().verify(version), Problem.MANIFEST);
                assertThatThrownBy(() -> tracking.registry().files(version)).isInstanceOf(IntegrityException.class);
                assertThatThrownBy(() -> tracking.garbage().collect()).isInstanceOf(IntegrityException.class);
            } finally {
                update(connection, text);
            }
        }
    }

    private static void update(Connection connection, byte[] manifest) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE model_version SET manifest = ?")) {
            update.setBytes(1, manifest);
            update.executeUpdate();
        }
    }

    private static void assertNames(Verification found, String path) {
        assertThat(found.isIntact()).isFalse();
        assertThat(found.problems()).extracting(Problem::path).contains(path);
    }

    private ModelDescriptor export(Path into, String runId) {
        try {
            Files.writeString(into.resolve(ModelDescriptor.FILE), "run_id: " + runId + "\n");
            Files.write(into.resolve("weights"), bytes(2_000));
            Files.write(into.resolve("vocabulary"), bytes(100));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ModelDescriptor.ofFile("custom", "weights");
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T any(List<T> list) {
        return new ArrayList<>(list).get(random.nextInt(list.size()));
    }

    /** Changes one byte of a file, and changes it back. */
    private void whileFlipped(Path file, ThrowingCallable looking) throws Exception {
        long position = random.nextInt((int) Files.size(file));
        int mask = 1 + random.nextInt(255);
        flip(file, position, mask);
        try {
            looking.call();
        } catch (Throwable e) {
            throw new AssertionError("byte " + position + " of " + file, e);
        } finally {
            flip(file, position, mask);
        }
    }

    private static void flip(Path file, long position, int mask) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            int present = open.read();
            open.seek(position);
            open.write(present ^ mask);
        }
    }
}
