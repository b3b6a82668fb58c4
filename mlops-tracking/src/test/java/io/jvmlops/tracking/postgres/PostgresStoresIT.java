package io.jvmlops.tracking.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.OpeningProgram;
import io.jvmlops.tracking.PooledSource;
import io.jvmlops.tracking.Tracking;
import io.jvmlops.tracking.internal.sql.Schema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Servers that are not as they should be, and schemas that several open at once. */
class PostgresStoresIT {
    private final String schema = TestServer.newSchema();

    private PostgresStores open() {
        return PostgresStores.builder(TestServer.source()).schema(schema).open();
    }

    @Test
    void threadsThatOpenItFirstAtOnceMakeOneSetOfTables() {
        for (int round = 0; round < 3; round++) {
            String each = TestServer.newSchema();
            List<String> ids = Concurrently.run(8, thread -> {
                try (PostgresStores stores =
                        PostgresStores.builder(TestServer.source()).schema(each).open()) {
                    return stores.runs().experiment("shared").id();
                }
            });
            assertThat(ids).containsOnly(ids.get(0));
        }
    }

    @Test
    void processesThatOpenItFirstAtOnceMakeOneSetOfTables() throws Exception {
        assertThat(OpeningProgram.openAtOnce(2, "postgres:" + TestServer.port() + ":" + schema))
                .containsOnly("opened 0");
        assertThat(strings("SELECT version FROM " + schema + ".mlops_schema")).containsExactly("" + Schema.VERSION);
    }

    @Test
    void aHostThatPrefersAnotherIsolationGetsTheSame() {
        PGSimpleDataSource strict = new PGSimpleDataSource();
        strict.setPortNumbers(new int[] {TestServer.port()});
        strict.setUser("postgres");
        strict.setDatabaseName("postgres");
        strict.setOptions("-c default_transaction_isolation=serializable");
        PooledSource source = new PooledSource(strict);
        for (int round = 0; round < 3; round++) {
            PostgresStores.Builder each = PostgresStores.builder(source).schema(TestServer.newSchema());
            List<String> ids = Concurrently.run(8, thread -> {
                try (PostgresStores stores = each.open()) {
                    return stores.runs().experiment("shared").id();
                }
            });
            assertThat(ids).containsOnly(ids.get(0));
        }
        try (PostgresStores stores =
                PostgresStores.builder(source).schema(schema).open()) {
            stores.runs()
                    .createRun(new NewRun("run", stores.runs().experiment("e").id(), "r", Instant.EPOCH));
            Concurrently.run(8, thread -> {
                for (int i = 0; i < 50; i++) {
                    stores.metrics()
                            .append(List.of(MetricBatch.of("run", List.of(new MetricPoint("loss", i, thread, 1)))));
                }
                return thread;
            });
            try (Stream<MetricPoint> history = stores.metrics().history("run", "loss")) {
                assertThat(history).hasSize(400);
            }
        }
    }

    @Test
    void aNewerSchemaIsRefused() throws SQLException {
        open().close();
        sql("UPDATE " + schema + ".mlops_schema SET version = " + (Schema.VERSION + 1));
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(schema)
                .hasMessageContaining("newer")
                .hasMessageContaining("Update the library");
    }

    @Test
    void missingRightsSaySoAndWhatToGrant() throws SQLException {
        String user = "limited_" + schema;
        sql("CREATE ROLE " + user + " LOGIN");
        PGSimpleDataSource limited = new PGSimpleDataSource();
        limited.setPortNumbers(new int[] {TestServer.port()});
        limited.setUser(user);
        limited.setDatabaseName("postgres");
        PostgresStores.Builder builder = PostgresStores.builder(limited).schema(schema);
        // May not create a schema; may not use one that is there; may use it, but not its tables.
        assertRefused(builder);
        assertThat(strings("SELECT nspname FROM pg_namespace WHERE nspname = '" + schema + "'"))
                .isEmpty();
        open().close();
        assertRefused(builder);
        sql("GRANT USAGE ON SCHEMA " + schema + " TO " + user);
        assertRefused(builder);
        sql("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + user);
        try (PostgresStores stores = builder.open()) {
            assertThat(stores.runs().experiments()).isEmpty();
            assertThatThrownBy(() -> stores.runs().experiment("e"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("grant");
        }
        sql("GRANT ALL ON ALL TABLES IN SCHEMA " + schema + " TO " + user);
        try (PostgresStores stores = builder.open()) {
            stores.runs().experiment("e");
        }
    }

    private static void assertRefused(PostgresStores.Builder builder) {
        assertThatThrownBy(builder::open)
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.retryable()).isFalse())
                .hasMessageContaining("not allowed")
                .hasMessageContaining("grant");
    }

    @Test
    void pointsArriveAlthoughTheirConnectionsAreEnded() throws Exception {
        logWhile(() -> strings("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                + " AND application_name = '" + schema + "'"));
    }

    @Test
    void pointsArriveAlthoughTheServerCrashesAndStartsAgain() throws Exception {
        logWhile(() -> {
            // A backend that dies makes the server end all others, and recover from its log.
            String pid = strings("SELECT pid FROM pg_stat_activity WHERE application_name = '" + schema + "'")
                    .get(0);
            try (Connection witness = TestServer.source().getConnection()) {
                ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
                // The other tests, and the end of this one, want a server that has recovered.
                await().atMost(Duration.ofSeconds(30)).until(() -> !answers(witness));
            }
            await().atMost(Duration.ofSeconds(30)).until(PostgresStoresIT::isUp);
        });
    }

    private static boolean answers(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            return statement.execute("SELECT 1");
        } catch (SQLException e) {
            return false;
        }
    }

    private static boolean isUp() {
        try (Connection connection = TestServer.source().getConnection()) {
            return answers(connection);
        } catch (SQLException e) {
            return false;
        }
    }

    private interface Disturbance {
        void happen() throws Exception;
    }

    private void logWhile(Disturbance disturbance) throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setPortNumbers(new int[] {TestServer.port()});
        source.setUser("postgres");
        source.setDatabaseName("postgres");
        source.setApplicationName(schema);
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        try (PostgresStores stores = PostgresStores.builder(new PooledSource(source))
                        .schema(schema)
                        .open();
                Tracking tracking = Tracking.builder()
                        .store(stores.runs())
                        .metrics(stores.metrics())
                        .artifacts(artifacts)
                        .registry(stores.registry(artifacts))
                        .build()) {
            Run run = tracking.experiment("e").startRun("r");
            int steps = 0;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 5_000; i++) {
                    run.logMetric("loss", steps, steps++);
                }
                disturbance.happen();
                for (int i = 0; i < 5_000; i++) {
                    run.logMetric("loss", steps, steps++);
                }
                flush(run);
            }
            complete(run);
            assertThat(stores.runs().findRun(run.id()).orElseThrow().status()).isEqualTo(RunStatus.FINISHED);
            try (Stream<MetricPoint> history = stores.metrics().history(run.id(), "loss")) {
                // Nothing is lost, and nothing is there twice, although a commit may not have been answered.
                assertThat(history.map(MetricPoint::step).toList())
                        .isEqualTo(LongStream.range(0, steps).boxed().toList());
            }
        }
    }

    /** As somebody would who sees a failure that is worth another attempt. */
    private static void flush(Run run) {
        untilItSucceeds(run::flush);
    }

    private static void complete(Run run) {
        untilItSucceeds(run::complete);
    }

    private static void untilItSucceeds(Runnable call) {
        List<StorageException> failures = new ArrayList<>();
        while (true) {
            try {
                call.run();
                return;
            } catch (StorageException e) {
                failures.add(e);
                assertThat(e.retryable()).as(e.getMessage()).isTrue();
                assertThat(failures).as("failures").hasSizeLessThan(1_000);
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static void sql(String sql) throws SQLException {
        try (Connection connection = TestServer.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> strings(String query) throws SQLException {
        try (Connection connection = TestServer.source().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> strings = new ArrayList<>();
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
            return strings;
        }
    }
}
