package io.jvmlops.benchmarks.cache;

import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import java.util.Locale;

/** What a cache says of single rows of its only model. */
final class Status {
    private Status() {}

    static CacheStatus of(PredictionCache cache) {
        return cache.status().get(0);
    }

    /** Like {@code ASIDE: ... (hit rate 0.00, a hit 120 ns, ...)}. */
    static String text(PredictionCache cache) {
        CacheStatus.Calls single = of(cache).calls().get(0);
        return String.format(
                Locale.ROOT,
                "%s%s (hit rate %.3f, a hit %.0f ns, added to a miss %.0f ns, the model %.0f ns)",
                single.state(),
                single.reason().isEmpty() ? "" : ": " + single.reason(),
                single.hitRate(),
                single.hitNanos(),
                single.missNanos(),
                single.modelNanos());
    }
}
