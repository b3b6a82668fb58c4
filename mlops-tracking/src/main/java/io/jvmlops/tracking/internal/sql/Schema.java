package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.series.ValueOrder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables of every database, and how those of an older library become those of this one. */
public final class Schema {
    /** What this library reads and writes. */
    public static final int VERSION = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    /** How much of a text an index holds; a param's whole value would not fit into a page of PostgreSQL's. */
    static final int INDEXED = 64;

    /**
     * Instants are milliseconds since the epoch, digests 32 bytes, a metric's value is a {@link ValueOrder} code. The
     * metric tables reference nothing: their ids are looked up in the transaction that writes them. What they hold is
     * said in {@link SeriesRow}.
     */
    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE experiment (
              id {id},
              name {text} NOT NULL UNIQUE,
              created_at {int} NOT NULL,
              updated_at {int} NOT NULL,
              deleted_at {int})""",
            """
            CREATE TABLE experiment_tag (
              experiment {int} NOT NULL REFERENCES experiment,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (experiment, name)){keyed}""",
            """
            CREATE TABLE run (
              id {id},
              uid {text} NOT NULL UNIQUE,
              experiment {int} NOT NULL REFERENCES experiment,
              name {text} NOT NULL,
              status {text} NOT NULL,
              started_at {int} NOT NULL,
              ended_at {int},
              end_reason {text},
              deleted_at {int},
              beat_at {int},
              lease_until {int})""",
            "CREATE INDEX run_by_experiment ON run (experiment, started_at)",
            "CREATE INDEX run_by_start ON run (started_at)",
            "CREATE INDEX run_by_lease ON run (lease_until) WHERE status = 'RUNNING' AND lease_until IS NOT NULL",
            """
            CREATE TABLE param (
              run {int} NOT NULL REFERENCES run,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (run, name)){keyed}""",
            "CREATE INDEX param_by_value ON param (name, {prefix})",
            """
            CREATE TABLE tag (
              run {int} NOT NULL REFERENCES run,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (run, name)){keyed}""",
            "CREATE INDEX tag_by_value ON tag (name, {prefix})",
            """
            CREATE TABLE input (
              run {int} NOT NULL REFERENCES run,
              position {int} NOT NULL,
              name {text} NOT NULL,
              digest {blob} NOT NULL,
              source {text} NOT NULL,
              context {text},
              PRIMARY KEY (run, position)){keyed}""",
            "CREATE INDEX input_by_dataset ON input (digest)",
            """
            CREATE TABLE artifact (
              run {int} NOT NULL REFERENCES run,
              path {text} NOT NULL,
              size {int} NOT NULL,
              digest {blob} NOT NULL,
              PRIMARY KEY (run, path)){keyed}""",
            "CREATE INDEX artifact_by_digest ON artifact (digest)",
            """
            CREATE TABLE metric_key (
              id {id},
              name {text} NOT NULL UNIQUE)""",
            """
            CREATE TABLE metric_series (
              id {id},
              run {int} NOT NULL,
              key {int} NOT NULL,
              points {int} NOT NULL,
              step {int} NOT NULL,
              at {int} NOT NULL,
              value {int} NOT NULL,
              first_step {int} NOT NULL,
              last_step {int} NOT NULL,
              min_at {int} NOT NULL,
              head_points {int} NOT NULL,
              sealed_points {int} NOT NULL,
              sealed_first {int} NOT NULL,
              sealed_step {int} NOT NULL,
              sealed_at {int} NOT NULL,
              sealed_value {int} NOT NULL,
              chunks {int} NOT NULL,
              late {int} NOT NULL,
              version {int} NOT NULL,
              page_base {int},
              page_bytes {int} NOT NULL,
              page_built {int} NOT NULL,
              tail {blob} NOT NULL,
              UNIQUE (run, key))""",
            "CREATE INDEX metric_series_by_value ON metric_series (key, value, run)",
            """
            CREATE TABLE metric_head (
              series {int} PRIMARY KEY,
              data {blob} NOT NULL)""",
            """
            CREATE TABLE metric_chunk (
              id {id},
              series {int} NOT NULL,
              points {int} NOT NULL,
              first_step {int} NOT NULL,
              first_at {int} NOT NULL,
              first_value {int} NOT NULL,
              last_step {int} NOT NULL,
              last_at {int} NOT NULL,
              last_value {int} NOT NULL,
              min_at {int} NOT NULL,
              max_at {int} NOT NULL,
              data {blob} NOT NULL)""",
            "CREATE INDEX metric_chunk_by_series ON metric_chunk (series, first_step, last_step)",
            """
            CREATE TABLE metric_page (
              series {int} NOT NULL,
              level {int} NOT NULL,
              page {int} NOT NULL,
              nodes {blob} NOT NULL,
              PRIMARY KEY (series, level, page))""",
            """
            CREATE TABLE metric_writer (
              run {int} NOT NULL,
              writer {text} NOT NULL,
              sequence {int} NOT NULL,
              PRIMARY KEY (run, writer)){keyed}""",
            """
            CREATE TABLE model (
              id {id},
              name {text} NOT NULL UNIQUE,
              description {text} NOT NULL DEFAULT '',
              last_version {int} NOT NULL DEFAULT 0,
              created_at {int} NOT NULL DEFAULT 0,
              updated_at {int} NOT NULL DEFAULT 0,
              deleted_at {int})""",
            """
            CREATE TABLE model_tag (
              model {int} NOT NULL REFERENCES model,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (model, name)){keyed}""",
            """
            CREATE TABLE model_version (
              id {id},
              model {int} NOT NULL REFERENCES model,
              version {int} NOT NULL,
              digest {blob} NOT NULL,
              manifest {blob} NOT NULL,
              run_uid {text},
              created_at {int} NOT NULL,
              created_by {text} NOT NULL,
              updated_at {int} NOT NULL DEFAULT 0,
              description {text} NOT NULL DEFAULT '',
              signature {text},
              input_example {text},
              source_commit {text},
              deleted_at {int},
              UNIQUE (model, version))""",
            "CREATE INDEX model_version_by_run ON model_version (run_uid) WHERE run_uid IS NOT NULL",
            """
            CREATE TABLE version_tag (
              model_version {int} NOT NULL REFERENCES model_version,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (model_version, name)){keyed}""",
            """
            CREATE TABLE version_file (
              digest {blob} NOT NULL,
              model_version {int} NOT NULL REFERENCES model_version,
              PRIMARY KEY (digest, model_version)){keyed}""",
            """
            CREATE TABLE version_dataset (
              model_version {int} NOT NULL REFERENCES model_version,
              position {int} NOT NULL,
              name {text} NOT NULL,
              digest {blob} NOT NULL,
              source {text} NOT NULL,
              PRIMARY KEY (model_version, position)){keyed}""",
            "CREATE INDEX version_dataset_by_digest ON version_dataset (digest)",
            """
            CREATE TABLE provenance (
              model_version {int} NOT NULL REFERENCES model_version,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (model_version, name)){keyed}""",
            """
            CREATE TABLE environment (
              model_version {int} NOT NULL REFERENCES model_version,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (model_version, name)){keyed}""",
            """
            CREATE TABLE alias (
              model {int} NOT NULL REFERENCES model,
              name {text} NOT NULL,
              version {int} NOT NULL,
              PRIMARY KEY (model, name),
              FOREIGN KEY (model, version) REFERENCES model_version (model, version)){keyed}""",
            """
            CREATE TABLE alias_change (
              sequence {int} PRIMARY KEY,
              model {int} NOT NULL REFERENCES model,
              alias {text} NOT NULL,
              kind {text} NOT NULL,
              from_version {int},
              to_version {int},
              previous {int},
              who {text} NOT NULL,
              at {int} NOT NULL,
              why {text} NOT NULL)""",
            "CREATE INDEX alias_change_by_alias ON alias_change (model, alias, sequence)",
            """
            CREATE TABLE dataset (
              id {id},
              name {text} NOT NULL UNIQUE,
              last_version {int} NOT NULL)""",
            """
            CREATE TABLE dataset_version (
              id {id},
              dataset {int} NOT NULL REFERENCES dataset,
              version {int} NOT NULL,
              digest {blob} NOT NULL,
              source {text} NOT NULL,
              files {int} NOT NULL,
              size {int} NOT NULL,
              created_at {int} NOT NULL,
              created_by {text} NOT NULL,
              description {text} NOT NULL,
              deleted_at {int},
              UNIQUE (dataset, version))""",
            "CREATE INDEX dataset_version_by_digest ON dataset_version (digest)",
            """
            CREATE TABLE dataset_tag (
              dataset_version {int} NOT NULL REFERENCES dataset_version,
              name {text} NOT NULL,
              value {text} NOT NULL,
              PRIMARY KEY (dataset_version, name)){keyed}""",
            """
            CREATE TABLE counter (
              name {text} PRIMARY KEY,
              value {int} NOT NULL){keyed}""",
            "INSERT INTO counter (name, value) VALUES ('alias_change', 0)",
            """
            CREATE TABLE collection (
              owner {text} PRIMARY KEY,
              collected_before {int} NOT NULL){keyed}""",
            "INSERT INTO collection (owner, collected_before) VALUES ('runs', 0), ('models', 0), ('datasets', 0)");

    private Schema() {}

    /**
     * Whether the database has the tables of this version.
     *
     * @throws StorageException if it was written by a newer library
     */
    public static boolean isCurrent(Session session, SqlDialect dialect, String where) throws SQLException {
        int found = dialect.schemaVersion(session);
        if (found > VERSION) {
            throw new StorageException(
                    where + " was written by a newer version of JVMLOps: it has schema " + found
                            + ", this library knows up to " + VERSION + ". Update the library; nothing was changed",
                    null);
        }
        return found == VERSION;
    }

    /**
     * Brings the database to this version: creates the tables, or changes those of an older version. Within the caller's
     * write transaction, which sees to it that nobody else does the same.
     *
     * @param where for messages
     */
    public static void migrate(Session session, SqlDialect dialect, String where) throws SQLException {
        if (isCurrent(session, dialect, where)) {
            // Somebody else was quicker.
            return;
        }
        int from = dialect.schemaVersion(session);
        if (from == 0) {
            for (String table : TABLES) {
                session.execute(define(dialect, table));
            }
        } else {
            LOG.info("{}: schema {} becomes schema {}", where, from, VERSION);
            for (int version = from; version < VERSION; version++) {
                MIGRATIONS.get(version - 1).apply(session, dialect);
            }
            LOG.info("{}: has schema {} now", where, VERSION);
        }
        dialect.setSchemaVersion(session, VERSION);
    }

    private static String define(SqlDialect dialect, String template) {
        return dialect.define(template.replace("{prefix}", dialect.prefix("value", INDEXED)));
    }

    /** The definition of a table or of an index on it, as it is in this version. */
    private static List<String> definitions(SqlDialect dialect, String... tables) {
        List<String> found = new ArrayList<>();
        for (String table : tables) {
            for (String definition : TABLES) {
                if (definition.startsWith("CREATE TABLE " + table + " ")
                        || (definition.startsWith("CREATE INDEX") && definition.contains(" ON " + table + " "))) {
                    found.add(define(dialect, definition));
                }
            }
        }
        return found;
    }

    @FunctionalInterface
    private interface Migration {
        void apply(Session session, SqlDialect dialect) throws SQLException;
    }

    /** At index n what makes version n + 2 of version n + 1. What has been released never changes. */
    private static final List<Migration> MIGRATIONS = List.of(Schema::toVersion2, Schema::toVersion3);

    /** Lifecycles, leases, and metrics as chunks rather than a row per point. Only SQLite was ever at version 1. */
    private static void toVersion2(Session session, SqlDialect dialect) throws SQLException {
        session.execute("ALTER TABLE experiment ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0");
        session.execute("UPDATE experiment SET updated_at = created_at");
        session.execute("ALTER TABLE experiment ADD COLUMN deleted_at INTEGER");
        session.execute("ALTER TABLE run ADD COLUMN deleted_at INTEGER");
        session.execute("ALTER TABLE run ADD COLUMN beat_at INTEGER");
        session.execute("ALTER TABLE run ADD COLUMN lease_until INTEGER");
        session.execute("ALTER TABLE input ADD COLUMN context TEXT");
        session.execute("ALTER TABLE metric RENAME TO metric_1");
        for (String definition : definitions(
                dialect,
                "experiment_tag",
                "metric_series",
                "metric_head",
                "metric_chunk",
                "metric_page",
                "metric_writer")) {
            session.execute(definition);
        }
        session.execute(define(dialect, "CREATE INDEX param_by_value ON param (name, {prefix})"));
        session.execute(define(dialect, "CREATE INDEX tag_by_value ON tag (name, {prefix})"));
        session.execute("CREATE INDEX run_by_lease ON run (lease_until)"
                + " WHERE status = 'RUNNING' AND lease_until IS NOT NULL");
        PointRows.move(session);
        session.execute("DROP TABLE metric_1");
    }

    /** Datasets, what is known of models and versions, rollback, and collections of garbage. */
    private static void toVersion3(Session session, SqlDialect dialect) throws SQLException {
        for (String column : List.of(
                "model ADD COLUMN description {text} NOT NULL DEFAULT ''",
                "model ADD COLUMN last_version {int} NOT NULL DEFAULT 0",
                "model ADD COLUMN created_at {int} NOT NULL DEFAULT 0",
                "model ADD COLUMN updated_at {int} NOT NULL DEFAULT 0",
                "model ADD COLUMN deleted_at {int}",
                "model_version ADD COLUMN updated_at {int} NOT NULL DEFAULT 0",
                "model_version ADD COLUMN description {text} NOT NULL DEFAULT ''",
                "model_version ADD COLUMN signature {text}",
                "model_version ADD COLUMN input_example {text}",
                "model_version ADD COLUMN source_commit {text}",
                "model_version ADD COLUMN deleted_at {int}")) {
            session.execute(define(dialect, "ALTER TABLE " + column));
        }
        session.execute("UPDATE model_version SET updated_at = created_at");
        session.execute("UPDATE model SET"
                + " last_version = coalesce((SELECT max(version) FROM model_version v WHERE v.model = model.id), 0),"
                + " created_at = coalesce((SELECT min(created_at) FROM model_version v WHERE v.model = model.id), 0),"
                + " updated_at = coalesce((SELECT max(created_at) FROM model_version v WHERE v.model = model.id), 0)");
        session.execute("DROP INDEX alias_change_by_alias");
        session.execute("ALTER TABLE alias_change RENAME TO alias_change_2");
        for (String definition : definitions(
                dialect,
                "model_tag",
                "version_tag",
                "version_file",
                "version_dataset",
                "environment",
                "alias_change",
                "dataset",
                "dataset_version",
                "dataset_tag",
                "counter",
                "collection")) {
            session.execute(definition);
        }
        session.execute("CREATE INDEX input_by_dataset ON input (digest)");
        session.execute("CREATE INDEX artifact_by_digest ON artifact (digest)");
        session.execute(
                "INSERT INTO alias_change (sequence, model, alias, kind, from_version, to_version, previous, who, at, why)"
                        + " SELECT id, model, alias, 'SET', from_version, to_version,"
                        + " lag(id) OVER (PARTITION BY model, alias ORDER BY id), who, at, why FROM alias_change_2");
        session.execute("DROP TABLE alias_change_2");
        session.execute("INSERT INTO counter (name, value)"
                + " SELECT 'alias_change', coalesce(max(sequence), 0) FROM alias_change");
        session.execute(
                "INSERT INTO collection (owner, collected_before) VALUES ('runs', 0), ('models', 0), ('datasets', 0)");
        VersionFiles.addAll(session);
    }
}
