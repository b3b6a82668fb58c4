package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.tracking.internal.Parallel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Dataset versions in a database; their files and manifests are in an artifact store. */
public final class SqlDatasetStore implements DatasetStore, ArtifactReferences {
    private static final String FROM = " FROM dataset_version v JOIN dataset d ON d.id = v.dataset ";
    private static final String COLUMNS =
            "SELECT v.id, d.name, v.version, v.digest, v.source, v.files, v.size, v.created_at, v.created_by, v.description"
                    + FROM;
    private static final String TAGS =
            "SELECT v.id, t.name, t.value" + FROM + "JOIN dataset_tag t ON t.dataset_version = v.id ";

    /** Deleted versions are kept as rows, so that their numbers never come again, and are seen by nobody. */
    private static final String LIVE = "v.deleted_at IS NULL";

    private static final String OF_NUMBER = "WHERE d.name = ? AND v.version = ? AND " + LIVE;

    private final SqlDatabase database;
    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private volatile boolean closed;

    public SqlDatasetStore(SqlDatabase database, ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        this.database = database;
        this.artifacts = artifacts;
        this.clock = clock;
        this.actor = actor;
    }

    @Override
    public StoredDataset add(NewDataset dataset) {
        requireOpen();
        String what = "dataset '" + dataset.name() + "' cannot be added";
        Instant since = artifacts.now();
        byte[] text = dataset.files().toBytes();
        Digest digest = Digest.of(text);
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(text));
        if (!stored.digest().equals(digest)) {
            throw new IntegrityException(what + ": its manifest " + digest + " was stored as " + stored.digest()
                    + "; the artifact store is at fault");
        }
        renew(what, dataset.files());
        String who = actor.get();
        return database.write("add dataset '" + dataset.name() + "'", session -> {
            GarbageLimit.check(session, database.dialect(), GarbageLimit.DATASETS, what, since);
            session.update(
                    "INSERT INTO dataset (name, last_version) VALUES (?, 0) ON CONFLICT DO NOTHING", dataset.name());
            long owner = session.requireLong(
                    "SELECT id FROM dataset WHERE name = ?" + database.dialect().forUpdate(), dataset.name());
            Optional<StoredDataset> newest = select(
                            session,
                            "WHERE v.id = (SELECT n.id FROM dataset_version n WHERE n.dataset = ?"
                                    + " AND n.deleted_at IS NULL ORDER BY n.version DESC LIMIT 1)",
                            owner)
                    .stream()
                    .findFirst();
            if (newest.isPresent() && newest.get().digest().equals(digest)) {
                return newest.get();
            }
            return insert(session, owner, dataset, digest, who);
        });
    }

    /** From here on, garbage collections that have not begun leave the files alone. */
    private void renew(String what, Manifest files) {
        Map<Digest, FileEntry> distinct = new LinkedHashMap<>();
        files.files().forEach(file -> distinct.putIfAbsent(file.digest(), file));
        List<FileEntry> entries = List.copyOf(distinct.values());
        List<Boolean> there = Parallel.map(entries, file -> artifacts.renew(file.digest()));
        int first = there.indexOf(false);
        if (first >= 0) {
            throw new NotFoundException(what + ": its file '"
                    + entries.get(first).path() + "' (" + entries.get(first).digest() + "), one of "
                    + Collections.frequency(there, false)
                    + " such, is not in the artifact store; put it there first");
        }
    }

    private StoredDataset insert(Session session, long owner, NewDataset dataset, Digest digest, String who)
            throws SQLException {
        int number = Math.toIntExact(session.requireLong(
                "UPDATE dataset SET last_version = last_version + 1 WHERE id = ? RETURNING last_version", owner));
        long now = clock.millis();
        long size = dataset.files().size();
        int files = dataset.files().files().size();
        long id = session.requireLong(
                "INSERT INTO dataset_version"
                        + " (dataset, version, digest, source, files, size, created_at, created_by, description)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                owner,
                number,
                SqlTrackingStore.bytes(digest),
                dataset.source(),
                files,
                size,
                now,
                who,
                dataset.description());
        Tags.OF_DATASET.set(session, id, dataset.tags());
        return new StoredDataset(
                dataset.name(),
                number,
                digest,
                dataset.source(),
                files,
                size,
                Instant.ofEpochMilli(now),
                who,
                dataset.description(),
                dataset.tags());
    }

    @Override
    public Optional<StoredDataset> find(String name, int version) {
        requireOpen();
        return StoredText.isPossible(name)
                ? database.read(
                        "find dataset " + name + "/" + version,
                        session -> select(session, OF_NUMBER, name, version).stream()
                                .findFirst())
                : Optional.empty();
    }

    @Override
    public List<StoredDataset> versions(String name) {
        requireOpen();
        return StoredText.isPossible(name)
                ? database.read(
                        "versions of dataset '" + name + "'",
                        session -> select(session, "WHERE d.name = ? AND " + LIVE + " ORDER BY v.version", name))
                : List.of();
    }

    @Override
    public List<StoredDataset> withDigest(Digest digest) {
        requireOpen();
        return database.read(
                "datasets of " + digest,
                session -> select(
                        session, "WHERE v.digest = ? AND " + LIVE + " ORDER BY v.id", SqlTrackingStore.bytes(digest)));
    }

    @Override
    public List<String> names() {
        requireOpen();
        return database.read("list the datasets", session -> {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = session.query("SELECT DISTINCT d.name" + FROM + "WHERE " + LIVE)) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            Collections.sort(names);
            return names;
        });
    }

    private static List<StoredDataset> select(Session session, String where, @Nullable Object... arguments)
            throws SQLException {
        Map<Long, Map<String, String>> tags = new HashMap<>();
        try (ResultSet rows = session.query(TAGS + where, arguments)) {
            while (rows.next()) {
                tags.computeIfAbsent(rows.getLong(1), id -> new LinkedHashMap<>())
                        .put(rows.getString(2), rows.getString(3));
            }
        }
        List<StoredDataset> found = new ArrayList<>();
        try (ResultSet rows = session.query(COLUMNS + where, arguments)) {
            while (rows.next()) {
                found.add(new StoredDataset(
                        rows.getString(2),
                        rows.getInt(3),
                        SqlTrackingStore.digest(rows.getBytes(4)),
                        rows.getString(5),
                        rows.getInt(6),
                        rows.getLong(7),
                        Instant.ofEpochMilli(rows.getLong(8)),
                        rows.getString(9),
                        rows.getString(10),
                        tags.getOrDefault(rows.getLong(1), Map.of())));
            }
        }
        return found;
    }

    @Override
    public Manifest manifest(StoredDataset dataset) {
        requireOpen();
        boolean known = find(dataset.name(), dataset.version())
                .filter(found -> found.digest().equals(dataset.digest()))
                .isPresent();
        if (!known) {
            throw new NotFoundException("there is no dataset version " + dataset.label() + " with " + dataset.digest());
        }
        byte[] text;
        try (InputStream in = artifacts.open(dataset.digest())) {
            text = in.readAllBytes();
        } catch (NotFoundException e) {
            throw new NotFoundException(
                    "the manifest of dataset " + dataset.label() + " is gone from the artifact store: " + e.getMessage()
                            + ". Restore it from a backup, or add the folder again",
                    e);
        } catch (IOException e) {
            throw new StorageException("the manifest of dataset " + dataset.label() + " cannot be read: " + e, e);
        }
        if (!Digest.of(text).equals(dataset.digest())) {
            throw altered(dataset, null);
        }
        try {
            return Manifest.parse(text);
        } catch (InvalidInputException e) {
            throw altered(dataset, e);
        }
    }

    private static IntegrityException altered(StoredDataset dataset, @Nullable Exception cause) {
        return new IntegrityException(
                "the manifest of dataset " + dataset.label() + " was altered: it is not what " + dataset.digest()
                        + " stands for. Restore it from a backup, or add the folder again",
                cause);
    }

    @Override
    public StoredDataset update(String name, int version, MetadataChanges changes) {
        requireOpen();
        String what = "dataset " + name + "/" + version;
        return database.write(what, session -> {
            long id = require(session, name, version);
            if (changes.description() != null) {
                session.update("UPDATE dataset_version SET description = ? WHERE id = ?", changes.description(), id);
            }
            Tags.OF_DATASET.remove(session, id, changes.removedTags());
            Tags.OF_DATASET.set(session, id, changes.tags());
            return select(session, "WHERE v.id = ?", id).get(0);
        });
    }

    @Override
    public void delete(String name, int version) {
        requireOpen();
        database.write(
                "delete dataset " + name + "/" + version,
                session -> session.update(
                        "UPDATE dataset_version SET deleted_at = ? WHERE id = ?",
                        clock.millis(),
                        require(session, name, version)));
    }

    /** The row of a version, locked until the transaction ends. */
    private long require(Session session, String name, int version) throws SQLException {
        Long id = null;
        if (StoredText.isPossible(name)) {
            id = session.findLong(
                    "SELECT v.id FROM dataset_version v WHERE v.dataset = (SELECT d.id FROM dataset d WHERE d.name = ?)"
                            + " AND v.version = ? AND " + LIVE
                            + database.dialect().forUpdate(),
                    name,
                    version);
        }
        if (id == null) {
            throw new NotFoundException("there is no version " + version + " of a dataset '" + name + "'");
        }
        return id;
    }

    @Override
    public void beginCollection(Instant limit) {
        requireOpen();
        GarbageLimit.begin(database, GarbageLimit.DATASETS, limit);
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        requireOpen();
        GarbageLimit.forEachDigest(database, "dataset_version", " AND deleted_at IS NULL", true, to);
    }

    @Override
    public String toString() {
        return "dataset store of " + database;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the dataset store of " + database + " has been closed");
        }
    }
}
