package io.jvmlops.serving.cache;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a store is asked, and whether it is written to: one may fail while the other works, as on a full disk. One line is logged
 * when either is left alone, one when both work again. Thread-safe.
 */
final class StoreHealth {
    private static final Logger LOG = LoggerFactory.getLogger(SecondLevel.class);

    private final String store;
    private final LongSupplier nanoTime;
    private final Breaker reads;
    private final Breaker writes;

    private boolean told;
    private long toldAt;

    StoreHealth(String store, LongSupplier nanoTime) {
        this.store = store;
        this.nanoTime = nanoTime;
        this.reads = new Breaker(nanoTime);
        this.writes = new Breaker(nanoTime);
    }

    Breaker reads() {
        return reads;
    }

    Breaker writes() {
        return writes;
    }

    /** Whether an answer may be put down to be written. */
    boolean takesWrites() {
        return !reads.isOpen() && !writes.refuses();
    }

    boolean isOpen() {
        return reads.isOpen() || writes.isOpen();
    }

    void succeeded(Breaker breaker, Breaker.Pass pass) {
        if (breaker.succeeded(pass)) {
            tellThatItWorks();
        }
    }

    /** @param what it did instead of what was asked, as the end of a sentence that begins with its name */
    void failed(Breaker breaker, Breaker.Pass pass, String what, @Nullable Throwable cause) {
        long pause = breaker.failed(pass);
        if (pause > 0) {
            tellThatItFails(what, pause, cause);
        }
    }

    private synchronized void tellThatItFails(String what, long pause, @Nullable Throwable cause) {
        if (told) {
            return;
        }
        told = true;
        toldAt = nanoTime.getAsLong();
        LOG.warn(
                "The second level of the prediction cache, {}, {}, {} times in a row. It is left alone for {} s, and for longer each"
                        + " time that it fails then, up to a minute; models are asked meanwhile. Look whether it is up and"
                        + " reachable, or allow it more time (CacheSpec.backedBy)",
                store,
                what,
                Breaker.FAILURES,
                TimeUnit.NANOSECONDS.toSeconds(pause),
                cause);
    }

    private synchronized void tellThatItWorks() {
        if (told && !isOpen()) {
            told = false;
            LOG.info(
                    "The second level of the prediction cache, {}, works again after {} s",
                    store,
                    Duration.ofNanos(nanoTime.getAsLong() - toldAt).toSeconds());
        }
    }
}
