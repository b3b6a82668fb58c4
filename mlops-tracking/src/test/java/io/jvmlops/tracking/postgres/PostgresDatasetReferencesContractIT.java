package io.jvmlops.tracking.postgres;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.test.dataset.DatasetReferencesContract;

class PostgresDatasetReferencesContractIT extends DatasetReferencesContract {
    @Override
    protected DatasetStore openDatasets(ArtifactStore artifacts) {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .open()
                .datasets(artifacts);
    }
}
