package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.internal.sql.SqlDatasetStore;
import io.jvmlops.tracking.internal.sql.SqlMetricStore;
import io.jvmlops.tracking.internal.sql.SqlModelRegistry;
import io.jvmlops.tracking.internal.sql.SqlTrackingStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The stores over one SQLite file, which several processes of one machine may use at once. What a call has acknowledged
 * survives the death of the process and of the machine: write-ahead log, {@code synchronous=FULL}.
 *
 * <p>The file must be on a local disk; a network file system is refused. Copy it with {@link #backup}: a copy of the file
 * alone, while it is in use, lacks what its {@code -wal} neighbour holds.
 *
 * <p>Thread-safe. Holds one connection that writes and at most four that read; no threads.
 */
public final class SqliteStores implements AutoCloseable {
    /** How long a write waits for other processes by default. */
    public static final Duration DEFAULT_BUSY_TIMEOUT = Duration.ofSeconds(30);

    private final SqliteDatabase database;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final SqlTrackingStore runs;
    private final SqlMetricStore metrics;

    private SqliteStores(Builder builder) {
        database = SqliteDatabase.open(builder.file, builder.busyTimeout);
        clock = builder.clock;
        actor = builder.actor;
        runs = new SqlTrackingStore(database, clock);
        metrics = new SqlMetricStore(database);
    }

    /**
     * Opens the file, and creates it, readable by its owner only, if there is none. Its folder must exist.
     *
     * @throws StorageException if it cannot be opened or written, is on a network file system, is no database, one of
     *     another program, damaged, or written by a newer version of this library
     */
    public static SqliteStores open(Path file) {
        return builder(file).open();
    }

    public static Builder builder(Path file) {
        return new Builder(file);
    }

    public Path file() {
        return database.file();
    }

    /** The experiments and runs. The same object every time; closing it leaves the file open. */
    public TrackingStore runs() {
        return runs;
    }

    /** The metrics of {@link #runs}. The same object every time; closing it leaves the file open. */
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

    /**
     * Copies the database into a new file, readable by its owner only, while everybody goes on reading and writing. The
     * copy is of one moment: it holds all that was acknowledged before this call, is durable when it returns, and is
     * opened like any other. Artifacts are files of their own and are not in it.
     *
     * <p>Takes about as long as reading the whole database. Meanwhile the write-ahead log cannot be shortened.
     *
     * @param target must not exist; its folder must. Nothing appears under that name before the copy is complete
     * @throws StorageException if the target is there already or cannot be written; what was there is left as it was
     */
    public void backup(Path target) {
        database.backup(target);
    }

    /** Closes the file, when calls that are running have ended, and with it all stores. Closing twice is harmless. */
    @Override
    public void close() {
        database.close();
    }

    @Override
    public String toString() {
        return "SQLite " + file();
    }

    /** Settings. Not thread-safe. */
    public static final class Builder {
        private final Path file;
        private InstantSource clock = InstantSource.system();
        private Supplier<String> actor = () -> System.getProperty("user.name", "unknown");
        private Duration busyTimeout = DEFAULT_BUSY_TIMEOUT;

        private Builder(Path file) {
            this.file = Objects.requireNonNull(file);
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

        /** How long a call waits while another process writes, before it fails with a retryable StorageException. */
        public Builder busyTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.toMillis() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("busy timeout " + timeout);
            }
            this.busyTimeout = timeout;
            return this;
        }

        /** @throws StorageException see {@link SqliteStores#open} */
        public SqliteStores open() {
            return new SqliteStores(this);
        }
    }
}
