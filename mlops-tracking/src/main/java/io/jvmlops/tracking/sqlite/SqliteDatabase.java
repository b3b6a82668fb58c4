package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.OwnerOnly;
import io.jvmlops.tracking.internal.sql.Schema;
import io.jvmlops.tracking.internal.sql.Session;
import io.jvmlops.tracking.internal.sql.SqlDatabase;
import io.jvmlops.tracking.internal.sql.SqlDialect;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * One SQLite file: a connection that writes, held by one thread at a time, and a few that read. In a write-ahead log
 * readers see the last commit and wait for nobody.
 */
final class SqliteDatabase implements SqlDatabase, AutoCloseable {
    private static final int READERS = 4;

    private final Path file;
    private final int busyTimeoutMillis;
    private final ReentrantLock writing = new ReentrantLock();
    private final Session writer;
    private final Semaphore reading = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<Session> idleReaders = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    private SqliteDatabase(Path file, int busyTimeoutMillis) throws SQLException {
        this.file = file;
        this.busyTimeoutMillis = busyTimeoutMillis;
        Session session = connect();
        try {
            prepare(session);
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        this.writer = session;
    }

    /** @throws StorageException see {@link SqliteStores#open} */
    static SqliteDatabase open(Path file, Duration busyTimeout) {
        Path absolute = file.toAbsolutePath().normalize();
        createForOwner(absolute);
        try {
            return new SqliteDatabase(absolute, (int) busyTimeout.toMillis());
        } catch (SQLException e) {
            throw failure("open", absolute, e);
        }
    }

    /** An empty file is an empty database; SQLite gives its neighbours the permissions of the file. */
    private static void createForOwner(Path file) {
        try {
            OwnerOnly.createFile(file);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(file)) {
                throw new StorageException("database " + file + " is a folder; expected a file", e);
            }
        } catch (IOException e) {
            throw new StorageException(
                    "database " + file + " cannot be created: " + e + ". Its folder must exist and "
                            + System.getProperty("user.name", "this user") + " must be allowed to write to it",
                    e);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public SqlDialect dialect() {
        return SqliteDialect.INSTANCE;
    }

    @Override
    public <T> T read(String what, Work<T> work) {
        requireOpen();
        reading.acquireUninterruptibly();
        try {
            requireOpen();
            Session session = idleReaders.pollFirst();
            boolean usable = true;
            try {
                if (session == null) {
                    session = connect();
                    session.execute("PRAGMA query_only = ON");
                }
                return inTransaction(session, "BEGIN", work);
            } catch (SQLException e) {
                usable = false;
                throw failure(what, file, e);
            } finally {
                if (session != null) {
                    if (usable) {
                        idleReaders.addFirst(session);
                    } else {
                        closeQuietly(session);
                    }
                }
            }
        } finally {
            reading.release();
        }
    }

    @Override
    public <T> T write(String what, Work<T> work) {
        requireOpen();
        writing.lock();
        try {
            requireOpen();
            return inTransaction(writer, "BEGIN IMMEDIATE", work);
        } catch (SQLException e) {
            throw failure(what, file, e);
        } finally {
            writing.unlock();
        }
    }

    private static <T> T inTransaction(Session session, String begin, Work<T> work) throws SQLException {
        session.execute(begin);
        boolean done = false;
        try {
            T result = work.run(session);
            session.execute("COMMIT");
            done = true;
            return result;
        } finally {
            if (!done) {
                try {
                    session.execute("ROLLBACK");
                } catch (SQLException alreadyRolledBack) {
                    // SQLite rolls back by itself on a full disk or an I/O error; what went wrong is being thrown.
                }
            }
        }
    }

    private void prepare(Session session) throws SQLException {
        boolean current = untilFree(() -> {
            SqliteDialect.requireOurs(session, file);
            return Schema.isCurrent(session, dialect(), toString());
        });
        // Processes that start at once can find this locked without SQLite waiting for each other.
        untilFree(() -> {
            String mode = session.findText("PRAGMA journal_mode = WAL");
            if (!"wal".equalsIgnoreCase(mode)) {
                throw new StorageException(
                        "database " + file + " cannot use a write-ahead log (journal mode is " + mode
                                + "). Put it on a local disk",
                        null);
            }
            return true;
        });
        if (!current) {
            inTransaction(session, "BEGIN IMMEDIATE", s -> {
                SqliteDialect.requireOurs(s, file);
                Schema.migrate(s, dialect(), toString());
                return true;
            });
        }
    }

    private <T> T untilFree(Attempt<T> attempt) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(busyTimeoutMillis);
        while (true) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                if (!isBusy(e) || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private Session connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(busyTimeoutMillis);
        config.enforceForeignKeys(true);
        // KiB, taken as needed: a search of many runs reads more pages than SQLite's own 2 MB hold.
        config.setCacheSize(-16_000);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // The file exists by now; one that has vanished is not to be replaced by an empty one.
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        Properties properties = config.toProperties();
        // As a URI, so that no character of the path means anything to the driver.
        return new Session(JDBC.createConnection("jdbc:sqlite:" + file.toUri(), properties));
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("database " + file + " has been closed");
        }
    }

    @Override
    public void close() {
        writing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            reading.acquireUninterruptibly(READERS);
            try {
                idleReaders.forEach(SqliteDatabase::closeQuietly);
                idleReaders.clear();
            } finally {
                reading.release(READERS);
            }
            writer.close();
        } catch (SQLException e) {
            throw failure("close", file, e);
        } finally {
            writing.unlock();
        }
    }

    private static void closeQuietly(Session session) {
        try {
            session.close();
        } catch (SQLException e) {
            // Nothing was written through it.
        }
    }

    private static boolean isBusy(SQLException e) {
        int code = primaryCode(e);
        return code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code;
    }

    private static int primaryCode(SQLException e) {
        return e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : -1;
    }

    private static StorageException failure(String what, Path file, SQLException e) {
        int code = primaryCode(e);
        String remedy;
        if (isBusy(e)) {
            remedy = "another process kept it locked for longer than the busy timeout; try again";
        } else if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
            remedy = "it is not a SQLite database; choose another file, or restore this one from a backup";
        } else if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
            remedy = "it is damaged; restore it from a backup, or save what can be read with 'sqlite3 <file> .recover'";
        } else if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            remedy = "the disk is full; free some space and try again";
        } else if (code == SQLiteErrorCode.SQLITE_READONLY.code
                || code == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || code == SQLiteErrorCode.SQLITE_PERM.code) {
            remedy = "it cannot be written; file and folder must be there and writable for "
                    + System.getProperty("user.name", "this user");
        } else {
            remedy = "see the cause";
        }
        return new StorageException(
                String.format(Locale.ROOT, "%s: database %s: %s (%s)", what, file, remedy, e.getMessage()),
                e,
                isBusy(e));
    }

    @Override
    public String toString() {
        return "database " + file;
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws SQLException;
    }
}
