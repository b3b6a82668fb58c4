package io.jvmlops.spring;

import io.jvmlops.api.model.ModelRef;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties below {@code mlops}. A value that cannot be meant stops the application from starting, with a message
 * that names the property.
 */
@ConfigurationProperties("mlops")
public record MlopsProperties(
        @DefaultValue Tracking tracking, @DefaultValue Serving serving) {

    /**
     * Where runs and models are kept.
     *
     * @param enabled whether there are a tracking and its model registry
     * @param folder where runs, artifacts and registered models are kept; a relative one is below the working directory
     * @param lease after how long without a sign of life a run of this application is taken for killed
     * @param recordSource whether runs have tags that say what started them: user, program, commit, JVM
     * @param failFast whether logging a metric fails while earlier ones could not be stored
     */
    // The folder is text: Spring makes a Path out of a class-path resource where one has that name.
    public record Tracking(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("./mlops") String folder,
            @DefaultValue("60s") Duration lease,
            @DefaultValue("true") boolean recordSource,
            @DefaultValue("false") boolean failFast) {
        private static final Duration MIN_LEASE = Duration.ofMillis(100);

        public Tracking {
            if (lease.compareTo(MIN_LEASE) < 0) {
                throw new IllegalArgumentException(
                        "mlops.tracking.lease is " + lease + ": expected " + MIN_LEASE + " or more");
            }
            if (folder.isBlank()) {
                throw new IllegalArgumentException("mlops.tracking.folder is blank: expected the path of a folder");
            }
            try {
                Path unused = Path.of(folder);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(
                        "mlops.tracking.folder is no path: " + e.getReason() + " at position " + e.getIndex(), e);
            }
        }
    }

    /**
     * How models are served.
     *
     * @param enabled whether there is a serving, where there is one model registry
     * @param cache the prediction cache
     * @param pollInterval how often to look for aliases that another process moved; 0 for never
     * @param listenerQueue how many predictions may wait for a slow listener before they are dropped
     * @param listenerQueueBytes how much their inputs and outputs may take
     * @param timeout the most that a prediction may take; however long it takes if this is not set
     * @param flavors the form in which to load a model that has several, by the model's name: onnx, tribuo
     */
    public record Serving(
            @DefaultValue("true") boolean enabled,
            @DefaultValue Cache cache,
            @DefaultValue("5s") Duration pollInterval,
            @DefaultValue("4096") int listenerQueue,
            @DefaultValue("32MB") DataSize listenerQueueBytes,
            @Nullable Duration timeout,
            @DefaultValue Map<String, String> flavors) {
        public Serving {
            if (pollInterval.isNegative()) {
                throw new IllegalArgumentException(
                        "mlops.serving.poll-interval is " + pollInterval + ": expected 0 or more");
            }
            if (listenerQueue < 1) {
                throw new IllegalArgumentException(
                        "mlops.serving.listener-queue is " + listenerQueue + ": expected 1 or more");
            }
            if (listenerQueueBytes.toBytes() <= 0) {
                throw new IllegalArgumentException(
                        "mlops.serving.listener-queue-bytes is " + listenerQueueBytes + ": expected more than 0");
            }
            if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
                throw new IllegalArgumentException(
                        "mlops.serving.timeout is " + timeout + ": expected more than 0, or leave it out");
            }
            flavors.forEach((model, flavor) -> {
                ModelRef.checkName(model);
                if (flavor.isBlank()) {
                    throw new IllegalArgumentException(
                            "mlops.serving.flavors." + model + " is blank: expected a flavor, like onnx or tribuo");
                }
            });
            flavors = Map.copyOf(flavors);
        }
    }

    /**
     * The prediction cache. There is none unless its bound is set.
     *
     * @param maxBytes how much memory answers may take, over all models
     * @param maxEntries how many answers may be kept, over all models, in place of a bound in bytes
     * @param expireAfterWrite after how long an answer is forgotten; never if this is not set
     * @param expireAfterAccess after how long an answer is forgotten that nobody asked for; never if this is not set
     * @param storeTimeout the longest that a prediction waits for the application's PredictionCacheStore, if there is one
     * @param checkEvery of how many known answers one is asked for again, to find out models that are not deterministic; 0 for none
     */
    public record Cache(
            @Nullable DataSize maxBytes,
            @Nullable Long maxEntries,
            @Nullable Duration expireAfterWrite,
            @Nullable Duration expireAfterAccess,
            @DefaultValue("50ms") Duration storeTimeout,
            @DefaultValue("4096") int checkEvery) {
        public Cache {
            if (maxBytes != null && maxBytes.toBytes() <= 0) {
                throw new IllegalArgumentException(
                        "mlops.serving.cache.max-bytes is " + maxBytes + ": expected more than 0, or leave it out");
            }
            if (maxEntries != null && maxEntries <= 0) {
                throw new IllegalArgumentException(
                        "mlops.serving.cache.max-entries is " + maxEntries + ": expected more than 0, or leave it out");
            }
            if (maxBytes != null && maxEntries != null) {
                throw new IllegalArgumentException(
                        "mlops.serving.cache.max-bytes and max-entries are both set: expected one of them");
            }
            positive("expire-after-write", expireAfterWrite);
            positive("expire-after-access", expireAfterAccess);
            positive("store-timeout", storeTimeout);
            if (checkEvery < 0) {
                throw new IllegalArgumentException(
                        "mlops.serving.cache.check-every is " + checkEvery + ": expected 0 or more");
            }
        }

        private static void positive(String name, @Nullable Duration value) {
            if (value != null && (value.isNegative() || value.isZero())) {
                throw new IllegalArgumentException(
                        "mlops.serving.cache." + name + " is " + value + ": expected more than 0, or leave it out");
            }
        }
    }
}
