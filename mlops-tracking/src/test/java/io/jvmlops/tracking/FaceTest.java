package io.jvmlops.tracking;

import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;

class FaceTest extends FaceCases {
    @Override
    Tracking.Builder builder() {
        InMemoryTrackingStore runs = new InMemoryTrackingStore();
        InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
        return Tracking.builder()
                .store(runs)
                .metrics(runs.metrics())
                .artifacts(artifacts)
                .registry(new InMemoryModelRegistry(artifacts));
    }
}
