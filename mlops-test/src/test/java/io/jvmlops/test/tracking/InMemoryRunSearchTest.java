package io.jvmlops.test.tracking;

import io.jvmlops.api.tracking.TrackingStore;

class InMemoryRunSearchTest extends RunSearchContract {
    @Override
    protected TrackingStore open() {
        return new InMemoryTrackingStore();
    }
}
