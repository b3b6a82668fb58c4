package io.jvmlops.tracking.lineage;

import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.dataset.InMemoryDatasetStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.Tracking;
import java.time.InstantSource;

class LineageTest extends LineageCases {
    @Override
    Tracking.Builder builder() {
        InMemoryTrackingStore runs = new InMemoryTrackingStore();
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        return Tracking.builder()
                .store(runs)
                .metrics(runs.metrics())
                .artifacts(artifacts)
                .datasets(new InMemoryDatasetStore(artifacts, InstantSource.system(), () -> "ada"))
                .registry(new InMemoryModelRegistry(artifacts, InstantSource.system(), () -> "ada"));
    }
}
