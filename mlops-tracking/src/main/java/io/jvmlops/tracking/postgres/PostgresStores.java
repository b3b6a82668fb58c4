package io.jvmlops.tracking.postgres;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.internal.sql.SqlDatasetStore;
import io.jvmlops.tracking.internal.sql.SqlMetricStore;
import io.jvmlops.tracking.internal.sql.SqlModelRegistry;
import io.jvmlops.tracking.internal.sql.SqlTrackingStore;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The stores over a PostgreSQL database, for teams that have outgrown one machine: the tables that a SQLite file would
 * have, in a schema of their own, reached through the host's connections.
 *
 * <pre>{@code
 * try (PostgresStores stores = PostgresStores.open(dataSource);
 *         Tracking tracking = Tracking.builder()
 *                 .store(stores.runs())
 *                 .metrics(stores.metrics())
 *                 .artifacts(artifacts)
 *                 .registry(stores.registry(artifacts))
 *                 .build()) {
 *     tracking.experiment("iris").run("training", run -> run.logParam("epochs", 20));
 * }
 * }</pre>
 *
 * <p>What a call has acknowledged is as durable as the server's {@code synchronous_commit} makes it, which is on by default.
 * Use a pool of connections; at most as many are taken as threads call, plus one for the metrics. PostgreSQL 12 or newer.
 *
 * <p>Thread-safe. No threads of its own.
 */
public final class PostgresStores implements AutoCloseable {
    /** The schema of the tables, unless the builder says otherwise. */
    public static final String DEFAULT_SCHEMA = "mlops";

    private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    private final PostgresDatabase database;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final SqlTrackingStore runs;
    private final SqlMetricStore metrics;

    private PostgresStores(Builder builder) {
        database = PostgresDatabase.open(builder.source, builder.schema);
        clock = builder.clock;
        actor = builder.actor;
        runs = new SqlTrackingStore(database, clock);
        metrics = new SqlMetricStore(database);
    }

    /**
     * Opens schema {@value #DEFAULT_SCHEMA}, and creates it with its tables if it is not there.
     *
     * @throws StorageException if the server cannot be reached, does not let us, or holds tables of a newer library
     */
    public static PostgresStores open(DataSource source) {
        return builder(source).open();
    }

    public static Builder builder(DataSource source) {
        return new Builder(source);
    }

    /** The experiments and runs. The same object every time. */
    public TrackingStore runs() {
        return runs;
    }

    /** The metrics of {@link #runs}. The same object every time. */
    public MetricStore metrics() {
        return metrics;
    }

    /**
     * A registry of models whose files are in the artifact store, which it does not close.
     *
     * @return a new object; the subscriptions made with it are its own
     */
    public ModelRegistry registry(ArtifactStore artifacts) {
        return new SqlModelRegistry(database, Objects.requireNonNull(artifacts), clock, actor);
    }

    /** The datasets whose files are in the artifact store, which it does not close. */
    public DatasetStore datasets(ArtifactStore artifacts) {
        return new SqlDatasetStore(database, Objects.requireNonNull(artifacts), clock, actor);
    }

    /** Closes the stores; the data source stays open. Closing twice is harmless. */
    @Override
    public void close() {
        database.close();
    }

    @Override
    public String toString() {
        return database.toString();
    }

    /** Settings. Not thread-safe. */
    public static final class Builder {
        private final DataSource source;
        private String schema = DEFAULT_SCHEMA;
        private InstantSource clock = InstantSource.system();
        private Supplier<String> actor = () -> System.getProperty("user.name", "unknown");

        private Builder(DataSource source) {
            this.source = Objects.requireNonNull(source);
        }

        /**
         * Where the tables are; created if it is not there.
         *
         * @throws InvalidInputException if the name is not 1 to 63 letters, digits and underscores, the first no digit
         */
        public Builder schema(String schema) {
            if (!SCHEMA.matcher(schema).matches()) {
                throw new InvalidInputException("schema '" + schema
                        + "': expected 1 to 63 letters, digits and underscores, the first no digit");
            }
            this.schema = schema;
            return this;
        }

        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /** Says who registers versions, adds datasets and moves aliases; asked on the caller's thread, each time. */
        public Builder actor(Supplier<String> actor) {
            this.actor = Objects.requireNonNull(actor);
            return this;
        }

        /** @throws StorageException see {@link PostgresStores#open} */
        public PostgresStores open() {
            return new PostgresStores(this);
        }
    }
}
