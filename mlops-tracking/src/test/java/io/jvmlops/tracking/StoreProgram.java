package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.postgres.PostgresStores;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Stores for the programs of the tests, by a place: a file, or {@code postgres:<port>:<schema>}. */
public final class StoreProgram {
    private static final BufferedReader INPUT =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    private StoreProgram() {}

    /** Runs, metrics, a registry and datasets over artifacts, and how to close them. */
    public record Stores(
            TrackingStore runs,
            MetricStore metrics,
            Function<ArtifactStore, ModelRegistry> registry,
            Function<ArtifactStore, DatasetStore> datasets,
            Runnable closing)
            implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    /** The tests' server, as another process sees it. */
    static DataSource source(int port, String database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setPortNumbers(new int[] {port});
        source.setUser("postgres");
        source.setDatabaseName(database);
        return new PooledSource(source);
    }

    public static Stores open(String place) {
        if (place.startsWith("postgres:")) {
            String[] parts = place.split(":", -1);
            PostgresStores stores = PostgresStores.builder(source(Integer.parseInt(parts[1]), "postgres"))
                    .schema(parts[2])
                    .open();
            return new Stores(stores.runs(), stores.metrics(), stores::registry, stores::datasets, stores::close);
        }
        SqliteStores stores = SqliteStores.open(Path.of(place));
        return new Stores(stores.runs(), stores.metrics(), stores::registry, stores::datasets, stores::close);
    }

    /** Waits until the test says so, with everything loaded that can be by then. */
    static String awaitLine() {
        try {
            return String.valueOf(INPUT.readLine());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
