package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.InvalidInputException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which model versions have a file of some digest. Follows from their manifests, and is only looked up in. */
final class VersionFiles {
    private VersionFiles() {}

    static void add(Session session, long modelVersion, Manifest manifest) throws SQLException {
        Set<Digest> digests = new LinkedHashSet<>();
        for (FileEntry file : manifest.files()) {
            digests.add(file.digest());
        }
        for (Digest digest : digests) {
            session.update(
                    "INSERT INTO version_file (digest, model_version) VALUES (?, ?)",
                    SqlTrackingStore.bytes(digest),
                    modelVersion);
        }
    }

    /** For the versions of a database that had no such table. A manifest that is damaged is left out, as it would be refused. */
    static void addAll(Session session) throws SQLException {
        List<Long> versions = new ArrayList<>();
        try (ResultSet rows = session.query("SELECT id FROM model_version")) {
            while (rows.next()) {
                versions.add(rows.getLong(1));
            }
        }
        for (long version : versions) {
            Manifest manifest = manifest(session, version);
            if (manifest != null) {
                add(session, version, manifest);
            }
        }
    }

    /** Null if it is damaged. */
    private static @Nullable Manifest manifest(Session session, long version) throws SQLException {
        try (ResultSet rows = session.query("SELECT manifest FROM model_version WHERE id = ?", version)) {
            return rows.next() ? Manifest.parse(rows.getBytes(1)) : null;
        } catch (InvalidInputException damaged) {
            return null;
        }
    }
}
