package io.jvmlops.serving.micrometer;

import io.jvmlops.serving.ServingMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Serving's numbers as meters of a registry.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name<th>kind<th>tags
 * <tr><td>{@code mlops.predictions}<td>timer: calls and their latency<td>model, version, flavor, outcome (success,
 * invalid_input, timed_out, failure)
 * <tr><td>{@code mlops.cache.lookups}<td>counter<td>model, version, flavor, result (hit, miss)
 * <tr><td>{@code mlops.model.reloads}<td>counter<td>model, outcome (success, failure)
 * <tr><td>{@code mlops.async.dropped}: asynchronous calls that were never begun<td>counter<td>model, reason (overloaded,
 * timed_out, cancelled, closed)
 * <tr><td>{@code mlops.listener.dropped}<td>counter<td>listener
 * <tr><td>{@code mlops.listener.failures}<td>counter<td>listener
 * </table>
 */
public final class MicrometerServingMetrics implements ServingMetrics {
    private final MeterRegistry registry;

    private MicrometerServingMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    public static MicrometerServingMetrics of(MeterRegistry registry) {
        return new MicrometerServingMetrics(registry);
    }

    @Override
    public ModelMetrics of(String model, int version, String flavor) {
        return new Meters(Tags.of("model", model, "version", Integer.toString(version), "flavor", flavor));
    }

    @Override
    public void reloaded(String model, boolean success) {
        registry.counter("mlops.model.reloads", "model", model, "outcome", success ? "success" : "failure")
                .increment();
    }

    @Override
    public void notBegun(String model, NotBegun why) {
        registry.counter(
                        "mlops.async.dropped",
                        "model",
                        model,
                        "reason",
                        why.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void eventDropped(String listener) {
        registry.counter("mlops.listener.dropped", "listener", listener).increment();
    }

    @Override
    public void listenerFailed(String listener) {
        registry.counter("mlops.listener.failures", "listener", listener).increment();
    }

    private final class Meters implements ModelMetrics {
        private final Timer success;
        private final Timer invalid;
        private final Timer timedOut;
        private final Timer failure;
        private final Counter hits;
        private final Counter misses;

        Meters(Tags tags) {
            success = timer(tags, Outcome.SUCCESS);
            invalid = timer(tags, Outcome.INVALID_INPUT);
            timedOut = timer(tags, Outcome.TIMED_OUT);
            failure = timer(tags, Outcome.FAILURE);
            hits = registry.counter("mlops.cache.lookups", tags.and("result", "hit"));
            misses = registry.counter("mlops.cache.lookups", tags.and("result", "miss"));
        }

        private Timer timer(Tags tags, Outcome outcome) {
            return Timer.builder("mlops.predictions")
                    .description("Calls of a model, cache included")
                    .tags(tags.and("outcome", outcome.name().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }

        @Override
        public void predicted(long nanos, Outcome outcome) {
            Timer timer = switch (outcome) {
                case SUCCESS -> success;
                case INVALID_INPUT -> invalid;
                case TIMED_OUT -> timedOut;
                case FAILURE -> failure;
            };
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void looked(boolean hit) {
            (hit ? hits : misses).increment();
        }
    }
}
