package io.jvmlops.tracking.postgres;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.test.registry.ModelRegistryContract;
import java.time.InstantSource;
import java.util.function.Supplier;

class PostgresModelRegistryContractIT extends ModelRegistryContract {
    @Override
    protected ModelRegistry open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        return PostgresStores.builder(TestServer.pool())
                .schema(TestServer.newSchema())
                .clock(clock)
                .actor(actor)
                .open()
                .registry(artifacts);
    }
}
