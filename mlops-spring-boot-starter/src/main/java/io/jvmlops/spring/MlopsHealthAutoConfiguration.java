package io.jvmlops.spring;

import io.jvmlops.serving.Serving;
import io.jvmlops.tracking.Tracking;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Health of tracking and serving, where Spring Boot's health module is on the class path. */
@AutoConfiguration(after = {MlopsTrackingAutoConfiguration.class, MlopsServingAutoConfiguration.class})
@ConditionalOnClass(HealthIndicator.class)
public final class MlopsHealthAutoConfiguration {

    @Bean
    @ConditionalOnSingleCandidate(Tracking.class)
    @ConditionalOnEnabledHealthIndicator("mlops-tracking")
    @ConditionalOnMissingBean(name = "mlopsTrackingHealthIndicator")
    HealthIndicator mlopsTrackingHealthIndicator(Tracking tracking) {
        return new TrackingHealthIndicator(tracking);
    }

    @Bean
    @ConditionalOnSingleCandidate(Serving.class)
    @ConditionalOnEnabledHealthIndicator("mlops-serving")
    @ConditionalOnMissingBean(name = "mlopsServingHealthIndicator")
    HealthIndicator mlopsServingHealthIndicator(Serving serving) {
        return new ServingHealthIndicator(serving);
    }
}
