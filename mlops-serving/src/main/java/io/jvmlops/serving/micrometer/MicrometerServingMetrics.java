package io.jvmlops.serving.micrometer;

import io.jvmlops.serving.ListenerUsage;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serving's numbers as meters of a registry.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name<th>kind<th>tags
 * <tr><td>{@code mlops.predictions}<td>timer: calls and their latency<td>model, version, flavor, outcome (success,
 * invalid_input, timed_out, failure)
 * <tr><td>{@code mlops.cache.lookups}: rows, or calls that are known as wholes<td>counter<td>model, version, flavor, result
 * (hit; miss: the model was asked; shared: somebody else had asked it already; stored: the second level had the answer)
 * <tr><td>{@code mlops.cache.state}: 1 if the cache takes part, 0 if it stands aside, -1 if it never will<td>gauge<td>model,
 * version, flavor, rows (of a call: 1, 2-15, 16-127, 128+)
 * <tr><td>{@code mlops.cache.entries}, {@code mlops.cache.bytes}: in memory<td>gauge<td>
 * <tr><td>{@code mlops.cache.evictions}: because of the bound, or of age<td>counter<td>
 * <tr><td>{@code mlops.cache.store}: keys asked of the second level, and answers for it<td>counter<td>result (hit, miss, failure,
 * timeout, skipped, written, dropped)
 * <tr><td>{@code mlops.cache.store.open}: 1 while the second level is left alone, as it failed<td>gauge<td>
 * <tr><td>{@code mlops.model.reloads}<td>counter<td>model, outcome (success, failure)
 * <tr><td>{@code mlops.async.dropped}: asynchronous calls that were never begun<td>counter<td>model, reason (overloaded,
 * timed_out, cancelled, closed)
 * <tr><td>{@code mlops.listener.dropped}: events that did not fit the queue, or were left when it was closed<td>counter<td>listener
 * <tr><td>{@code mlops.listener.failures}: events at which it threw<td>counter<td>listener
 * <tr><td>{@code mlops.listener.rows}<td>counter<td>listener, result (told; passed_over: not in the sample, as it has a CPU budget)
 * <tr><td>{@code mlops.listener.sampling}: each row is taken with probability 2<sup>-this</sup><td>gauge<td>listener
 * <tr><td>{@code mlops.listener.cpu}: processor time of its thread in seconds, whose rate is its share<td>counter<td>listener
 * </table>
 *
 * <p>A registry takes one of these; several servings may share it, and their numbers add up. Of a second one, the cache's numbers
 * take the place of the first one's.
 */
public final class MicrometerServingMetrics implements ServingMetrics {
    private final MeterRegistry registry;
    private final CacheMeters caches;
    private final Map<String, ListenerMeters> listeners = new ConcurrentHashMap<>();

    private MicrometerServingMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.caches = new CacheMeters(registry);
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
        listener(listener).dropped.increment();
    }

    @Override
    public void listenerUsed(String listener, ListenerUsage usage) {
        listener(listener).used(usage);
    }

    @Override
    public void listenerFailed(String listener) {
        listener(listener).failures.increment();
    }

    /** Looked up in a map of our own, which costs less than in the registry's: a full queue drops an event on every call. */
    private ListenerMeters listener(String name) {
        ListenerMeters known = listeners.get(name);
        return known != null ? known : listeners.computeIfAbsent(name, n -> new ListenerMeters(registry, n));
    }

    @Override
    public void opened(PredictionCache cache) {
        caches.opened(cache);
    }

    @Override
    public void closed(PredictionCache cache) {
        caches.closed(cache);
    }

    private final class Meters implements ModelMetrics {
        private final Timer success;
        private final Timer invalid;
        private final Timer timedOut;
        private final Timer failure;
        private final Tags tags;
        private final AtomicReference<@Nullable Runnable> unload = new AtomicReference<>();

        Meters(Tags tags) {
            this.tags = tags;
            success = timer(tags, Outcome.SUCCESS);
            invalid = timer(tags, Outcome.INVALID_INPUT);
            timedOut = timer(tags, Outcome.TIMED_OUT);
            failure = timer(tags, Outcome.FAILURE);
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
        public void cached(Supplier<CacheStatus> status) {
            unload.set(caches.loaded(tags, status));
        }

        @Override
        public void closed() {
            Runnable last = unload.getAndSet(null);
            if (last != null) {
                last.run();
            }
        }
    }
}
