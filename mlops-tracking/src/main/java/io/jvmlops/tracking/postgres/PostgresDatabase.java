package io.jvmlops.tracking.postgres;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.sql.Schema;
import io.jvmlops.tracking.internal.sql.Session;
import io.jvmlops.tracking.internal.sql.SqlDatabase;
import io.jvmlops.tracking.internal.sql.SqlDialect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * One schema of a PostgreSQL database, through the host's connections: one is taken for each transaction and given back as
 * it was.
 */
final class PostgresDatabase implements SqlDatabase {
    private static final int ATTEMPTS = 8;

    private final DataSource source;
    private final String schema;
    private final String useSchema;
    private volatile boolean closed;

    private PostgresDatabase(DataSource source, String schema) {
        this.source = source;
        this.schema = schema;
        this.useSchema = "SET LOCAL search_path TO \"" + schema + "\"";
    }

    /** @param schema checked by the caller: letters, digits and underscores */
    static PostgresDatabase open(DataSource source, String schema) {
        PostgresDatabase database = new PostgresDatabase(source, schema);
        boolean current = database.transact("open", false, session -> {
            requireServer(session, database);
            return session.findLong("SELECT 1 FROM pg_namespace WHERE nspname = ?", schema) != null
                    && Schema.isCurrent(session, database.dialect(), database.toString());
        });
        if (!current) {
            database.write("create the tables", session -> {
                // Held until the transaction ends: of the processes that start at once, one does the work.
                session.execute("SELECT pg_advisory_xact_lock(hashtextextended('jvmlops:" + schema + "', 0))");
                session.execute("CREATE SCHEMA IF NOT EXISTS \"" + schema + "\"");
                Schema.migrate(session, database.dialect(), database.toString());
                return true;
            });
        }
        return database;
    }

    private static void requireServer(Session session, PostgresDatabase database) throws SQLException {
        String encoding = session.findText("SHOW server_encoding");
        if (!"UTF8".equals(encoding)) {
            throw new StorageException(
                    database + " stores texts as " + encoding + ", which cannot hold all of them; expected UTF8. "
                            + "Create a database WITH ENCODING 'UTF8'",
                    null);
        }
    }

    @Override
    public boolean isFile(Path file) {
        return false;
    }

    @Override
    public SqlDialect dialect() {
        return PostgresDialect.INSTANCE;
    }

    @Override
    public <T> T read(String what, Work<T> work) {
        return transact(what, true, work);
    }

    @Override
    public <T> T write(String what, Work<T> work) {
        return transact(what, false, work);
    }

    private <T> T transact(String what, boolean readOnly, Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            if (closed) {
                throw new ClosedException(this + " has been closed");
            }
            try {
                return once(readOnly, work);
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !isWorthAnotherAttempt(e)) {
                    throw failure(what, e);
                }
                // The other side of a deadlock or conflict gets a chance to end first.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                        ThreadLocalRandom.current().nextInt(1, 10 << attempt)));
            }
        }
    }

    private <T> T once(boolean readOnly, Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            boolean done = false;
            Session session = new Session(connection);
            try {
                try (Statement statement = connection.createStatement()) {
                    // One round trip. A read sees one state; a write sees what was committed before each statement, and
                    // locks what it depends on, whatever the host's connections do by default.
                    statement.execute("SET TRANSACTION ISOLATION LEVEL "
                            + (readOnly ? "REPEATABLE READ READ ONLY; " : "READ COMMITTED; ") + useSchema);
                }
                T result = work.run(session);
                connection.commit();
                done = true;
                return result;
            } finally {
                try {
                    if (!done) {
                        connection.rollback();
                    }
                    session.release();
                    connection.setAutoCommit(autoCommit);
                } catch (SQLException broken) {
                    // The pool finds out for itself. What was committed stays so, and what went wrong before is being
                    // thrown.
                }
            }
        }
    }

    /**
     * Undone by the server for the sake of another transaction: the same again can succeed. A key that was free when it was
     * looked for and is taken now (23505) is then found, and answered as what it is; a row that was there and is gone
     * (23503) is then missed.
     */
    private static boolean isWorthAnotherAttempt(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("40001")
                || state.equals("40P01")
                || state.equals("55P03")
                || state.equals("23505")
                || state.equals("23503");
    }

    private StorageException failure(String what, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String remedy;
        boolean retryable = true;
        if (isWorthAnotherAttempt(e)) {
            remedy = "other transactions were in the way " + ATTEMPTS + " times; try again";
        } else if (state.startsWith("08") || state.startsWith("57P")) {
            remedy = "the server cannot be reached, or ended the connection; try again when it is up";
        } else if (state.startsWith("53")) {
            remedy = "the server is out of connections, memory or disk space; try again when there is some";
        } else if (state.startsWith("28") || state.equals("42501")) {
            remedy =
                    "this user is not allowed to; grant it CREATE on the database, or create the schema and grant it USAGE"
                            + " and CREATE there and all rights on its tables";
            retryable = false;
        } else if (state.startsWith("25006")) {
            remedy = "the server takes no writes: is it a standby? Connect to the primary";
        } else {
            remedy = "see the cause";
            retryable = false;
        }
        return new StorageException(
                String.format(Locale.ROOT, "%s: %s: %s (%s)", what, this, remedy, e.getMessage()), e, retryable);
    }

    /** Refuses further work; the connections are the host's. */
    void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "PostgreSQL schema '" + schema + "'";
    }
}
