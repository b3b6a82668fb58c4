package io.jvmlops.tracking.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection with the statements it has prepared. Used by one thread at a time. A result is closed before its
 * statement is used again.
 */
final class Session implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Session(Connection connection) {
        this.connection = connection;
    }

    /** The statement of that text. All texts are constants of this package, so there are only so many. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    ResultSet query(String sql, @Nullable Object... arguments) throws SQLException {
        return bound(sql, arguments).executeQuery();
    }

    /** Returns how many rows it changed. */
    int update(String sql, @Nullable Object... arguments) throws SQLException {
        return bound(sql, arguments).executeUpdate();
    }

    /** The first column of the first row, or null if there is none or it is NULL. */
    @Nullable
    Long findLong(String sql, @Nullable Object... arguments) throws SQLException {
        try (ResultSet rows = query(sql, arguments)) {
            if (!rows.next()) {
                return null;
            }
            long value = rows.getLong(1);
            return rows.wasNull() ? null : value;
        }
    }

    /** The first column of the first row, or null if there is none or it is NULL. */
    @Nullable
    String findText(String sql, @Nullable Object... arguments) throws SQLException {
        try (ResultSet rows = query(sql, arguments)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /** The rowid of the row that this session inserted last. */
    long lastId() throws SQLException {
        Long id = findLong("SELECT last_insert_rowid()");
        if (id == null) {
            throw new SQLException("last_insert_rowid() gave nothing");
        }
        return id;
    }

    void execute(String sql) throws SQLException {
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
