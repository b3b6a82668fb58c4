package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.MetricStoreContract;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

class SqliteMetricStoreContractIT extends MetricStoreContract {
    @TempDir
    Path folder;

    @AutoClose
    @Nullable
    SqliteStores stores;

    @Override
    protected TrackingStore openRuns() {
        SqliteStores opened = SqliteStores.open(folder.resolve("test.db"));
        stores = opened;
        return opened.runs();
    }

    @Override
    protected MetricStore open(TrackingStore runs) {
        return Objects.requireNonNull(stores).metrics();
    }
}
