package io.jvmlops.tracking.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** A schema as a script that makes it again: the statements that made its tables, as they ran, and its rows. */
public final class PostgresDump {
    private final DataSource source;
    private final String schema;
    private final Set<String> definitions = new LinkedHashSet<>();

    public PostgresDump(DataSource source, String schema) {
        this.source = source;
        this.schema = schema;
    }

    public String schema() {
        return schema;
    }

    /** A source of connections that remembers which tables and indexes are made through them. */
    public DataSource recordingSource() {
        return proxy(DataSource.class, source);
    }

    private <T> T proxy(Class<T> type, Object target) {
        return type.cast(Proxy.newProxyInstance(
                PostgresDump.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getName().startsWith("execute")
                            && arguments != null
                            && arguments[0] instanceof String sql
                            && sql.matches("(?s)CREATE (TABLE|INDEX|UNIQUE INDEX).*")) {
                        definitions.add(sql);
                    }
                    Object result;
                    try {
                        result = method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                    if (result instanceof Connection) {
                        return proxy(Connection.class, result);
                    }
                    return method.getName().equals("createStatement") ? proxy(Statement.class, result) : result;
                }));
    }

    /** Statements, each of which ends with {@code ;} at the end of a line, for {@link #load}. */
    public String script() throws SQLException {
        StringBuilder script = new StringBuilder();
        for (String definition : definitions) {
            script.append(definition).append(";\n");
        }
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path TO " + schema);
            for (String table : strings(
                    statement,
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = '" + schema
                            + "' ORDER BY table_name")) {
                List<String> columns = strings(
                        statement,
                        "SELECT column_name FROM information_schema.columns WHERE table_schema = '" + schema
                                + "' AND table_name = '" + table + "' ORDER BY ordinal_position");
                String names = String.join(", ", columns);
                String values = String.join(
                        " || ', ' || ",
                        columns.stream()
                                .map(column -> "quote_nullable(CAST(" + column + " AS TEXT))")
                                .toList());
                for (String row : strings(statement, "SELECT " + values + " FROM " + table + " ORDER BY " + names)) {
                    script.append("INSERT INTO ")
                            .append(table)
                            .append(" (")
                            .append(names)
                            .append(") VALUES (")
                            .append(row)
                            .append(");\n");
                }
                if (columns.contains("id")) {
                    script.append("SELECT setval(pg_get_serial_sequence('")
                            .append(table)
                            .append("', 'id'), (SELECT coalesce(max(id), 1) FROM ")
                            .append(table)
                            .append("));\n");
                }
            }
        }
        return script.toString();
    }

    /** Makes the schema, which must not exist, and runs the script in it. */
    public static void load(DataSource source, String schema, String script) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
            statement.execute("SET search_path TO " + schema);
            // The rows of a table may come before those that they refer to.
            statement.execute("SET session_replication_role = replica");
            statement.execute(script);
        }
    }

    private static List<String> strings(Statement statement, String query) throws SQLException {
        List<String> strings = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
        }
        return strings;
    }
}
