package io.jvmlops.spring;

import io.jvmlops.serving.Serving;

/**
 * A bean that has the last word on the auto-configured serving: a listener for one model only, for one. Several are asked
 * in the order of their {@code @Order}.
 */
@FunctionalInterface
public interface ServingCustomizer {
    void customize(Serving.Builder builder);
}
