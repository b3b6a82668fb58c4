package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.RunReferencesContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteRunReferencesContractIT extends RunReferencesContract {
    @TempDir
    Path folder;

    @AutoClose
    @Nullable
    SqliteStores stores;

    @Nullable
    private SqliteStores second;

    @AfterEach
    void closeSecond() {
        SqliteStores opened = second;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    protected TrackingStore openRuns() {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        stores = opened;
        return opened.runs();
    }

    @Override
    protected ArtifactReferences again() {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        second = opened;
        return (ArtifactReferences) opened.runs();
    }
}
