package io.jvmlops.test.tracking;

import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.TrackingStore;

class InMemoryMetricStoreTest extends MetricStoreContract {
    @Override
    protected TrackingStore openRuns() {
        return new InMemoryTrackingStore();
    }

    @Override
    protected MetricStore open(TrackingStore runs) {
        return ((InMemoryTrackingStore) runs).metrics();
    }
}
