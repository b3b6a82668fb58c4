package io.jvmlops.spring;

import io.jvmlops.monitoring.Monitor;
import io.jvmlops.monitoring.micrometer.MonitorMeters;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** Serving's numbers, and those of every {@link Monitor} bean, as meters of the application's {@link MeterRegistry}. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
public final class MlopsMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ServingMetrics mlopsServingMetrics(MeterRegistry registry) {
        return MicrometerServingMetrics.of(registry);
    }

    /** Spring Boot binds it to every registry. */
    @Bean
    @ConditionalOnBean(Monitor.class)
    @ConditionalOnMissingBean(MonitorMeters.class)
    MeterBinder mlopsMonitorMeters(ObjectProvider<Monitor> monitors) {
        return registry -> monitors.orderedStream().forEach(monitor -> new MonitorMeters(monitor).bindTo(registry));
    }
}
