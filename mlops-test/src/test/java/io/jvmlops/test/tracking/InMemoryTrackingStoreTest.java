package io.jvmlops.test.tracking;

import io.jvmlops.api.tracking.TrackingStore;

class InMemoryTrackingStoreTest extends TrackingStoreContract {
    @Override
    protected TrackingStore open() {
        return new InMemoryTrackingStore();
    }
}
