package io.jvmlops.tracking.postgres;

import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.MetricStoreContract;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

class PostgresMetricStoreContractIT extends MetricStoreContract {
    private @Nullable PostgresStores stores;

    @Override
    protected TrackingStore openRuns() {
        PostgresStores opened = PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .open();
        stores = opened;
        return opened.runs();
    }

    @Override
    protected MetricStore open(TrackingStore runs) {
        return Objects.requireNonNull(stores).metrics();
    }
}
