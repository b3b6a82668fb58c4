package io.jvmlops.test.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import java.time.InstantSource;
import java.util.function.Supplier;

class InMemoryDatasetStoreTest extends DatasetStoreContract {
    @Override
    protected DatasetStore open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        return new InMemoryDatasetStore(artifacts, clock, actor);
    }
}
