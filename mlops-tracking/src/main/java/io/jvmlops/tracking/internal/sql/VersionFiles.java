package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.InvalidInputException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which model versions have a file of some digest. Follows from their manifests, and is only looked up in. */
final class VersionFiles {
    private static final Logger LOG = LoggerFactory.getLogger(VersionFiles.class);

    /** How many rows are sent together. */
    private static final int AT_ONCE = 1_000;
    /** How many manifests are in memory at a time. */
    private static final int MANIFESTS = 64;

    private VersionFiles() {}

    static void add(Session session, long modelVersion, Manifest manifest) throws SQLException {
        addAll(session, Map.of(modelVersion, manifest));
    }

    /** In few round trips, however many there are. */
    private static void addAll(Session session, Map<Long, Manifest> manifests) throws SQLException {
        PreparedStatement insert = session.prepare("INSERT INTO version_file (digest, model_version) VALUES (?, ?)");
        try {
            int waiting = 0;
            for (Map.Entry<Long, Manifest> version : manifests.entrySet()) {
                Set<Digest> digests = new LinkedHashSet<>();
                version.getValue().files().forEach(file -> digests.add(file.digest()));
                for (Digest digest : digests) {
                    insert.setBytes(1, SqlTrackingStore.bytes(digest));
                    insert.setLong(2, version.getKey());
                    insert.addBatch();
                    if (++waiting == AT_ONCE) {
                        insert.executeBatch();
                        waiting = 0;
                    }
                }
            }
            if (waiting > 0) {
                insert.executeBatch();
            }
        } finally {
            insert.clearBatch();
        }
    }

    /** For the versions of a database that had no such table. A manifest that is damaged is left out, as it would be refused. */
    static void addAll(Session session) throws SQLException {
        long last = 0;
        boolean more = true;
        while (more) {
            more = false;
            Map<Long, Manifest> manifests = new LinkedHashMap<>();
            try (ResultSet rows = session.query(
                    "SELECT id, manifest FROM model_version WHERE id > ? ORDER BY id LIMIT ?", last, MANIFESTS)) {
                while (rows.next()) {
                    last = rows.getLong(1);
                    more = true;
                    try {
                        manifests.put(last, Manifest.parse(rows.getBytes(2)));
                    } catch (InvalidInputException damaged) {
                        LOG.warn("The manifest of a model version, row {}, is damaged: {}", last, damaged.getMessage());
                    }
                }
            }
            addAll(session, manifests);
        }
    }
}
