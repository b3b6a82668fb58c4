package io.jvmlops.tracking.postgres;

import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.TrackingStoreContract;

class PostgresTrackingStoreContractIT extends TrackingStoreContract {
    @Override
    protected TrackingStore open() {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .open()
                .runs();
    }
}
