package io.jvmlops.test.tracking;

import io.jvmlops.api.tracking.TrackingStore;

class InMemoryRunReferencesTest extends RunReferencesContract {
    @Override
    protected TrackingStore openRuns() {
        return new InMemoryTrackingStore();
    }
}
