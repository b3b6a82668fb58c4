package io.jvmlops.spring;

import io.jvmlops.tracking.Tracking;

/**
 * A bean that has the last word on the auto-configured tracking: who is named as the actor, how large the buffers are, who
 * hears of failing writes. Several are asked in the order of their {@code @Order}.
 */
@FunctionalInterface
public interface TrackingCustomizer {
    void customize(Tracking.Builder builder);
}
