package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.sql.Session;
import io.jvmlops.tracking.internal.sql.SqlDialect;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;

/** SQLite's SQL, and how a file says what it is. */
final class SqliteDialect implements SqlDialect {
    static final SqliteDialect INSTANCE = new SqliteDialect();

    /** "JVML" in ASCII: what {@code file(1)} and SQLite's tools show as the owner of the file. */
    static final int APPLICATION_ID = 0x4A564D4C;

    /** One statement, and so one state of the file: another process may be creating the tables at this moment. */
    private static final String LOOK = """
            SELECT (SELECT application_id FROM pragma_application_id),
                   (SELECT user_version FROM pragma_user_version),
                   (SELECT count(*) FROM sqlite_schema)""";

    private SqliteDialect() {}

    /** @throws StorageException if the file holds something, and not ours */
    static void requireOurs(Session session, Path file) throws SQLException {
        try (ResultSet row = session.query(LOOK)) {
            if (!row.next()) {
                throw new SQLException("a query of scalars gave nothing");
            }
            long application = row.getLong(1);
            if (application != APPLICATION_ID && (application != 0 || row.getLong(2) != 0 || row.getLong(3) > 0)) {
                throw new StorageException(
                        String.format(
                                "database %s belongs to another program (application id 0x%08X, expected 0x%08X). "
                                        + "Choose another file; this one was not changed",
                                file, application, APPLICATION_ID),
                        null);
            }
        }
    }

    @Override
    public String identity() {
        return "INTEGER PRIMARY KEY";
    }

    /** SQLite hands out the greatest key plus one, so the last row that was removed would come back as another. */
    @Override
    public String newIdentity(String table) {
        return "(SELECT 1 + max(coalesce((SELECT max(id) FROM " + table + "), 0), coalesce((SELECT value FROM counter"
                + " WHERE name = '" + table + "'), 0)))";
    }

    @Override
    public void retire(Session session, String table, long id) throws SQLException {
        session.update(
                "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
                        + " value = max(value, excluded.value)",
                table,
                id);
    }

    @Override
    public String integer() {
        return "INTEGER";
    }

    @Override
    public String blob() {
        return "BLOB";
    }

    @Override
    public String text() {
        return "TEXT";
    }

    @Override
    public String keyed() {
        return " WITHOUT ROWID";
    }

    @Override
    public String now() {
        return "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    }

    /** Nobody else writes in a write transaction. */
    @Override
    public String forUpdate() {
        return "";
    }

    @Override
    public String forShare() {
        return "";
    }

    @Override
    public String forUpdateOfUnlocked() {
        return "";
    }

    @Override
    public String hex(String column) {
        return "lower(hex(" + column + "))";
    }

    /** SQLite's LIKE ignores the case of A to Z, and of no other letters; its GLOB ignores none. */
    @Override
    public String like(String expression, boolean ignoreCase, boolean negated) {
        return expression + (negated ? " NOT" : "") + (ignoreCase ? " LIKE ?" : " GLOB ?");
    }

    @Override
    public String likePattern(String pattern, boolean ignoreCase) {
        if (ignoreCase) {
            return pattern;
        }
        StringBuilder glob = new StringBuilder(pattern.length() + 16);
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            switch (c) {
                case '%' -> glob.append('*');
                case '_' -> glob.append('?');
                case '*', '?', '[' -> glob.append('[').append(c).append(']');
                default -> glob.append(c);
            }
        }
        return glob.toString();
    }

    /** It does after ANALYZE, which nobody runs. */
    @Override
    public boolean plansByItself() {
        return false;
    }

    @Override
    public String using(String index) {
        return " INDEXED BY " + index;
    }

    @Override
    public String join() {
        return " CROSS JOIN ";
    }

    @Override
    public int schemaVersion(Session session) throws SQLException {
        Long version = session.findLong("SELECT user_version FROM pragma_user_version");
        return version == null ? 0 : Math.toIntExact(version);
    }

    @Override
    public void setSchemaVersion(Session session, int version) throws SQLException {
        session.execute("PRAGMA application_id = " + APPLICATION_ID);
        session.execute("PRAGMA user_version = " + version);
    }
}
