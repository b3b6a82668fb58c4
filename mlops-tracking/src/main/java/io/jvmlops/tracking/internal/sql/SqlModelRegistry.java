package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasListeners;
import io.jvmlops.api.registry.ModelInfo;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.registry.VersionTags;
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

/**
 * Models, versions and aliases in a database; the versions' bytes are in an artifact store.
 *
 * <p>Whoever changes something of a model locks its row first, then that of the counter of moves, or that of the limit of
 * collections. What is deleted stays as rows that nothing finds: a model's count of versions, and the numbers in the history
 * of aliases, go on meaning what they meant.
 */
public final class SqlModelRegistry implements ModelRegistry, ArtifactReferences, GarbageLimit.InDatabase {
    private static final String OF_MODEL = "WHERE m.name = ? AND v.deleted_at IS NULL ";
    /** How many manifests are in memory at a time while references are listed. */
    private static final int MANIFESTS = 64;

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
    public ModelInfo createModel(String name, MetadataChanges description) {
        requireOpen();
        ModelRef.checkName(name);
        return database.write("create model '" + name + "'", session -> {
            long now = clock.millis();
            Long model = add(session, name, now);
            if (model == null) {
                throw new ConflictException("there is a model '" + name + "' already");
            }
            describe(session, model, description, now);
            return info(session, name, model);
        });
    }

    /** The row of a model that was not there, locked; null if it was. */
    private @Nullable Long add(Session session, String name, long now) throws SQLException {
        // One that was deleted goes on counting.
        return session.findLong(
                "INSERT INTO model (name, created_at, updated_at) VALUES (?, ?, ?)"
                        + " ON CONFLICT (name) DO UPDATE SET description = '', created_at = excluded.created_at,"
                        + " updated_at = excluded.updated_at, deleted_at = NULL"
                        + " WHERE model.deleted_at IS NOT NULL RETURNING id",
                name,
                now,
                now);
    }

    private static void describe(Session session, long model, MetadataChanges changes, long now) throws SQLException {
        Tags.OF_MODEL.remove(session, model, changes.removedTags());
        Tags.OF_MODEL.set(session, model, changes.tags());
        session.update(
                "UPDATE model SET description = coalesce(?, description), updated_at = ? WHERE id = ?",
                changes.description(),
                now,
                model);
    }

    @Override
    public Optional<ModelInfo> findModel(String name) {
        requireOpen();
        return database.read("find model '" + name + "'", session -> {
            Long model = model(session, name, "");
            return model == null ? Optional.empty() : Optional.of(info(session, name, model));
        });
    }

    private static ModelInfo info(Session session, String name, long model) throws SQLException {
        int versions = Math.toIntExact(session.requireLong(
                "SELECT count(*) FROM model_version WHERE model = ? AND deleted_at IS NULL", model));
        Map<String, String> tags = SqlTrackingStore.pairs(
                session, "SELECT name, value FROM model_tag WHERE model = ? ORDER BY name", model);
        Map<String, Integer> aliases = aliases(session, model);
        try (ResultSet row =
                session.query("SELECT description, created_at, updated_at FROM model WHERE id = ?", model)) {
            if (!row.next()) {
                throw new SQLException("the row of model '" + name + "' has gone");
            }
            return new ModelInfo(
                    name,
                    row.getString(1),
                    tags,
                    Instant.ofEpochMilli(row.getLong(2)),
                    Instant.ofEpochMilli(row.getLong(3)),
                    versions,
                    aliases);
        }
    }

    private static Map<String, Integer> aliases(Session session, long model) throws SQLException {
        Map<String, Integer> aliases = new TreeMap<>();
        try (ResultSet rows = session.query("SELECT name, version FROM alias WHERE model = ?", model)) {
            while (rows.next()) {
                aliases.put(rows.getString(1), rows.getInt(2));
            }
        }
        return Collections.unmodifiableMap(aliases);
    }

    @Override
    public ModelInfo updateModel(String name, MetadataChanges changes) {
        requireOpen();
        return database.write("update model '" + name + "'", session -> {
            long model = requireModel(session, name);
            describe(session, model, changes, clock.millis());
            return info(session, name, model);
        });
    }

    @Override
    public void deleteModel(String name) {
        requireOpen();
        database.write("delete model '" + name + "'", session -> {
            long model = requireModel(session, name);
            Map<String, Integer> aliases = aliases(session, model);
            if (!aliases.isEmpty()) {
                throw new ConflictException(
                        "model '" + name + "' cannot be deleted: it has aliases " + aliases + "; remove them first");
            }
            long now = clock.millis();
            session.update(
                    "UPDATE model_version SET deleted_at = ? WHERE model = ? AND deleted_at IS NULL", now, model);
            session.update("DELETE FROM model_tag WHERE model = ?", model);
            return session.update("UPDATE model SET deleted_at = ?, updated_at = ? WHERE id = ?", now, now, model);
        });
    }

    /** The row of a model; null if there is none. */
    private static @Nullable Long model(Session session, String name, String lock) throws SQLException {
        return StoredText.isPossible(name)
                ? session.findLong("SELECT id FROM model WHERE name = ? AND deleted_at IS NULL" + lock, name)
                : null;
    }

    /** The row of a model, locked until the transaction ends. */
    private long requireModel(Session session, String name) throws SQLException {
        Long model = model(session, name, database.dialect().forUpdate());
        if (model == null) {
            throw new NotFoundException("no model '" + Keys.clipped(name) + "' is registered");
        }
        return model;
    }

    @Override
    public ModelVersion register(NewModelVersion version) {
        requireOpen();
        String what = "model '" + version.name() + "'";
        // What counts as stored now is not collected before the version refers to it.
        Instant since = artifacts.now();
        List<String> missing = version.files().files().stream()
                .filter(file -> !artifacts.renew(file.digest()))
                .map(FileEntry::path)
                .toList();
        if (!missing.isEmpty()) {
            throw new NotFoundException(
                    what + " cannot be registered: its files " + missing.subList(0, Math.min(missing.size(), 20))
                            + (missing.size() > 20 ? " and " + (missing.size() - 20) + " more" : "")
                            + " are not in the artifact store; put them there first");
        }
        String who = who();
        return database.write("register " + what, session -> {
            long now = clock.millis();
            Long added = add(session, version.name(), now);
            long model = added == null ? requireModel(session, version.name()) : added;
            GarbageLimit.check(session, database.dialect(), GarbageLimit.MODELS, what, since);
            int number = Math.toIntExact(session.requireLong(
                    "UPDATE model SET last_version = last_version + 1, updated_at = ? WHERE id = ? RETURNING last_version",
                    now,
                    model));
            VersionRows.add(session, model, number, version, now, who);
            return Objects.requireNonNull(
                    VersionRows.find(session, "WHERE v.model = ? AND v.version = ?", model, number));
        });
    }

    @Override
    public ModelVersion updateVersion(ModelRef.Version ref, MetadataChanges changes) {
        requireOpen();
        VersionTags.requireStageUntouched(changes);
        return database.write("update model " + ref, session -> {
            long model = requireModel(session, ref.name());
            long id = requireVersion(session, model, ref);
            Tags.OF_VERSION.remove(session, id, changes.removedTags());
            Tags.OF_VERSION.set(session, id, changes.tags());
            session.update(
                    "UPDATE model_version SET description = coalesce(?, description), updated_at = ? WHERE id = ?",
                    changes.description(),
                    clock.millis(),
                    id);
            return Objects.requireNonNull(VersionRows.find(session, "WHERE v.id = ?", id));
        });
    }

    @Override
    public void deleteVersion(ModelRef.Version ref) {
        requireOpen();
        database.write("delete model " + ref, session -> {
            long model = requireModel(session, ref.name());
            long id = requireVersion(session, model, ref);
            List<String> pointing = aliases(session, model).entrySet().stream()
                    .filter(alias -> alias.getValue() == ref.version())
                    .map(Map.Entry::getKey)
                    .toList();
            if (!pointing.isEmpty()) {
                throw new ConflictException("model " + ref + " cannot be deleted: aliases " + pointing
                        + " point at it; move or remove them first");
            }
            long now = clock.millis();
            session.update("UPDATE model_version SET deleted_at = ? WHERE id = ?", now, id);
            return session.update("UPDATE model SET updated_at = ? WHERE id = ?", now, model);
        });
    }

    /** The row of a version of a model that is locked. */
    private static long requireVersion(Session session, long model, ModelRef.Version ref) throws SQLException {
        Long id = session.findLong(
                "SELECT id FROM model_version WHERE model = ? AND version = ? AND deleted_at IS NULL",
                model,
                ref.version());
        if (id == null) {
            throw noVersion(ref);
        }
        return id;
    }

    private static NotFoundException noVersion(ModelRef.Version ref) {
        return new NotFoundException("there is no version " + ref.version() + " of model '" + ref.name() + "'");
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        requireOpen();
        return database.read(
                "find model " + ref,
                session -> Optional.ofNullable(
                        ref instanceof ModelRef.Version exact
                                ? VersionRows.find(session, OF_MODEL + "AND v.version = ?", ref.name(), exact.version())
                                : VersionRows.find(
                                        session,
                                        "JOIN alias a ON a.model = m.id AND a.version = v.version " + OF_MODEL
                                                + "AND a.name = ?",
                                        ref.name(),
                                        ((ModelRef.Alias) ref).alias())));
    }

    @Override
    public List<ModelVersion> versions(String model) {
        requireOpen();
        return list("versions of model '" + model + "'", model, OF_MODEL + "ORDER BY v.version");
    }

    @Override
    public List<ModelVersion> versionsFromRun(String runId) {
        requireOpen();
        return list(
                "model versions from run " + runId,
                runId,
                "WHERE v.run_uid = ? AND v.deleted_at IS NULL ORDER BY v.id");
    }

    /** @param key the query's one argument */
    private List<ModelVersion> list(String what, String key, String rest) {
        return StoredText.isPossible(key)
                ? database.read(what, session -> VersionRows.list(session, rest, key))
                : List.of();
    }

    @Override
    public List<ModelVersion> versionsTrainedOn(Digest dataset) {
        return withDigest("model versions trained on " + dataset, "version_dataset", dataset);
    }

    @Override
    public List<ModelVersion> versionsWithFile(Digest file) {
        return withDigest("model versions with file " + file, "version_file", file);
    }

    private List<ModelVersion> withDigest(String what, String table, Digest digest) {
        requireOpen();
        return database.read(
                what,
                session -> VersionRows.list(
                        session,
                        "WHERE v.id IN (SELECT model_version FROM " + table
                                + " WHERE digest = ?) AND v.deleted_at IS NULL ORDER BY v.id",
                        SqlTrackingStore.bytes(digest)));
    }

    @Override
    public List<String> models() {
        requireOpen();
        return database.read("list the models", session -> {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = session.query("SELECT name FROM model WHERE deleted_at IS NULL")) {
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
            Long id = model(session, model, "");
            return id == null ? Map.of() : aliases(session, id);
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
        return move(ref, why, (moves, row) -> moves.set(row, expected, to));
    }

    @Override
    public AliasChange rollback(String model, String alias, @Nullable Integer expected, String why) {
        requireOpen();
        return move(new ModelRef.Alias(model, alias), why, (moves, row) -> moves.rollback(row, expected));
    }

    @FunctionalInterface
    private interface Moving {
        AliasChange move(AliasMoves moves, @Nullable Long model) throws SQLException;
    }

    private AliasChange move(ModelRef.Alias ref, String why, Moving moving) {
        Keys.checkValue("reason for moving alias " + ref, why, MAX_WHY);
        String who = who();
        AliasChange change = database.write("move alias " + ref, session -> {
            Long model = model(session, ref.name(), database.dialect().forUpdate());
            return moving.move(new AliasMoves(session, ref, who, why, clock.millis()), model);
        });
        listeners.tell(change);
        return change;
    }

    /** As it can be stored: who it is, is the host's to say, and no reason to refuse a move. */
    private String who() {
        return Keys.tolerated(actor.get(), Keys.MAX_KEY);
    }

    @Override
    public List<AliasChange> aliasHistory(String model, String alias) {
        requireOpen();
        return StoredText.isPossible(model) && StoredText.isPossible(alias)
                ? database.read(
                        "history of alias " + model + "@" + alias,
                        session -> AliasMoves.list(
                                session, "WHERE m.name = ? AND c.alias = ? ORDER BY c.sequence", model, alias))
                : List.of();
    }

    @Override
    public List<AliasChange> aliasHistory(String model) {
        requireOpen();
        return StoredText.isPossible(model)
                ? database.read(
                        "history of the aliases of model '" + model + "'",
                        session -> AliasMoves.list(session, "WHERE m.name = ? ORDER BY c.sequence", model))
                : List.of();
    }

    @Override
    public List<AliasChange> aliasChanges(long after, int limit) {
        requireOpen();
        if (limit < 1 || limit > MAX_CHANGES) {
            throw new IllegalArgumentException("a limit of " + limit + " moves: expected 1 to " + MAX_CHANGES);
        }
        return database.read(
                "moves of aliases after " + after,
                session -> AliasMoves.list(session, "WHERE c.sequence > ? ORDER BY c.sequence LIMIT ?", after, limit));
    }

    @Override
    public ModelFiles files(ModelVersion version) {
        requireOpen();
        Stored stored = stored(version);
        if (!stored.digest.equals(version.digest())) {
            throw new NotFoundException("there is no version " + version.ref() + " with " + version.digest());
        }
        return files(version, stored);
    }

    private ModelFiles files(ModelVersion version, Stored stored) {
        Manifest manifest = VersionRows.manifest(version.ref(), stored.manifest, version.digest());
        return ModelFiles.of(version.ref().toString(), manifest, file -> artifacts.open(file.digest()));
    }

    @Override
    public Verification verify(ModelVersion version) {
        requireOpen();
        String problem;
        try {
            Stored stored = stored(version);
            if (stored.digest.equals(version.digest())) {
                return files(version, stored).verify();
            }
            problem = "the registry has " + stored.digest;
        } catch (IntegrityException e) {
            problem = String.valueOf(e.getMessage());
        }
        return new Verification(
                "model " + version.ref(),
                0,
                0,
                List.of(new Problem(Problem.MANIFEST, Kind.ALTERED, version.digest(), problem)));
    }

    private static final class Stored {
        final Digest digest;
        final byte[] manifest;

        Stored(Digest digest, byte[] manifest) {
            this.digest = digest;
            this.manifest = manifest;
        }
    }

    private Stored stored(ModelVersion version) {
        return database.read("files of model " + version.ref(), session -> {
            try (ResultSet row = session.query(
                    "SELECT v.digest, v.manifest FROM model_version v JOIN model m ON m.id = v.model " + OF_MODEL
                            + "AND v.version = ?",
                    version.name(),
                    version.version())) {
                if (!row.next()) {
                    throw noVersion(version.ref());
                }
                return new Stored(VersionRows.digest(version.ref(), row.getBytes(1)), row.getBytes(2));
            }
        });
    }

    @Override
    public SqlDatabase database() {
        return database;
    }

    @Override
    public void beginCollection(Instant limit) {
        requireOpen();
        GarbageLimit.begin(database, GarbageLimit.MODELS, limit);
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        requireOpen();
        long last = 0;
        while (true) {
            long after = last;
            List<Manifest> manifests = new ArrayList<>();
            last = database.read("files that models refer to", session -> {
                manifests.clear();
                long read = after;
                try (ResultSet rows = session.query(
                        "SELECT v.id, m.name, v.version, v.digest, v.manifest FROM model_version v"
                                + " JOIN model m ON m.id = v.model"
                                + " WHERE v.id > ? AND v.deleted_at IS NULL ORDER BY v.id LIMIT ?",
                        after,
                        MANIFESTS)) {
                    while (rows.next()) {
                        read = rows.getLong(1);
                        ModelRef.Version ref = new ModelRef.Version(rows.getString(2), rows.getInt(3));
                        manifests.add(
                                VersionRows.manifest(ref, rows.getBytes(5), VersionRows.digest(ref, rows.getBytes(4))));
                    }
                }
                return read;
            });
            if (manifests.isEmpty()) {
                return;
            }
            for (Manifest manifest : manifests) {
                for (FileEntry file : manifest.files()) {
                    to.accept(new Reference(file.digest(), false));
                }
            }
        }
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
