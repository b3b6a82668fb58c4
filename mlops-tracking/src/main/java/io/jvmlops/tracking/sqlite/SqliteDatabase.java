package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.OwnerOnly;
import io.jvmlops.tracking.internal.sql.Schema;
import io.jvmlops.tracking.internal.sql.Session;
import io.jvmlops.tracking.internal.sql.SqlDatabase;
import io.jvmlops.tracking.internal.sql.SqlDialect;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
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
 *
 * <p>Writers of several processes take turns by asking again and again for the lock, at random moments a few milliseconds
 * apart. SQLite's own waiting asks every 100 ms in the end, and loses to a process that writes all the time.
 */
final class SqliteDatabase implements SqlDatabase, AutoCloseable {
    private static final int READERS = 4;

    /**
     * SQLite copies the log into the file every 1,000 pages, but begins the log anew only at a moment when nobody reads
     * it. With readers at all times it would grow for ever; beyond this size we wait for that moment, for a little while.
     */
    static final long LOG_LIMIT = 16L << 20;

    private static final int LOG_WAIT_MILLIS = 100;

    /** The longest pause between two attempts to get the lock. */
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    private final Path file;
    private final Path log;
    private final FileIdentity identity;
    private final int busyTimeoutMillis;
    private final ReentrantLock writing = new ReentrantLock();
    private final Session writer;
    private final Semaphore reading = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<Session> idleReaders = new ConcurrentLinkedDeque<>();
    /** What the log has to grow to before it is looked after; by the thread that writes. */
    private long logLimit = LOG_LIMIT;

    private volatile boolean closed;

    private SqliteDatabase(Path file, int busyTimeoutMillis) throws SQLException {
        this.file = file;
        this.log = logOf(file);
        this.identity = FileIdentity.of(file);
        this.busyTimeoutMillis = busyTimeoutMillis;
        Session session = untilFree(this::connect);
        try {
            prepare(session);
            // From now on it waits by itself, see untilFree.
            session.execute("PRAGMA busy_timeout = 0");
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        this.writer = session;
    }

    /** Where SQLite puts it: beside the file, not beside a link to it. */
    private static Path logOf(Path file) {
        Path real = file;
        try {
            real = file.toRealPath();
        } catch (IOException unknown) {
            // Whoever opens the file will say what is wrong with it.
        }
        return real.resolveSibling(real.getFileName() + "-wal");
    }

    /** @throws StorageException see {@link SqliteStores#open} */
    static SqliteDatabase open(Path file, Duration busyTimeout) {
        Path absolute = file.toAbsolutePath().normalize();
        LocalDisk.require(absolute);
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
    public boolean isFile(Path other) {
        try {
            return Files.isSameFile(file, other);
        } catch (IOException e) {
            return false;
        }
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
                    session = untilFree(this::connect);
                    session.execute("PRAGMA query_only = ON");
                }
                return inReadTransaction(session, work);
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
            identity.requireStill(what);
            T result = inWriteTransaction(writer, work);
            limitLog();
            return result;
        } catch (SQLException e) {
            throw failure(what, file, e);
        } finally {
            writing.unlock();
        }
    }

    private <T> T inWriteTransaction(Session session, Work<T> work) throws SQLException {
        untilFree(() -> {
            session.execute("BEGIN IMMEDIATE");
            return true;
        });
        return untilCommit(session, work);
    }

    private static <T> T inReadTransaction(Session session, Work<T> work) throws SQLException {
        session.execute("BEGIN");
        return untilCommit(session, work);
    }

    private static <T> T untilCommit(Session session, Work<T> work) throws SQLException {
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

    /** The transaction is committed whatever happens here. */
    private void limitLog() {
        try {
            if (Files.size(log) < logLimit) {
                return;
            }
            writer.execute("PRAGMA busy_timeout = " + LOG_WAIT_MILLIS);
            try {
                writer.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            } finally {
                writer.execute("PRAGMA busy_timeout = 0");
            }
            // Somebody read for longer than we wait: not again at once, each attempt makes writers wait.
            logLimit = Math.max(LOG_LIMIT, Files.size(log) * 5 / 4);
        } catch (IOException | SQLException e) {
            // There is no log, or it is not to be shortened now. The next write looks again.
        }
    }

    /** See {@link SqliteStores#backup}. */
    void backup(Path target) {
        requireOpen();
        Path absolute = target.toAbsolutePath().normalize();
        Path part = null;
        try {
            if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(absolute.toString());
            }
            part = absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".part");
            OwnerOnly.createFile(part);
            try (Session session = untilFree(this::connect)) {
                session.update("VACUUM INTO ?", part.toString());
            }
            force(part);
            moveIfAbsent(part, absolute);
            OwnerOnly.force(Objects.requireNonNull(absolute.getParent()));
        } catch (SQLException e) {
            throw failure("back up to " + absolute, file, e);
        } catch (FileAlreadyExistsException e) {
            throw new StorageException(
                    "back up " + this + ": " + absolute + " is there already and is left as it is; choose another name",
                    e);
        } catch (IOException e) {
            throw new StorageException(
                    "back up " + this + " to " + absolute + ": " + e + ". Its folder must exist, be writable for "
                            + System.getProperty("user.name", "this user") + " and have room for a copy",
                    e);
        } finally {
            if (part != null) {
                try {
                    Files.deleteIfExists(part);
                } catch (IOException left) {
                    // A leftover whose name says what it is.
                }
            }
        }
    }

    private static void force(Path file) throws IOException {
        // An interrupt would close the channel; it is put off until this is done.
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A link, unlike a move, never replaces what somebody else has put there meanwhile. */
    private static void moveIfAbsent(Path part, Path target) throws IOException {
        try {
            Files.createLink(target, part);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException noLinks) {
            Files.move(part, target);
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
            inWriteTransaction(session, s -> {
                SqliteDialect.requireOurs(s, file);
                Schema.migrate(s, dialect(), toString());
                return true;
            });
        }
    }

    private <T> T untilFree(Attempt<T> attempt) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(busyTimeoutMillis);
        long pause = TimeUnit.MICROSECONDS.toNanos(500);
        while (true) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                if (!isBusy(e) || System.nanoTime() - deadline > 0) {
                    throw e;
                }
                // At random, so that no two processes keep step, and all ask about as often.
                long nanos = ThreadLocalRandom.current().nextLong(pause / 2, pause);
                long end = System.nanoTime() + nanos;
                // An interrupt makes it return at once, over and over; whoever was interrupted spins for milliseconds.
                do {
                    LockSupport.parkNanos(nanos);
                } while (System.nanoTime() - end < 0);
                pause = Math.min(pause * 2, MAX_PAUSE_NANOS);
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
        Session session = new Session(JDBC.createConnection("jdbc:sqlite:" + file.toUri(), properties));
        try {
            identity.requireStill("connect");
            return session;
        } catch (RuntimeException e) {
            closeQuietly(session);
            throw e;
        }
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
        return code == SQLiteErrorCode.SQLITE_BUSY.code
                || code == SQLiteErrorCode.SQLITE_LOCKED.code
                // Too many came and went while it looked at the log.
                || code == SQLiteErrorCode.SQLITE_PROTOCOL.code;
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
        } else if (code == SQLiteErrorCode.SQLITE_IOERR.code) {
            remedy =
                    "the operating system could not read or write it. Likely: a limit on the size of files (ulimit -f) or"
                            + " a quota is reached, the disk fails, or it was taken away. What was acknowledged before is kept; put"
                            + " that right and try again";
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
