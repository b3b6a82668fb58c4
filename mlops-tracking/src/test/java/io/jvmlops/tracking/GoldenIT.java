package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.tracking.internal.sql.Schema;
import io.jvmlops.tracking.postgres.PostgresDump;
import io.jvmlops.tracking.postgres.PostgresStores;
import io.jvmlops.tracking.postgres.TestServer;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Databases of every version of the schema are opened by this one. {@code resources/golden/README.md} says where they come
 * from; {@code -Djvmlops.golden=<folder>} keeps those of this version.
 */
class GoldenIT {
    @TempDir
    Path folder;

    static List<String> files() throws IOException {
        Path golden = Path.of(Objects.requireNonNull(GoldenIT.class.getResource("/golden/README.md"))
                        .getPath())
                .resolveSibling("");
        try (Stream<Path> all = Files.list(golden)) {
            List<String> files = all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".gz"))
                    .sorted()
                    .toList();
            assertThat(files).contains("v1.db.gz");
            return files;
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everythingInItIsReadByThisLibrary(String name) throws Exception {
        int version = Integer.parseInt(name.replaceFirst("v([0-9]+)\\..*", "$1"));
        Path unpacked = folder.resolve("golden");
        try (InputStream in =
                new GZIPInputStream(Objects.requireNonNull(getClass().getResourceAsStream("/golden/" + name)))) {
            Files.copy(in, unpacked);
        }
        String place;
        if (name.endsWith(".sql.gz")) {
            String schema = TestServer.newSchema();
            PostgresDump.load(TestServer.source(), schema, Files.readString(unpacked));
            place = "postgres:" + TestServer.port() + ":" + schema;
        } else {
            place = unpacked.toString();
        }
        try (StoreProgram.Stores stores = StoreProgram.open(place)) {
            Golden.check(stores, version);
        }
        // A second time there is nothing to migrate.
        StoreProgram.open(place).close();
    }

    @Test
    void aNewSqliteFileOfThisVersionIsReadAsWell() throws Exception {
        Path file = folder.resolve("v" + Schema.VERSION + ".db");
        try (SqliteStores filled = SqliteStores.builder(file)
                .clock(Golden.CLOCK)
                .actor(() -> Golden.ACTOR)
                .open()) {
            Golden.fill(new StoreProgram.Stores(
                    filled.runs(), filled.metrics(), filled::registry, filled::datasets, filled::close));
        }
        keep(file.getFileName().toString(), Files.readAllBytes(file));
        try (StoreProgram.Stores stores = StoreProgram.open(file.toString())) {
            Golden.check(stores, Schema.VERSION);
        }
    }

    @Test
    void aNewPostgresDumpOfThisVersionIsReadAsWell() throws Exception {
        PostgresDump dump = new PostgresDump(TestServer.source(), TestServer.newSchema());
        try (PostgresStores filled = PostgresStores.builder(dump.recordingSource())
                .schema(dump.schema())
                .clock(Golden.CLOCK)
                .actor(() -> Golden.ACTOR)
                .open()) {
            Golden.fill(new StoreProgram.Stores(
                    filled.runs(), filled.metrics(), filled::registry, filled::datasets, filled::close));
        }
        String script = dump.script();
        keep("v" + Schema.VERSION + ".sql", script.getBytes(StandardCharsets.UTF_8));
        String schema = TestServer.newSchema();
        PostgresDump.load(TestServer.source(), schema, script);
        try (StoreProgram.Stores stores = StoreProgram.open("postgres:" + TestServer.port() + ":" + schema)) {
            Golden.check(stores, Schema.VERSION);
        }
    }

    private static void keep(String name, byte[] content) throws IOException {
        String folder = System.getProperty("jvmlops.golden");
        if (folder != null) {
            Files.createDirectories(Path.of(folder));
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(Path.of(folder, name + ".gz")))) {
                out.write(content);
            }
        }
    }
}
