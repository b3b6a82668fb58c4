package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.ModelReferencesContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteModelReferencesContractIT extends ModelReferencesContract {
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
    protected ModelRegistry openRegistry(ArtifactStore artifacts) {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        stores = opened;
        return opened.registry(artifacts);
    }

    @Override
    protected ArtifactReferences again() {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        second = opened;
        return (ArtifactReferences) opened.registry(new InMemoryArtifactStore());
    }
}
