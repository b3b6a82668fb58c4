package io.jvmlops.serving.micrometer;

import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The cache's numbers, asked for when somebody looks at the meters: a hit costs nothing more. Counts go on when a version is
 * loaded again, or another cache opened; of what is closed nothing is kept but its counts.
 */
final class CacheMeters {
    private static final String LOOKUPS = "mlops.cache.lookups";

    private static final Map<String, ToLongFunction<CacheStatus>> RESULTS = Map.of(
            "hit", CacheStatus::hits,
            "miss", status -> status.misses() - status.shared() - status.stored(),
            "shared", CacheStatus::shared,
            "stored", CacheStatus::stored);

    private static final Map<String, ToLongFunction<CacheStatus.Store>> OF_STORE = Map.of(
            "hit", CacheStatus.Store::hits,
            "miss", CacheStatus.Store::misses,
            "failure", CacheStatus.Store::failures,
            "timeout", CacheStatus.Store::timeouts,
            "skipped", CacheStatus.Store::skipped,
            "written", CacheStatus.Store::written,
            "dropped", CacheStatus.Store::dropped);

    private final MeterRegistry registry;
    /** The registry itself holds on to none of these. */
    private final Map<Tags, Version> versions = new ConcurrentHashMap<>();

    private final Sources<PredictionCache> caches = new Sources<>();
    private boolean ofCaches;
    private boolean ofStores;

    CacheMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @return to be run once it is closed */
    Runnable loaded(Tags tags, Supplier<CacheStatus> status) {
        Version version = versions.computeIfAbsent(tags, Version::new);
        version.add(status);
        return () -> version.remove(status);
    }

    synchronized void opened(PredictionCache cache) {
        caches.add(cache);
        if (!ofCaches) {
            ofCaches = true;
            gauge("mlops.cache.entries", "Answers in memory", caches, all -> all.sum(PredictionCache::entries));
            gauge("mlops.cache.bytes", "What answers in memory take", caches, all -> all.sum(PredictionCache::bytes));
            counter(
                    "mlops.cache.evictions",
                    "Answers that went because of the bound, or of age",
                    Tags.empty(),
                    caches.count(PredictionCache::evictions));
        }
        if (!ofStores && cache.store().isPresent()) {
            ofStores = true;
            OF_STORE.forEach((result, number) -> counter(
                    "mlops.cache.store",
                    "Keys asked of the second level, and answers for it",
                    Tags.of("result", result),
                    caches.count(each -> each.store().map(number::applyAsLong).orElse(0L))));
            gauge(
                    "mlops.cache.store.open",
                    "1 while the second level is left alone",
                    caches,
                    all -> all.sum(each -> each.store()
                                                    .map(CacheStatus.Store::open)
                                                    .orElse(false)
                                            ? 1
                                            : 0)
                                    > 0
                            ? 1
                            : 0);
        }
    }

    void closed(PredictionCache cache) {
        boolean unused = caches.remove(cache);
    }

    /** What an earlier one of these had registered reads from what is gone, and would stay. */
    private void replace(String name, Tags tags, Meter.Type type) {
        registry.remove(new Meter.Id(name, tags, null, null, type));
    }

    private <T> void counter(String name, String description, Tags tags, Sources.Count<T> count) {
        replace(name, tags, Meter.Type.COUNTER);
        FunctionCounter.builder(name, count, Sources.Count::value)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        replace(name, Tags.empty(), Meter.Type.GAUGE);
        Gauge.builder(name, of, value).description(description).register(registry);
    }

    /** One version of one model, however often it is loaded. */
    private final class Version {
        private final Tags tags;
        private final Sources<Supplier<CacheStatus>> loads = new Sources<>();
        private final List<Meter> states = new ArrayList<>();

        Version(Tags tags) {
            this.tags = tags;
            RESULTS.forEach((result, number) -> counter(
                    LOOKUPS,
                    "Rows that were looked up in the cache, or calls that are known as wholes",
                    tags.and("result", result),
                    loads.count(status -> number.applyAsLong(status.get()))));
        }

        synchronized void add(Supplier<CacheStatus> status) {
            loads.add(status);
            if (states.isEmpty()) {
                List<CacheStatus.Calls> sizes = status.get().calls();
                for (int i = 0; i < sizes.size(); i++) {
                    int at = i;
                    Tags ofSize = tags.and("rows", sizes.get(i).size());
                    replace("mlops.cache.state", ofSize, Meter.Type.GAUGE);
                    states.add(Gauge.builder("mlops.cache.state", loads, all -> all.max(each -> state(each.get(), at)))
                            .description("1 if the cache takes part, 0 if it stands aside, -1 if it never will")
                            .tags(ofSize)
                            .register(registry));
                }
            }
        }

        synchronized void remove(Supplier<CacheStatus> status) {
            if (loads.remove(status)) {
                // There is no state of what is not loaded.
                states.forEach(registry::remove);
                states.clear();
            }
        }

        private static int state(CacheStatus status, int at) {
            return switch (status.calls().get(at).state()) {
                case ON -> 1;
                case TRIAL, ASIDE -> 0;
                case NON_DETERMINISTIC, OFF -> -1;
            };
        }
    }

    /** What can be asked at the moment. Thread-safe. */
    private static final class Sources<T> {
        private final Set<T> open = new LinkedHashSet<>();
        private final List<Count<T>> counts = new ArrayList<>();

        synchronized void add(T source) {
            open.add(source);
        }

        /** @return whether it was the last one */
        synchronized boolean remove(T source) {
            if (!open.remove(source)) {
                return false;
            }
            counts.forEach(count -> count.add(source));
            return open.isEmpty();
        }

        synchronized double sum(ToLongFunction<T> number) {
            return open.stream().mapToLong(number).sum();
        }

        synchronized double max(ToLongFunction<T> number) {
            return open.stream().mapToLong(number).max().orElse(0);
        }

        synchronized Count<T> count(ToLongFunction<T> number) {
            Count<T> count = new Count<>(this, number);
            counts.add(count);
            return count;
        }

        /** A number that only grows. */
        private static final class Count<T> {
            private final Sources<T> sources;
            private final ToLongFunction<T> number;
            /** Of those that are closed. */
            private long before;

            private long largest;

            Count(Sources<T> sources, ToLongFunction<T> number) {
                this.sources = sources;
                this.number = number;
            }

            void add(T closed) {
                before += number.applyAsLong(closed);
            }

            double value() {
                synchronized (sources) {
                    // A miss that turns out to be shared is not one any more, and a counter must not go back.
                    largest = Math.max(
                            largest,
                            before + sources.open.stream().mapToLong(number).sum());
                    return largest;
                }
            }
        }
    }
}
