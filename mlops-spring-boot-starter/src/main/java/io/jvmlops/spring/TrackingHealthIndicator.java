package io.jvmlops.spring;

import io.jvmlops.tracking.Tracking;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up while the store of runs answers. */
final class TrackingHealthIndicator extends AbstractHealthIndicator {
    /** No run has it: ids are random UUIDs, whose version digit is 4. */
    private static final String NO_RUN = "0".repeat(32);

    private final Tracking tracking;

    TrackingHealthIndicator(Tracking tracking) {
        super("The tracking's store does not answer");
        this.tracking = tracking;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        builder.withDetail("location", tracking.location());
        // A look-up by key: a health check must cost the same however many runs there are.
        boolean unused = tracking.store().findRun(NO_RUN).isPresent();
        builder.up();
    }
}
