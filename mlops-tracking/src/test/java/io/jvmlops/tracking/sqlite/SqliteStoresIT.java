package io.jvmlops.tracking.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.Tracking;
import io.jvmlops.tracking.internal.sql.Schema;
import io.jvmlops.tracking.internal.sql.Session;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not as they should be, and files that several have open. */
class SqliteStoresIT {
    @TempDir
    Path folder;

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
        byte[] page = new byte[8192];
        new Random(5).nextBytes(page);
        for (byte[] garbage : List.of("hello".getBytes(UTF_8), page)) {
            Path file = Files.write(folder.resolve("garbage" + garbage.length), garbage);
            assertThatThrownBy(() -> SqliteStores.open(file))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("not a SQLite database")
                    .hasMessageContaining("backup");
            assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
        }
    }

    @Test
    void aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws Exception {
        Path file = folder.resolve("other.db");
        sql(file, "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> SqliteStores.open(file))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("another program");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aNewerDatabaseIsRefused() throws Exception {
        Path file = folder.resolve("test.db");
        SqliteStores.open(file).close();
        sql(file, "PRAGMA user_version = " + (Schema.VERSION + 1));
        assertThatThrownBy(() -> SqliteStores.open(file))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("newer")
                .hasMessageContaining("Update the library");
    }

    @Test
    void aDamagedDatabaseSaysSoAndWhatToDo() throws IOException {
        Path file = folder.resolve("test.db");
        try (SqliteStores stores = SqliteStores.open(file)) {
            String experiment = stores.runs().experiment("e").id();
            for (int i = 0; i < 200; i++) {
                stores.runs().createRun(new NewRun("run" + i, experiment, "r".repeat(200), Instant.EPOCH));
            }
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[(int) bytes.length() - 8192];
            Arrays.fill(noise, (byte) 0x5a);
            bytes.seek(8192);
            bytes.write(noise);
        }
        assertThatThrownBy(() -> {
                    try (SqliteStores stores = SqliteStores.open(file)) {
                        stores.runs().search(RunQuery.all());
                    }
                })
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("damaged")
                .hasMessageContaining("backup");
    }

    @Test
    void aPlaceWhereNothingCanBeWrittenSaysSo() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        for (Path impossible : List.of(file.resolve("mlops"), file)) {
            assertThatThrownBy(() -> Tracking.open(impossible))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(impossible.toString())
                    .hasMessageContaining("may create one");
        }
        assertThatThrownBy(() -> SqliteStores.open(folder.resolve("missing/test.db")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("must exist");
        assertThatThrownBy(() -> SqliteStores.open(folder))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("is a folder");
    }

    @Test
    void aFolderThatMayOnlyBeReadSaysSo() throws IOException {
        Path readOnly = Files.createDirectory(folder.resolve("read-only"));
        Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(readOnly), "the super-user may write everywhere");
            assertThatThrownBy(() -> Tracking.open(readOnly))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(readOnly.toString());
        } finally {
            Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aFileSystemThatMayOnlyBeReadSaysSo() {
        // The kernel's, which not even the super-user can write to.
        Path readOnly = Path.of("/proc/self");
        assumeTrue(Files.isDirectory(readOnly), "needs Linux");
        assertThatThrownBy(() -> Tracking.open(readOnly.resolve("mlops")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("/proc/self");
        assertThatThrownBy(() -> SqliteStores.open(readOnly.resolve("mlops.db")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("mlops.db")
                .hasMessageContaining("must be allowed to write");
    }

    @Test
    void whatIsCreatedIsReadableByItsOwnerOnly() throws IOException {
        Path home = folder.resolve("a/mlops");
        try (Tracking tracking = Tracking.open(home)) {
            tracking.experiment("e").run("r", run -> {
                run.logText("a.txt", "a");
                run.logMetric("m", 1);
            });
            try (Stream<Path> all = Files.walk(folder.resolve("a"))) {
                for (Path path : all.toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                }
            }
        }
    }

    @Test
    void pathsMayHaveAnyCharacter() {
        Path file = folder.resolve("odd ?mode=memory&cache=shared # %41 ünï.db");
        try (SqliteStores stores = SqliteStores.open(file)) {
            stores.runs().experiment("e");
        }
        assertThat(file).isNotEmptyFile();
        try (SqliteStores stores = SqliteStores.open(file)) {
            assertThat(stores.runs().experiments()).hasSize(1);
        }
    }

    @Test
    void openersAtOnceCreateOneSchema() {
        for (int round = 0; round < 50; round++) {
            Path file = folder.resolve("round" + round + ".db");
            List<String> ids = Concurrently.run(6, thread -> {
                try (SqliteStores stores = SqliteStores.open(file)) {
                    return stores.runs().experiment("shared").id();
                }
            });
            assertThat(ids).containsOnly(ids.get(0));
        }
    }

    @Test
    void aSchemaThatAppearsWhileOneLooksForItIsSeenWholeOrNotAtAll() throws Exception {
        Path file = Files.createFile(folder.resolve("test.db"));
        AtomicBoolean created = new AtomicBoolean();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            // Somebody else creates the tables between the first look at the file and the second.
            Connection slow = (Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")
                                && arguments[0].toString().contains("user_version")
                                && created.compareAndSet(false, true)) {
                            SqliteStores.open(file).close();
                        }
                        return method.invoke(connection, arguments);
                    });
            SqliteDialect.requireOurs(new Session(slow), file);
            assertThat(created).isTrue();
        }
    }

    @Test
    void aFileThatStaysLockedIsARetryableFailure() throws Exception {
        Path file = folder.resolve("test.db");
        try (SqliteStores stores =
                SqliteStores.builder(file).busyTimeout(Duration.ofMillis(50)).open()) {
            stores.runs().experiment("before");
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                assertThatThrownBy(() -> stores.runs().experiment("blocked"))
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.retryable()).isTrue())
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining("try again");
                // Readers wait for no writer.
                assertThat(stores.runs().experiments()).hasSize(1);
                statement.execute("ROLLBACK");
            }
            assertThat(stores.runs().experiment("blocked").name()).isEqualTo("blocked");
        }
    }

    @Test
    void closingTheFileClosesAllStores() {
        SqliteStores stores = SqliteStores.open(folder.resolve("test.db"));
        ModelRegistry registry = stores.registry(new InMemoryArtifactStore());
        stores.close();
        stores.close();
        assertThatThrownBy(() -> stores.runs().experiments())
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("test.db");
        assertThatThrownBy(() -> stores.metrics().latest("r")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(registry::models).isInstanceOf(ClosedException.class);
        assertThat(folder.resolve("test.db-wal")).doesNotExist();
    }

    @Test
    void closingUnderLoadFailsCallsCleanly() {
        SqliteStores stores = SqliteStores.open(folder.resolve("test.db"));
        List<Integer> done = Concurrently.run(6, thread -> {
            int calls = 0;
            try {
                while (true) {
                    if (thread == 0 && calls == 20) {
                        stores.close();
                    }
                    stores.runs().experiment("e" + thread + "/" + calls);
                    stores.runs().search(RunQuery.all());
                    calls++;
                }
            } catch (ClosedException e) {
                return calls;
            }
        });
        assertThat(done.get(0)).isEqualTo(20);
    }

    @Test
    void anAlteredManifestIsRefused() throws Exception {
        Path file = folder.resolve("test.db");
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        try (SqliteStores stores = SqliteStores.open(file)) {
            ModelRegistry registry = stores.registry(artifacts);
            ModelVersion version = registry.register(
                    NewModelVersion.builder("iris", new Manifest(List.of())).build());
            for (String altered :
                    List.of("X'6261640a'", "CAST('" + "0".repeat(64) + " 1 other' || char(10) AS BLOB)")) {
                sql(file, "UPDATE model_version SET manifest = " + altered);
                assertThatThrownBy(() -> registry.files(version))
                        .isInstanceOf(IntegrityException.class)
                        .hasMessageContaining("iris/1");
            }
        }
    }

    @Test
    void anotherConnectionSeesPointsAtOnceAndTheFileStaysSmall() throws Exception {
        Path file = folder.resolve("test.db");
        int count = 50_000;
        try (SqliteStores writer = SqliteStores.open(file);
                SqliteStores reader = SqliteStores.open(file)) {
            String experiment = writer.runs().experiment("e").id();
            writer.runs().createRun(new NewRun("r", experiment, "r", Instant.EPOCH));
            List<MetricPoint> points = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                points.add(new MetricPoint("loss", i, 1_772_000_000_000L + i, 1.0 / (i + 1)));
            }
            writer.metrics().append(List.of(MetricBatch.of("r", points)));
            assertThat(reader.metrics().latest("r").get("loss")).isEqualTo(points.get(count - 1));
        }
        // Measured: 31 bytes a point. The bound only notices a second copy in an index.
        assertThat(Files.size(file)).isLessThan(45L * count);
    }

    private static void sql(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
