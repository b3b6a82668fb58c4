package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelInfo;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.ForkedJvm;
import io.jvmlops.tracking.Golden;
import io.jvmlops.tracking.OpeningProgram;
import io.jvmlops.tracking.StoreProgram;
import io.jvmlops.tracking.internal.sql.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of older schemas that become files of this one, whatever comes between. */
class SqliteMigrationIT {
    @TempDir
    Path folder;

    private Path version1(String name) throws IOException {
        return version(1, name);
    }

    private Path version(int version, String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(getClass().getResourceAsStream("/golden/v" + version + ".db.gz")))) {
            Files.copy(in, file);
        }
        return file;
    }

    @Test
    void aMigratedFileHasTheTablesOfANewOne() throws Exception {
        Path migrated = version1("migrated.db");
        Path fresh = folder.resolve("fresh.db");
        SqliteStores.open(migrated).close();
        SqliteStores.open(fresh).close();
        assertThat(structure(migrated)).isEqualTo(structure(fresh));
        assertThat(longs(migrated, "PRAGMA user_version")).containsExactly((long) Schema.VERSION);
        assertThat(strings(migrated, "PRAGMA integrity_check")).containsExactly("ok");
        assertThat(strings(migrated, "PRAGMA foreign_key_check")).isEmpty();
    }

    @Test
    void movesBeforeTheMigrationCanBeUndoneAfterIt() throws Exception {
        for (int version : new int[] {1, 2}) {
            Path file = version(version, "moved" + version + ".db");
            for (String each : List.of(
                    "INSERT INTO model_version (model, version, digest, manifest, run_uid, created_at, created_by)"
                            + " SELECT model, 3, digest, manifest, run_uid, created_at, created_by FROM model_version"
                            + " WHERE version = 2",
                    "UPDATE alias SET version = 3",
                    "INSERT INTO alias_change (model, alias, from_version, to_version, who, at, why)"
                            + " SELECT model, alias, 2, 3, 'bob', at + 1, 'third' FROM alias_change WHERE to_version = 2",
                    // An alias of another name in between, and one that is gone.
                    "INSERT INTO alias_change (model, alias, from_version, to_version, who, at, why)"
                            + " SELECT model, 'old', NULL, 1, 'bob', at, '' FROM alias_change WHERE to_version = 2",
                    "INSERT INTO alias_change (model, alias, from_version, to_version, who, at, why)"
                            + " SELECT model, 'old', 1, NULL, 'bob', at, '' FROM alias_change WHERE to_version = 3")) {
                sql(file, each);
            }
            try (SqliteStores stores = SqliteStores.open(file);
                    ModelRegistry registry = stores.registry(new InMemoryArtifactStore())) {
                assertThat(registry.aliasChanges(0, 10))
                        .extracting(AliasChange::sequence)
                        .containsExactly(1L, 2L, 3L, 4L, 5L);
                assertThat(registry.rollback("iris", "champion", "").to()).isEqualTo(2);
                assertThat(registry.rollback("iris", "champion", "").to()).isEqualTo(1);
                assertThatThrownBy(() -> registry.rollback("iris", "champion", ""))
                        .isInstanceOf(ConflictException.class);
                assertThat(registry.rollback("iris", "old", "").to()).isEqualTo(1);
                assertThat(registry.aliasChanges(5, 10))
                        .extracting(AliasChange::sequence)
                        .containsExactly(6L, 7L, 8L);
                assertThat(registry.findModel("iris").orElseThrow())
                        .isEqualTo(new ModelInfo(
                                "iris",
                                "",
                                Map.of(),
                                Golden.CLOCK.instant(),
                                Golden.CLOCK.instant(),
                                3,
                                Map.of("champion", 1, "old", 1)));
            }
        }
    }

    @Test
    void aDamagedManifestStopsNoMigration() throws Exception {
        for (int version : new int[] {1, 2}) {
            Path file = version(version, "damaged" + version + ".db");
            sql(file, "UPDATE model_version SET manifest = x'00ff20' WHERE version = 1");
            try (SqliteStores stores = SqliteStores.open(file);
                    ModelRegistry registry = stores.registry(new InMemoryArtifactStore())) {
                List<ModelVersion> versions = registry.versions("iris");
                assertThat(versions).hasSize(2);
                assertThat(registry.verify(versions.get(0)).problems())
                        .extracting(Verification.Problem::path)
                        .containsExactly(Verification.Problem.MANIFEST);
                assertThatThrownBy(() -> registry.files(versions.get(0))).isInstanceOf(IntegrityException.class);
                FileEntry file2 =
                        registry.files(versions.get(1)).manifest().files().get(0);
                assertThat(registry.versionsWithFile(file2.digest())).containsExactly(versions.get(1));
            }
        }
    }

    @Test
    void openingTwiceMigratesOnce() throws Exception {
        Path file = version1("v1.db");
        SqliteStores.open(file).close();
        Map<String, List<String>> first = structure(file);
        SqliteStores.open(file).close();
        assertThat(structure(file)).isEqualTo(first);
        check(file);
    }

    @Test
    void threadsThatOpenItAtOnceAllSucceed() throws Exception {
        for (int round = 0; round < 5; round++) {
            Path file = version1("round" + round + ".db");
            List<Integer> experiments = Concurrently.run(6, thread -> {
                try (SqliteStores stores = SqliteStores.open(file)) {
                    return stores.runs().experiments().size();
                }
            });
            assertThat(experiments).containsOnly(2);
            check(file);
        }
    }

    @Test
    void processesThatOpenItAtOnceAllSucceed() throws Exception {
        Path file = version1("v1.db");
        assertThat(OpeningProgram.openAtOnce(3, file.toString())).containsOnly("opened 2");
        check(file);
    }

    @Test
    void aMigrationThatFailsHalfwayLeavesTheFileAsItWas() throws Exception {
        for (String obstacle : List.of(
                // At the beginning, in the middle, at the very end.
                "CREATE TRIGGER obstacle BEFORE UPDATE ON experiment BEGIN SELECT raise(ABORT, 'in the way'); END",
                "CREATE TABLE metric_page (in_the_way INTEGER)",
                "CREATE INDEX run_by_lease ON run (name)",
                "CREATE VIEW broken AS SELECT * FROM no_such_table")) {
            Path file = version1("v1 " + obstacle.hashCode() + ".db");
            sql(file, obstacle);
            Map<String, List<String>> before = structure(file);
            List<String> points =
                    strings(file, "SELECT run || ' ' || key || ' ' || step || ' ' || at || ' ' || value FROM metric");
            assertThatThrownBy(() -> SqliteStores.open(file))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file.toString());
            assertThat(structure(file)).isEqualTo(before);
            assertThat(longs(file, "PRAGMA user_version")).containsExactly(1L);
            assertThat(strings(
                            file, "SELECT run || ' ' || key || ' ' || step || ' ' || at || ' ' || value FROM metric"))
                    .isEqualTo(points);
            sql(file, "DROP " + obstacle.replaceFirst("CREATE (\\w+ \\w+).*", "$1"));
            check(file);
        }
    }

    @Test
    void aProcessThatIsKilledWhileItMigratesLeavesOneVersionOrTheOther() throws Exception {
        for (int kill = 0; kill < 4; kill++) {
            Path file = version1("kill" + kill + ".db");
            try (ForkedJvm jvm = new ForkedJvm(OpeningProgram.class, file.toString())) {
                jvm.requireLine();
                jvm.println("go");
                long end = System.nanoTime() + kill * 60_000_000L;
                while (System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                }
                jvm.kill();
            }
            check(file);
        }
    }

    private static void check(Path file) throws Exception {
        try (StoreProgram.Stores stores = StoreProgram.open(file.toString())) {
            Golden.check(stores, 1);
        }
    }

    /** Columns, keys and indexes, by table. */
    private static Map<String, List<String>> structure(Path file) throws SQLException {
        Map<String, List<String>> structure = new TreeMap<>();
        for (String table : strings(file, "SELECT name FROM sqlite_schema WHERE type <> 'index' ORDER BY name")) {
            List<String> parts = new ArrayList<>();
            try {
                parts.addAll(strings(
                        file,
                        "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_info('" + table
                                + "') ORDER BY name"));
            } catch (SQLException broken) {
                parts.add("broken");
            }
            parts.addAll(strings(
                    file,
                    "SELECT i.name || ' ' || i.\"unique\" || ' ' || i.origin || ' ' || i.partial || ' ' || coalesce(s.sql, '')"
                            + " FROM pragma_index_list('" + table
                            + "') i LEFT JOIN sqlite_schema s ON s.name = i.name ORDER BY i.name"));
            parts.addAll(strings(
                    file,
                    "SELECT \"table\" || ' ' || \"from\" FROM pragma_foreign_key_list('" + table + "') ORDER BY 1"));
            structure.put(table, parts);
        }
        return structure;
    }

    private static List<Long> longs(Path file, String query) throws SQLException {
        return strings(file, query).stream().map(Long::valueOf).toList();
    }

    private static List<String> strings(Path file, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> strings = new ArrayList<>();
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
            return strings;
        }
    }

    private static void sql(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
