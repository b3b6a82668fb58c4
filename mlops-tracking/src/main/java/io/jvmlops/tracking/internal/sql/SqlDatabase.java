package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import java.nio.file.Path;
import java.sql.SQLException;

/** A database that holds {@link Schema}, and how to run transactions on it. Thread-safe. */
public interface SqlDatabase {
    /** What it speaks. */
    SqlDialect dialect();

    /**
     * Runs the work in one read transaction: all of its queries see the same state. Short, as what it sees cannot be
     * cleaned up meanwhile.
     *
     * @param what for messages: {@code "find run 12"}
     * @throws StorageException if the database fails
     * @throws ClosedException after closing
     */
    <T> T read(String what, Work<T> work);

    /** Runs the work in one write transaction: durable when this returns, undone if it throws. */
    <T> T write(String what, Work<T> work);

    /** Whether it is this file, whichever way that is named. */
    boolean isFile(Path file);

    /** What it is, for messages: {@code "database /data/mlops.db"}. */
    @Override
    String toString();

    /** What to do within a transaction. May run more than once, after what it did was undone. */
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }
}
