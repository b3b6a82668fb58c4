package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and writes model versions whole, with a few queries for many of them. */
final class VersionRows {
    private static final Logger LOG = LoggerFactory.getLogger(VersionRows.class);

    private static final String SELECT =
            "SELECT v.id, m.name, v.version, v.digest, v.run_uid, v.created_at, v.created_by, v.updated_at,"
                    + " v.description, v.signature, v.input_example, v.source_commit"
                    + " FROM model_version v JOIN model m ON m.id = v.model ";

    private static final String TAGS = "version_tag";
    private static final String ENVIRONMENT = "environment";
    private static final String PROVENANCE = "provenance";
    private static final List<String> FACTS = List.of(TAGS, ENVIRONMENT, PROVENANCE);

    private VersionRows() {}

    /** What a row itself holds. */
    private record Head(
            long id,
            ModelRef.Version ref,
            Digest digest,
            @Nullable String run,
            Instant createdAt,
            String createdBy,
            Instant updatedAt,
            String description,
            @Nullable String signature,
            @Nullable String inputExample,
            @Nullable String commit) {}

    /**
     * The one version that a query finds, or null.
     *
     * @param rest of the query, from its WHERE on
     * @throws IntegrityException if it is damaged
     */
    static @Nullable ModelVersion find(Session session, String rest, Object... arguments) throws SQLException {
        List<ModelVersion> found = load(session, true, rest, arguments);
        return found.isEmpty() ? null : found.get(0);
    }

    /**
     * The versions that a query finds; a damaged signature is left out.
     *
     * @param rest of the query, from its WHERE on
     */
    static List<ModelVersion> list(Session session, String rest, Object... arguments) throws SQLException {
        return load(session, false, rest, arguments);
    }

    private static List<ModelVersion> load(Session session, boolean strict, String rest, Object... arguments)
            throws SQLException {
        List<Head> heads = heads(session, rest, arguments);
        List<Long> ids = heads.stream().map(Head::id).toList();
        Map<String, Map<Long, Map<String, String>>> facts = facts(session, ids);
        Map<Long, Map<String, String>> tags = facts.getOrDefault(TAGS, Map.of());
        Map<Long, Map<String, String>> environment = facts.getOrDefault(ENVIRONMENT, Map.of());
        Map<Long, Map<String, String>> provenance = facts.getOrDefault(PROVENANCE, Map.of());
        Map<Long, List<DatasetVersion>> datasets = datasets(session, ids);
        List<ModelVersion> versions = new ArrayList<>();
        for (Head head : heads) {
            versions.add(new ModelVersion(
                    head.ref.name(),
                    head.ref.version(),
                    head.digest,
                    head.createdAt,
                    head.createdBy,
                    head.updatedAt,
                    new ModelOrigin(
                            head.run,
                            datasets.getOrDefault(head.id, List.of()),
                            head.commit,
                            environment.getOrDefault(head.id, Map.of()),
                            provenance.getOrDefault(head.id, Map.of())),
                    signature(head, strict),
                    head.inputExample,
                    head.description,
                    tags.getOrDefault(head.id, Map.of())));
        }
        return versions;
    }

    private static List<Head> heads(Session session, String rest, Object... arguments) throws SQLException {
        List<Head> heads = new ArrayList<>();
        try (ResultSet rows = session.query(SELECT + rest, arguments)) {
            while (rows.next()) {
                ModelRef.Version ref = new ModelRef.Version(rows.getString(2), rows.getInt(3));
                heads.add(new Head(
                        rows.getLong(1),
                        ref,
                        digest(ref, rows.getBytes(4)),
                        rows.getString(5),
                        Instant.ofEpochMilli(rows.getLong(6)),
                        rows.getString(7),
                        Instant.ofEpochMilli(rows.getLong(8)),
                        rows.getString(9),
                        rows.getString(10),
                        rows.getString(11),
                        rows.getString(12)));
            }
        }
        return heads;
    }

    static Digest digest(ModelRef.Version ref, byte[] bytes) {
        try {
            return SqlTrackingStore.digest(bytes);
        } catch (IllegalArgumentException e) {
            throw damaged("the digest of model " + ref, e);
        }
    }

    private static @Nullable ModelSignature signature(Head head, boolean strict) {
        if (head.signature == null) {
            return null;
        }
        try {
            return SignatureText.read(head.signature);
        } catch (IOException e) {
            if (strict) {
                throw damaged("the signature of model " + head.ref, e);
            }
            LOG.warn("The signature of model {} is damaged and left out: {}", head.ref, e.getMessage());
            return null;
        }
    }

    private static IntegrityException damaged(String what, Exception cause) {
        return new IntegrityException(
                what + " in the database is damaged: " + cause.getMessage()
                        + ". Restore the database or register a new version",
                cause);
    }

    /** By table, then by version: all with one query, as over a network each costs a round trip. */
    private static Map<String, Map<Long, Map<String, String>>> facts(Session session, List<Long> ids)
            throws SQLException {
        Map<String, Map<Long, Map<String, String>>> facts = new HashMap<>();
        for (List<Long> some : RunRows.portions(ids)) {
            String sql = FACTS.stream()
                    .map(table -> "SELECT '" + table + "', model_version, name, value FROM " + table
                            + " WHERE model_version" + RunRows.among(some))
                    .collect(Collectors.joining(" UNION ALL "));
            Object[] arguments = FACTS.stream().flatMap(table -> some.stream()).toArray();
            try (ResultSet rows = session.query(sql, arguments)) {
                while (rows.next()) {
                    facts.computeIfAbsent(rows.getString(1), table -> new HashMap<>())
                            .computeIfAbsent(rows.getLong(2), id -> new TreeMap<>())
                            .put(rows.getString(3), rows.getString(4));
                }
            }
        }
        return facts;
    }

    private static Map<Long, List<DatasetVersion>> datasets(Session session, List<Long> ids) throws SQLException {
        Map<Long, List<DatasetVersion>> datasets = new HashMap<>();
        for (List<Long> some : RunRows.portions(ids)) {
            try (ResultSet rows = session.query(
                    "SELECT model_version, name, digest, source FROM version_dataset WHERE model_version"
                            + RunRows.among(some) + " ORDER BY model_version, position",
                    some.toArray())) {
                while (rows.next()) {
                    datasets.computeIfAbsent(rows.getLong(1), id -> new ArrayList<>())
                            .add(new DatasetVersion(
                                    rows.getString(2), SqlTrackingStore.digest(rows.getBytes(3)), rows.getString(4)));
                }
            }
        }
        return datasets;
    }

    /** Writes a version under a number that its model has handed out. */
    static void add(Session session, long model, int number, NewModelVersion version, long now, String who)
            throws SQLException {
        ModelOrigin origin = version.origin();
        ModelSignature signature = version.signature();
        long id = session.requireLong(
                "INSERT INTO model_version (model, version, digest, manifest, run_uid, created_at, created_by,"
                        + " updated_at, description, signature, input_example, source_commit)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                model,
                number,
                SqlTrackingStore.bytes(version.files().digest()),
                version.files().toBytes(),
                origin.runId(),
                now,
                who,
                now,
                version.description(),
                signature == null ? null : SignatureText.write(signature),
                version.inputExample(),
                origin.commit());
        addFacts(session, TAGS, id, version.tags());
        addFacts(session, ENVIRONMENT, id, origin.environment());
        addFacts(session, PROVENANCE, id, origin.provenance());
        int position = 0;
        for (DatasetVersion dataset : origin.datasets()) {
            session.update(
                    "INSERT INTO version_dataset (model_version, position, name, digest, source) VALUES (?, ?, ?, ?, ?)",
                    id,
                    ++position,
                    dataset.name(),
                    SqlTrackingStore.bytes(dataset.digest()),
                    dataset.source());
        }
        VersionFiles.add(session, id, version.files());
    }

    private static void addFacts(Session session, String table, long id, Map<String, String> facts)
            throws SQLException {
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            session.update(
                    "INSERT INTO " + table + " (model_version, name, value) VALUES (?, ?, ?)",
                    id,
                    fact.getKey(),
                    fact.getValue());
        }
    }

    /**
     * The files of a version, from the text in its row.
     *
     * @throws IntegrityException if it is not what the digest stands for
     */
    static Manifest manifest(ModelRef.Version ref, byte[] text, Digest digest) {
        Manifest manifest;
        try {
            manifest = Manifest.parse(text);
        } catch (InvalidInputException e) {
            throw damaged("the manifest of model " + ref, e);
        }
        // Not of what it was read as: a byte that means nothing, as one that is no character, may have changed.
        if (!Digest.of(text).equals(digest)) {
            throw new IntegrityException("the manifest of model " + ref + " in the database was altered: expected "
                    + digest + ", found " + Digest.of(text) + ". Restore the database or register a new version");
        }
        return manifest;
    }
}
