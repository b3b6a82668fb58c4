package io.jvmlops.tracking.postgres;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.test.dataset.DatasetStoreContract;
import java.time.InstantSource;
import java.util.function.Supplier;

class PostgresDatasetStoreContractIT extends DatasetStoreContract {
    @Override
    protected DatasetStore open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .clock(clock)
                .actor(actor)
                .open()
                .datasets(artifacts);
    }
}
