package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Fields;
import io.jvmlops.api.tracking.RunTags;
import java.util.Map;

/**
 * Where the fields of what is searched are.
 *
 * @param id of the row that is searched
 * @param attributes by name; the row's columns, or expressions of them
 * @param tags and params: in rows of their own
 * @param metricKeys by name, of those that there are
 */
record Layout(
        SqlDialect dialect,
        String id,
        Map<String, Column> attributes,
        Pairs tags,
        Pairs params,
        Map<String, Long> metricKeys) {
    sealed interface Place {}

    /**
     * @param ordered what sorts as the attribute does
     */
    record Column(String sql, String ordered, boolean optional) implements Place {
        static Column of(String sql) {
            return new Column(sql, sql, false);
        }

        static Column optional(String sql) {
            return new Column(sql, sql, true);
        }

        /** A row's id, which people see as a text. */
        static Column id(String sql) {
            return new Column("CAST(" + sql + " AS TEXT)", sql, false);
        }
    }

    /** Names and values of an owner. */
    record Pairs(String table, String owner) {}

    record Pair(Pairs pairs, String name) implements Place {}

    /**
     * @param key -1 if there is no such metric anywhere
     */
    record Metric(long key) implements Place {}

    /**
     * @param column of a row {@code v} of {@code input}
     */
    record Dataset(String column) implements Place {}

    private static final Map<String, Column> RUN = Map.of(
            "run_id", Column.of("r.uid"),
            "run_name", Column.of("r.name"),
            "status", Column.of("r.status"),
            "artifact_uri", Column.of("('runs:/' || r.uid)"),
            "start_time", Column.of("r.started_at"),
            "end_time", Column.optional("r.ended_at"),
            "experiment_id", Column.id("r.experiment"),
            "end_reason", Column.optional("r.end_reason"));

    private static final Map<String, Column> EXPERIMENT = Map.of(
            "name", Column.of("e.name"),
            "experiment_id", Column.id("e.id"),
            "creation_time", Column.of("e.created_at"),
            "last_update_time", Column.of("e.updated_at"));

    static Layout ofRuns(SqlDialect dialect, Map<String, Long> metricKeys) {
        return new Layout(dialect, "r.id", RUN, new Pairs("tag", "run"), new Pairs("param", "run"), metricKeys);
    }

    static Layout ofExperiments(SqlDialect dialect) {
        Pairs tags = new Pairs("experiment_tag", "experiment");
        return new Layout(dialect, "e.id", EXPERIMENT, tags, tags, Map.of());
    }

    /** With the id of the same row in another column, of a table that is read before. */
    Layout withId(String other) {
        return new Layout(dialect, other, attributes, tags, params, metricKeys);
    }

    Place place(Field field) {
        return switch (field.kind()) {
            case METRIC -> new Metric(metricKeys.getOrDefault(field.key(), -1L));
            case PARAM -> new Pair(params, field.key());
            case TAG -> new Pair(tags, field.key());
            case DATASET ->
                new Dataset(field.key().equals("digest") ? dialect.hex("v.digest") : "v." + column(field.key()));
            case ATTRIBUTE -> attribute(field);
        };
    }

    private static String column(String datasetKey) {
        return switch (datasetKey) {
            case "name" -> "name";
            case "context" -> "context";
            default -> throw new IllegalArgumentException("datasets have no " + datasetKey);
        };
    }

    private Place attribute(Field field) {
        if (field.equals(Fields.USER_ID)) {
            return new Pair(tags, RunTags.USER);
        }
        Column column = attributes.get(field.key());
        if (column == null) {
            throw new IllegalArgumentException("no column for " + field);
        }
        return column;
    }
}
