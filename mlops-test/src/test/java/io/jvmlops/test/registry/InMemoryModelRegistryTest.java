package io.jvmlops.test.registry;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;
import java.time.InstantSource;
import java.util.function.Supplier;

class InMemoryModelRegistryTest extends ModelRegistryContract {
    @Override
    protected ModelRegistry open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        return new InMemoryModelRegistry(artifacts, clock, actor);
    }
}
