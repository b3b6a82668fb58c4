package io.jvmlops.monitoring;

import io.jvmlops.api.predict.PredictionListener;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.test.predict.PredictionListenerContract;

class MonitorListenerTest extends PredictionListenerContract {
    @Override
    protected PredictionListener newListener() {
        return Monitor.builder(ReferenceProfile.builder(SIGNATURE)
                        .add(inputs(10, 1, 2, "red", true), outputs(10, 1, 0.75f))
                        .add(inputs(10, 3, 1, "green", false), outputs(10, 0, 0.25f))
                        .build())
                .build();
    }
}
