package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of registered models that change behind our back. {@code -Djvmlops.flips=N} flips more of them. */
class RegistryDamageIT {
    private static final int FLIPS = Integer.getInteger("jvmlops.flips", 400);
    private static final ModelRef.Version FIRST = new ModelRef.Version("iris", 1);

    @TempDir
    Path folder;

    private Path file;
    private LocalArtifactStore artifacts;
    private SqliteStores stores;
    private ModelRegistry registry;

    @BeforeEach
    void open() {
        file = folder.resolve("mlops.db");
        artifacts = LocalArtifactStore.open(folder.resolve("artifacts"));
        stores = SqliteStores.open(file);
        registry = stores.registry(artifacts);
    }

    @AfterEach
    void close() {
        registry.close();
        stores.close();
        artifacts.close();
    }

    private FileEntry entry(String path, byte[] content) {
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(content));
        return new FileEntry(path, stored.size(), stored.digest());
    }

    private ModelVersion register(Manifest files) {
        return registry.register(NewModelVersion.builder("iris", files)
                .signature(new ModelSignature(
                        List.of(TensorSpec.of("x", DataType.FP32, -1, 4)),
                        List.of(TensorSpec.of("y", DataType.FP32, -1, 3))))
                .origin(ModelOrigin.ofRun("run"))
                .build());
    }

    private ModelVersion register() {
        return register(new Manifest(List.of(entry("MLmodel", "model".getBytes(UTF_8)))));
    }

    /** Another program, on the same file. */
    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    @Test
    void everyFlippedBitIsNamedAndRefused() throws Exception {
        Random random = new Random(20260301);
        List<FileEntry> entries = new ArrayList<>();
        entries.add(entry("MLmodel", "flavors:\n  onnx:\n    data: model.onnx\n".getBytes(UTF_8)));
        for (int size : new int[] {1, 100, 10_000, 200_000}) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            entries.add(entry("data/" + size + ".bin", content));
        }
        Manifest manifest = new Manifest(entries);
        ModelVersion version = register(manifest);
        ModelFiles files = registry.files(version);
        for (int flip = 0; flip < FLIPS; flip++) {
            if (flip % 4 == 3) {
                flipInManifest(version, random);
                continue;
            }
            FileEntry hit = entries.get(random.nextInt(entries.size()));
            Path path = artifacts.path(hit.digest());
            byte[] intact = Files.readAllBytes(path);
            byte[] damaged = intact.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            // In the place of the other: what is stored is read-only.
            replace(path, damaged);
            assertThat(registry.verify(version).problems())
                    .extracting(Verification.Problem::path, Verification.Problem::kind)
                    .containsExactly(tuple(hit.path(), Verification.Kind.ALTERED));
            assertThatThrownBy(() -> files.read(hit.path()))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("iris/1")
                    .hasMessageContaining(hit.path());
            replace(path, intact);
        }
        registry.verify(version).requireIntact();
        for (FileEntry each : entries) {
            assertThat(files.read(each.path())).hasSize((int) each.size());
        }
    }

    private void flipInManifest(ModelVersion version, Random random) throws Exception {
        byte[] intact = column("manifest");
        byte[] damaged = intact.clone();
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        setColumn("manifest", damaged);
        requireManifestRefused(version);
        setColumn("manifest", intact);
    }

    private void requireManifestRefused(ModelVersion version) {
        Verification found = registry.verify(version);
        assertThat(found.problems())
                .extracting(Verification.Problem::path)
                .containsExactly(Verification.Problem.MANIFEST);
        assertThat(found.toString()).contains("iris/1");
        assertThatThrownBy(() -> registry.files(version))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("iris/1");
        // Collecting garbage would lose what the manifest no longer names.
        assertThatThrownBy(() -> ((ArtifactReferences) registry).forEachReference(reference -> {}))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("iris/1");
        assertThat(registry.versions("iris")).contains(version);
    }

    private static void replace(Path path, byte[] content) throws Exception {
        Files.delete(path);
        Files.write(path, content);
    }

    private byte[] column(String column) throws SQLException {
        try (Connection connection = connect();
                ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT " + column + " FROM model_version WHERE version = 1")) {
            return row.getBytes(1);
        }
    }

    private void setColumn(String column, Object value) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE model_version SET " + column + " = ? WHERE version = 1")) {
            update.setObject(1, value);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void aManifestThatIsCutOrEmptyIsRefused() throws Exception {
        ModelVersion version = register();
        byte[] intact = column("manifest");
        for (byte[] damaged : List.of(
                new byte[0],
                Arrays.copyOf(intact, intact.length - 1),
                Arrays.copyOf(intact, intact.length + 1),
                new byte[] {(byte) 0xff})) {
            setColumn("manifest", damaged);
            requireManifestRefused(version);
        }
        setColumn("manifest", intact);
        registry.verify(version).requireIntact();
    }

    @Test
    void aDigestThatChangedIsReported() throws Exception {
        ModelVersion version = register();
        byte[] digest = column("digest");
        digest[7] ^= 4;
        setColumn("digest", digest);
        assertThat(registry.verify(version).problems())
                .extracting(Verification.Problem::path)
                .containsExactly(Verification.Problem.MANIFEST);
        ModelVersion changed = registry.get(FIRST);
        assertThat(registry.verify(changed).isIntact()).isFalse();
        assertThatThrownBy(() -> registry.files(changed)).isInstanceOf(IntegrityException.class);
        setColumn("digest", new byte[] {1, 2});
        assertThat(registry.verify(version).isIntact()).isFalse();
        assertThatThrownBy(() -> registry.find(FIRST))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("iris/1");
    }

    @Test
    void aSignatureThatIsDamagedHidesNothingElse() throws Exception {
        ModelVersion first = register();
        ModelVersion second = register();
        registry.setAlias("iris", "champion", first);
        setColumn("signature", "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP31\"");
        for (ModelRef ref : List.of(FIRST, ModelRef.parse("iris@champion"))) {
            assertThatThrownBy(() -> registry.find(ref))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("iris/1")
                    .hasMessageContaining("signature");
        }
        for (List<ModelVersion> listed : List.of(
                registry.versions("iris"),
                registry.versionsFromRun("run"),
                registry.versionsWithFile(Digest.of("model".getBytes(UTF_8))))) {
            assertThat(listed).extracting(ModelVersion::version).containsExactly(1, 2);
            assertThat(listed.get(0).signature()).isNull();
            assertThat(listed.get(1)).isEqualTo(second);
        }
        // It can be left, and deleted.
        registry.setAlias("iris", "champion", second);
        registry.deleteVersion(FIRST);
        assertThat(registry.get(ModelRef.parse("iris@champion"))).isEqualTo(second);
    }
}
