package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasListeners;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Models, versions and aliases in a database; the versions' bytes are in an artifact store. */
public final class SqlModelRegistry implements ModelRegistry {
    private static final String VERSION_COLUMNS =
            "SELECT v.id, m.name, v.version, v.digest, v.run_uid, v.created_at, v.created_by"
                    + " FROM model_version v JOIN model m ON m.id = v.model ";
    private static final String FIND_MODEL = "SELECT id FROM model WHERE name = ?";

    private final SqlDatabase database;
    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final AliasListeners listeners = new AliasListeners();
    private volatile boolean closed;

    public SqlModelRegistry(
            SqlDatabase database, ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        this.database = database;
        this.artifacts = artifacts;
        this.clock = clock;
        this.actor = actor;
    }

    @Override
    public ModelVersion register(NewModelVersion version) {
        requireOpen();
        List<String> missing = version.files().files().stream()
                .filter(file -> !artifacts.contains(file.digest()))
                .map(FileEntry::path)
                .toList();
        if (!missing.isEmpty()) {
            throw new NotFoundException("model '" + version.name() + "' cannot be registered: its files " + missing
                    + " are not in the artifact store; put them there first");
        }
        String who = actor.get();
        return database.write("register model '" + version.name() + "'", session -> {
            session.update("INSERT INTO model (name) VALUES (?) ON CONFLICT DO NOTHING", version.name());
            long model = Objects.requireNonNull(
                    session.findLong(FIND_MODEL + database.dialect().forUpdate(), version.name()));
            Long newest = session.findLong("SELECT max(version) FROM model_version WHERE model = ?", model);
            int number = newest == null ? 1 : Math.toIntExact(newest + 1);
            long now = clock.millis();
            long id = session.requireLong(
                    "INSERT INTO model_version (model, version, digest, manifest, run_uid, created_at, created_by)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    model,
                    number,
                    SqlTrackingStore.bytes(version.files().digest()),
                    version.files().toBytes(),
                    version.runId(),
                    now,
                    who);
            for (Map.Entry<String, String> fact : version.provenance().entrySet()) {
                session.update(
                        "INSERT INTO provenance (model_version, name, value) VALUES (?, ?, ?)",
                        id,
                        fact.getKey(),
                        fact.getValue());
            }
            return new ModelVersion(
                    version.name(),
                    number,
                    version.files().digest(),
                    version.runId(),
                    Instant.ofEpochMilli(now),
                    who,
                    version.provenance());
        });
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        requireOpen();
        return database.read("find model " + ref, session -> {
            List<ModelVersion> found;
            if (ref instanceof ModelRef.Version exact) {
                found = select(
                        session, VERSION_COLUMNS + "WHERE m.name = ? AND v.version = ?", ref.name(), exact.version());
            } else {
                found = select(
                        session,
                        VERSION_COLUMNS
                                + "JOIN alias a ON a.model = m.id AND a.version = v.version WHERE m.name = ? AND a.name = ?",
                        ref.name(),
                        ((ModelRef.Alias) ref).alias());
            }
            return found.stream().findFirst();
        });
    }

    @Override
    public List<ModelVersion> versions(String model) {
        requireOpen();
        return database.read(
                "versions of model '" + model + "'",
                session -> select(session, VERSION_COLUMNS + "WHERE m.name = ? ORDER BY v.version", model));
    }

    @Override
    public List<ModelVersion> versionsFromRun(String runId) {
        requireOpen();
        return database.read(
                "model versions from run " + runId,
                session -> select(session, VERSION_COLUMNS + "WHERE v.run_uid = ? ORDER BY v.id", runId));
    }

    private static List<ModelVersion> select(Session session, String sql, Object... arguments) throws SQLException {
        List<Long> ids = new ArrayList<>();
        List<ModelVersion> bare = new ArrayList<>();
        try (ResultSet rows = session.query(sql, arguments)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
                bare.add(new ModelVersion(
                        rows.getString(2),
                        rows.getInt(3),
                        SqlTrackingStore.digest(rows.getBytes(4)),
                        rows.getString(5),
                        Instant.ofEpochMilli(rows.getLong(6)),
                        rows.getString(7),
                        Map.of()));
            }
        }
        List<ModelVersion> versions = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            ModelVersion v = bare.get(i);
            versions.add(new ModelVersion(
                    v.name(),
                    v.version(),
                    v.digest(),
                    v.runId(),
                    v.createdAt(),
                    v.createdBy(),
                    SqlTrackingStore.pairs(
                            session, "SELECT name, value FROM provenance WHERE model_version = ?", ids.get(i))));
        }
        return versions;
    }

    @Override
    public List<String> models() {
        requireOpen();
        return database.read("list the models", session -> {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = session.query("SELECT name FROM model")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            Collections.sort(names);
            return names;
        });
    }

    @Override
    public Map<String, Integer> aliases(String model) {
        requireOpen();
        return database.read("aliases of model '" + model + "'", session -> {
            Map<String, Integer> aliases = new TreeMap<>();
            try (ResultSet rows = session.query(
                    "SELECT a.name, a.version FROM alias a JOIN model m ON m.id = a.model WHERE m.name = ?", model)) {
                while (rows.next()) {
                    aliases.put(rows.getString(1), rows.getInt(2));
                }
            }
            return Collections.unmodifiableMap(aliases);
        });
    }

    @Override
    public AliasChange compareAndSetAlias(
            String model, String alias, @Nullable Integer expected, @Nullable Integer to, String why) {
        requireOpen();
        ModelRef.Alias ref = new ModelRef.Alias(model, alias);
        if (expected == null && to == null) {
            throw new InvalidInputException(
                    "alias " + ref + " cannot move from nowhere to nowhere: expected a version before or after");
        }
        String who = actor.get();
        AliasChange change = database.write("move alias " + ref, session -> move(session, ref, expected, to, who, why));
        listeners.tell(change);
        return change;
    }

    private AliasChange move(
            Session session,
            ModelRef.Alias ref,
            @Nullable Integer expected,
            @Nullable Integer to,
            String who,
            String why)
            throws SQLException {
        Long model = session.findLong(FIND_MODEL + database.dialect().forUpdate(), ref.name());
        if (to != null
                && (model == null
                        || session.findLong("SELECT id FROM model_version WHERE model = ? AND version = ?", model, to)
                                == null)) {
            Long newest = session.findLong("SELECT max(version) FROM model_version WHERE model = ?", model);
            throw new NotFoundException("alias " + ref + " cannot point at version " + to
                    + ": there is none; the model has " + (newest == null ? 0 : newest) + " versions");
        }
        Long at = session.findLong("SELECT version FROM alias WHERE model = ? AND name = ?", model, ref.alias());
        Integer present = at == null ? null : Math.toIntExact(at);
        if (!Objects.equals(present, expected)) {
            throw new ConflictException("alias " + ref + " was expected at "
                    + (expected == null ? "no version" : "version " + expected) + " and is at "
                    + (present == null ? "none" : "version " + present));
        }
        if (to == null) {
            session.update("DELETE FROM alias WHERE model = ? AND name = ?", model, ref.alias());
        } else {
            session.update(
                    "INSERT INTO alias (model, name, version) VALUES (?, ?, ?)"
                            + " ON CONFLICT (model, name) DO UPDATE SET version = excluded.version",
                    model,
                    ref.alias(),
                    to);
        }
        long now = clock.millis();
        long sequence =
                session.requireLong("UPDATE counter SET value = value + 1 WHERE name = 'alias_change' RETURNING value");
        session.update(
                "INSERT INTO alias_change (sequence, model, alias, kind, from_version, to_version, who, at, why)"
                        + " VALUES (?, ?, ?, 'SET', ?, ?, ?, ?, ?)",
                sequence,
                model,
                ref.alias(),
                present,
                to,
                who,
                now,
                why);
        return new AliasChange(ref.name(), ref.alias(), present, to, who, Instant.ofEpochMilli(now), why);
    }

    @Override
    public List<AliasChange> aliasHistory(String model, String alias) {
        requireOpen();
        return database.read("history of alias " + model + "@" + alias, session -> {
            List<AliasChange> history = new ArrayList<>();
            try (ResultSet rows = session.query(
                    "SELECT c.from_version, c.to_version, c.who, c.at, c.why FROM alias_change c"
                            + " JOIN model m ON m.id = c.model WHERE m.name = ? AND c.alias = ? ORDER BY c.sequence",
                    model,
                    alias)) {
                while (rows.next()) {
                    history.add(new AliasChange(
                            model,
                            alias,
                            nullableInt(rows, 1),
                            nullableInt(rows, 2),
                            rows.getString(3),
                            Instant.ofEpochMilli(rows.getLong(4)),
                            rows.getString(5)));
                }
            }
            return history;
        });
    }

    private static @Nullable Integer nullableInt(ResultSet row, int column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    @Override
    public ModelFiles files(ModelVersion version) {
        requireOpen();
        byte[] text = database.read("files of model " + version.ref(), session -> {
            try (ResultSet rows = session.query(
                    "SELECT v.manifest FROM model_version v JOIN model m ON m.id = v.model"
                            + " WHERE m.name = ? AND v.version = ? AND v.digest = ?",
                    version.name(),
                    version.version(),
                    SqlTrackingStore.bytes(version.digest()))) {
                if (!rows.next()) {
                    throw new NotFoundException("there is no version " + version.ref() + " with " + version.digest());
                }
                return rows.getBytes(1);
            }
        });
        Manifest manifest;
        try {
            manifest = Manifest.parse(text);
        } catch (InvalidInputException e) {
            throw altered(version, e);
        }
        if (!manifest.digest().equals(version.digest())) {
            throw altered(version, null);
        }
        return ModelFiles.of(version.ref().toString(), manifest, file -> artifacts.open(file.digest()));
    }

    private IntegrityException altered(ModelVersion version, @Nullable Exception cause) {
        return new IntegrityException(
                "the manifest of model " + version.ref() + " in " + database
                        + " was altered: it is not what " + version.digest()
                        + " stands for. Restore the database or register a new version",
                cause);
    }

    @Override
    public Subscription subscribe(Consumer<AliasChange> listener) {
        requireOpen();
        return listeners.add(listener);
    }

    @Override
    public String toString() {
        return "model registry of " + database;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the model registry of " + database + " has been closed");
        }
    }
}
