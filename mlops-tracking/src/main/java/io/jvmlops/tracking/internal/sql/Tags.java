package io.jvmlops.tracking.internal.sql;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;

/** The tags of whatever has tags, written within a transaction that has locked or made its row. */
enum Tags {
    OF_EXPERIMENT("experiment_tag", "experiment"),
    OF_RUN("tag", "run"),
    OF_MODEL("model_tag", "model"),
    OF_VERSION("version_tag", "model_version"),
    OF_DATASET("dataset_tag", "dataset_version");

    private final String set;
    private final String remove;

    Tags(String table, String owner) {
        this.set = "INSERT INTO " + table + " (" + owner + ", name, value) VALUES (?, ?, ?) ON CONFLICT (" + owner
                + ", name) DO UPDATE SET value = excluded.value";
        this.remove = "DELETE FROM " + table + " WHERE " + owner + " = ? AND name = ?";
    }

    void set(Session session, long owner, Map<String, String> tags) throws SQLException {
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            session.update(set, owner, tag.getKey(), tag.getValue());
        }
    }

    /** Those that are not there are ignored. */
    void remove(Session session, long owner, Collection<String> names) throws SQLException {
        for (String name : names) {
            if (StoredText.isPossible(name)) {
                session.update(remove, owner, name);
            }
        }
    }
}
