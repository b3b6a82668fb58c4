package io.jvmlops.tracking.postgres;

import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.tracking.RunSearchContract;

class PostgresRunSearchContractIT extends RunSearchContract {
    @Override
    protected TrackingStore open() {
        return PostgresStores.builder(TestServer.source())
                .schema(TestServer.newSchema())
                .open()
                .runs();
    }
}
