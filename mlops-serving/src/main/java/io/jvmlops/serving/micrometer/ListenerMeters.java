package io.jvmlops.serving.micrometer;

import io.jvmlops.serving.ListenerUsage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** The meters of one listener. */
final class ListenerMeters {
    private static final double SECOND = 1e9;

    final Counter dropped;
    final Counter failures;
    private final Counter told;
    private final Counter passedOver;
    private final Counter cpu;
    private final AtomicInteger sampling = new AtomicInteger();

    ListenerMeters(MeterRegistry registry, String listener) {
        dropped = registry.counter("mlops.listener.dropped", "listener", listener);
        failures = registry.counter("mlops.listener.failures", "listener", listener);
        told = rows(registry, listener, "told");
        passedOver = rows(registry, listener, "passed_over");
        cpu = Counter.builder("mlops.listener.cpu")
                .description("Processor time of a listener's thread")
                .baseUnit("seconds")
                .tag("listener", listener)
                .register(registry);
        Gauge.builder("mlops.listener.sampling", sampling, AtomicInteger::get)
                .description("Each row is taken with probability 2^-this")
                .tag("listener", listener)
                .strongReference(true)
                .register(registry);
    }

    private static Counter rows(MeterRegistry registry, String listener, String result) {
        return Counter.builder("mlops.listener.rows")
                .description("Rows that a listener was told of, or that were not in its sample")
                .tags("listener", listener, "result", result)
                .register(registry);
    }

    void used(ListenerUsage usage) {
        sampling.set(usage.sampling());
        told.increment((double) usage.rowsTold());
        passedOver.increment((double) usage.rowsPassedOver());
        cpu.increment(usage.cpuNanos() / SECOND);
    }
}
