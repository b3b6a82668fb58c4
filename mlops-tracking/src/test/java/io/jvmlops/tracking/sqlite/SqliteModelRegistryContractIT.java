package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.test.registry.ModelRegistryContract;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteModelRegistryContractIT extends ModelRegistryContract {
    @TempDir
    Path folder;

    @AutoClose
    @Nullable
    SqliteStores stores;

    @Override
    protected ModelRegistry open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        SqliteStores opened = SqliteStores.builder(folder.resolve("test.db"))
                .clock(clock)
                .actor(actor)
                .open();
        stores = opened;
        return opened.registry(artifacts);
    }
}
