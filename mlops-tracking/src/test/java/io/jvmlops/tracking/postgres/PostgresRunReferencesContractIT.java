package io.jvmlops.tracking.postgres;

import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.RunReferencesContract;

class PostgresRunReferencesContractIT extends RunReferencesContract {
    @Override
    protected TrackingStore openRuns() {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .open()
                .runs();
    }
}
