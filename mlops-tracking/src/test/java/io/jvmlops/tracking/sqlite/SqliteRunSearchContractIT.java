package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.RunSearchContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteRunSearchContractIT extends RunSearchContract {
    @TempDir
    Path folder;

    @AutoClose
    @Nullable
    SqliteStores stores;

    @Override
    protected TrackingStore open() {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        stores = opened;
        return opened.runs();
    }
}
