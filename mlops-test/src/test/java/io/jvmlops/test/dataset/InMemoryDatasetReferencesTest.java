package io.jvmlops.test.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;

class InMemoryDatasetReferencesTest extends DatasetReferencesContract {
    @Override
    protected DatasetStore openDatasets(ArtifactStore artifacts) {
        return new InMemoryDatasetStore(artifacts);
    }
}
