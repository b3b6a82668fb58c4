package io.jvmlops.serving;

import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import java.util.function.Supplier;

/**
 * Where a serving's numbers go. {@link io.jvmlops.serving.micrometer.MicrometerServingMetrics} is the one that most
 * hosts want. Called on the predicting thread, if nothing else is said: implementations are thread-safe, do not block and do not throw.
 */
public interface ServingMetrics {
    /** Goes nowhere. */
    ServingMetrics NONE = (model, version, flavor) -> ModelMetrics.NONE;

    /** The numbers of one loaded version; asked for once per load. */
    ModelMetrics of(String model, int version, String flavor);

    /** A version was put into service, or could not be. */
    default void reloaded(String model, boolean success) {}

    /** An asynchronous call ended before a model saw it; a call that a model has seen counts as any other. */
    default void notBegun(String model, NotBegun why) {}

    /** A listener's queue was full, so that an event was dropped. */
    default void eventDropped(String listener) {}

    /** About once a second, while a listener is told of something, and when it is flushed or closed. On the listener's thread. */
    default void listenerUsed(String listener, ListenerUsage usage) {}

    /** A listener threw. */
    default void listenerFailed(String listener) {}

    /** A serving has a cache, which can be asked for its numbers until it is closed. */
    default void opened(PredictionCache cache) {}

    /** A cache is about to be closed. */
    default void closed(PredictionCache cache) {}

    /** The numbers of one loaded version. */
    interface ModelMetrics {
        /** Goes nowhere. */
        ModelMetrics NONE = new ModelMetrics() {};

        /**
         * A call has ended.
         *
         * @param nanos how long it took, cache included
         */
        default void predicted(long nanos, Outcome outcome) {}

        /**
         * The version stands behind the cache. A hit takes so little that it is not told of one by one.
         *
         * @param status can be asked at any time until {@link #closed}, and once more then; who keeps it longer keeps the version
         */
        default void cached(Supplier<CacheStatus> status) {}

        /** The version was closed, and nobody is in it any more. Told more than once if it is closed more than once. */
        default void closed() {}
    }

    /** Why an asynchronous call was never begun. */
    enum NotBegun {
        /** Too many ran or waited already. */
        OVERLOADED,
        /** The deadline passed while it waited. */
        TIMED_OUT,
        /** The caller cancelled it, or completed it otherwise. */
        CANCELLED,
        /** The serving was closed. */
        CLOSED
    }

    /** How a call ended. */
    enum Outcome {
        SUCCESS,
        /** The input did not fit the model. */
        INVALID_INPUT,
        /** The deadline passed before there was an answer. */
        TIMED_OUT,
        /** Anything else. */
        FAILURE
    }
}
