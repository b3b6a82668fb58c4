package io.jvmlops.test.artifact;

import io.jvmlops.api.artifact.ArtifactStore;

class InMemoryArtifactStoreTest extends ArtifactStoreContract {
    @Override
    protected ArtifactStore open() {
        return new InMemoryArtifactStore();
    }
}
