package io.jvmlops.tracking.postgres;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.test.registry.ModelReferencesContract;

class PostgresModelReferencesContractIT extends ModelReferencesContract {
    @Override
    protected ModelRegistry openRegistry(ArtifactStore artifacts) {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .open()
                .registry(artifacts);
    }
}
