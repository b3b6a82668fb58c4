package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.test.dataset.DatasetStoreContract;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatasetStoreContractIT extends DatasetStoreContract {
    @TempDir
    Path folder;

    @AutoClose
    @Nullable
    SqliteStores stores;

    @Override
    protected DatasetStore open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        SqliteStores opened = SqliteStores.builder(folder.resolve("test.db"))
                .clock(clock)
                .actor(actor)
                .open();
        stores = opened;
        return opened.datasets(artifacts);
    }
}
