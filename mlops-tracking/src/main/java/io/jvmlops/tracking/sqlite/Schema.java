package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.StorageException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The tables, and how a file says that it holds them. */
final class Schema {
    /** "JVML" in ASCII: what {@code file(1)} and SQLite's tools show as the owner of the file. */
    static final int APPLICATION_ID = 0x4A564D4C;

    static final int VERSION = 1;

    /**
     * Instants are milliseconds since the epoch, digests 32 bytes. The primary key of {@code metric} is the order of
     * MetricPoint.BY_STEP, so that a history is one scan and the latest point one seek; see {@link SortableDouble}. It
     * references nothing: a check of two foreign keys for every point would cost more than the insert, and the ids are
     * looked up in the same transaction.
     */
    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE experiment (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE,
              created_at INTEGER NOT NULL)""",
            """
            CREATE TABLE run (
              id INTEGER PRIMARY KEY,
              uid TEXT NOT NULL UNIQUE,
              experiment INTEGER NOT NULL REFERENCES experiment,
              name TEXT NOT NULL,
              status TEXT NOT NULL,
              started_at INTEGER NOT NULL,
              ended_at INTEGER,
              end_reason TEXT)""",
            "CREATE INDEX run_by_experiment ON run (experiment, started_at)",
            "CREATE INDEX run_by_start ON run (started_at)",
            """
            CREATE TABLE param (
              run INTEGER NOT NULL REFERENCES run,
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (run, name)) WITHOUT ROWID""",
            """
            CREATE TABLE tag (
              run INTEGER NOT NULL REFERENCES run,
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (run, name)) WITHOUT ROWID""",
            """
            CREATE TABLE input (
              run INTEGER NOT NULL REFERENCES run,
              position INTEGER NOT NULL,
              name TEXT NOT NULL,
              digest BLOB NOT NULL,
              source TEXT NOT NULL,
              PRIMARY KEY (run, position)) WITHOUT ROWID""",
            """
            CREATE TABLE artifact (
              run INTEGER NOT NULL REFERENCES run,
              path TEXT NOT NULL,
              size INTEGER NOT NULL,
              digest BLOB NOT NULL,
              PRIMARY KEY (run, path)) WITHOUT ROWID""",
            """
            CREATE TABLE metric_key (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE)""",
            """
            CREATE TABLE metric (
              run INTEGER NOT NULL,
              key INTEGER NOT NULL,
              step INTEGER NOT NULL,
              at INTEGER NOT NULL,
              value INTEGER NOT NULL,
              times INTEGER NOT NULL DEFAULT 1,
              PRIMARY KEY (run, key, step, at, value)) WITHOUT ROWID""",
            """
            CREATE TABLE model (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE)""",
            """
            CREATE TABLE model_version (
              id INTEGER PRIMARY KEY,
              model INTEGER NOT NULL REFERENCES model,
              version INTEGER NOT NULL,
              digest BLOB NOT NULL,
              manifest BLOB NOT NULL,
              run_uid TEXT,
              created_at INTEGER NOT NULL,
              created_by TEXT NOT NULL,
              UNIQUE (model, version))""",
            "CREATE INDEX model_version_by_run ON model_version (run_uid) WHERE run_uid IS NOT NULL",
            """
            CREATE TABLE provenance (
              model_version INTEGER NOT NULL REFERENCES model_version,
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (model_version, name)) WITHOUT ROWID""",
            """
            CREATE TABLE alias (
              model INTEGER NOT NULL REFERENCES model,
              name TEXT NOT NULL,
              version INTEGER NOT NULL,
              PRIMARY KEY (model, name),
              FOREIGN KEY (model, version) REFERENCES model_version (model, version)) WITHOUT ROWID""",
            """
            CREATE TABLE alias_change (
              id INTEGER PRIMARY KEY,
              model INTEGER NOT NULL REFERENCES model,
              alias TEXT NOT NULL,
              from_version INTEGER,
              to_version INTEGER,
              who TEXT NOT NULL,
              at INTEGER NOT NULL,
              why TEXT NOT NULL)""",
            "CREATE INDEX alias_change_by_alias ON alias_change (model, alias)");

    /** One statement, and so one state of the file: another process may be creating the tables at this moment. */
    private static final String LOOK = """
            SELECT (SELECT application_id FROM pragma_application_id),
                   (SELECT user_version FROM pragma_user_version),
                   (SELECT count(*) FROM sqlite_schema)""";

    private Schema() {}

    /**
     * Whether the file holds our tables; false if it holds nothing yet.
     *
     * @throws StorageException if it holds something else
     */
    static boolean isPresent(Session session, Path file) throws SQLException {
        long application;
        long version;
        long tables;
        try (ResultSet row = session.query(LOOK)) {
            if (!row.next()) {
                throw new SQLException("a query of scalars gave nothing");
            }
            application = row.getLong(1);
            version = row.getLong(2);
            tables = row.getLong(3);
        }
        if (application == APPLICATION_ID) {
            if (version > VERSION) {
                throw new StorageException(
                        "database " + file + " was written by a newer version of JVMLOps: it has schema " + version
                                + ", this library knows up to " + VERSION
                                + ". Update the library; the file was not changed",
                        null);
            }
            return true;
        }
        if (application != 0 || version != 0 || tables > 0) {
            throw new StorageException(
                    String.format(
                            "database %s belongs to another program (application id 0x%08X, expected 0x%08X). "
                                    + "Choose another file; this one was not changed",
                            file, application, APPLICATION_ID),
                    null);
        }
        return false;
    }

    /** Creates the tables; within the caller's transaction. */
    static void create(Session session) throws SQLException {
        for (String table : TABLES) {
            session.execute(table);
        }
        session.execute("PRAGMA application_id = " + APPLICATION_ID);
        session.execute("PRAGMA user_version = " + VERSION);
    }
}
