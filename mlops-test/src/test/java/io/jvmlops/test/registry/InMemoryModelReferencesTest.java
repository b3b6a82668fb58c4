package io.jvmlops.test.registry;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.registry.ModelRegistry;

class InMemoryModelReferencesTest extends ModelReferencesContract {
    @Override
    protected ModelRegistry openRegistry(ArtifactStore artifacts) {
        return new InMemoryModelRegistry(artifacts);
    }
}
