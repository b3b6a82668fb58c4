package io.jvmlops.tracking.internal.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection with the statements it has prepared. Used by one thread at a time. A result is closed before its
 * statement is used again.
 */
public final class Session implements AutoCloseable {
    private static final int STATEMENTS = 128;

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>(16, 0.75f, true);

    public Session(Connection connection) {
        this.connection = connection;
    }

    /** The statement of that text; the ones used last are kept. */
    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            if (prepared.size() == STATEMENTS) {
                Iterator<PreparedStatement> eldest = prepared.values().iterator();
                eldest.next().close();
                eldest.remove();
            }
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    public ResultSet query(String sql, @Nullable Object... arguments) throws SQLException {
        return bound(sql, arguments).executeQuery();
    }

    /** Returns how many rows it changed. */
    public int update(String sql, @Nullable Object... arguments) throws SQLException {
        return bound(sql, arguments).executeUpdate();
    }

    /** The first column of the first row, or null if there is none or it is NULL. */
    public @Nullable Long findLong(String sql, @Nullable Object... arguments) throws SQLException {
        try (ResultSet rows = query(sql, arguments)) {
            if (!rows.next()) {
                return null;
            }
            long value = rows.getLong(1);
            return rows.wasNull() ? null : value;
        }
    }

    /** The first column of the first row, or null if there is none or it is NULL. */
    public @Nullable String findText(String sql, @Nullable Object... arguments) throws SQLException {
        try (ResultSet rows = query(sql, arguments)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /**
     * The first column of the first row.
     *
     * @throws SQLException also if there is none or it is NULL
     */
    public long requireLong(String sql, @Nullable Object... arguments) throws SQLException {
        Long value = findLong(sql, arguments);
        if (value == null) {
            throw new SQLException("a statement that must give a number gave none: " + sql);
        }
        return value;
    }

    /** Forgets the statements, and leaves the connection to its owner. */
    public void release() throws SQLException {
        for (PreparedStatement statement : prepared.values()) {
            statement.close();
        }
        prepared.clear();
    }

    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object... arguments) throws SQLException {
        PreparedStatement statement = prepare(sql);
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
