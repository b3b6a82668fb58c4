package io.jvmlops.test.monitoring;

import io.jvmlops.api.monitoring.ProfileStore;

class InMemoryProfileStoreTest extends ProfileStoreContract {
    @Override
    protected ProfileStore openEmpty() {
        return new InMemoryProfileStore();
    }
}
