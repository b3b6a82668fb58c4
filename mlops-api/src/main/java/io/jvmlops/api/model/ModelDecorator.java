package io.jvmlops.api.model;

/**
 * Wraps every version that a serving loads: logging, tracing, a host's own cache. Applied outside the prediction cache
 * and inside the observer of latency and listeners, once per version, in the order given.
 *
 * <p>Implementations pass {@code ModelDecoratorContract} of mlops-test.
 */
@FunctionalInterface
public interface ModelDecorator {
    /** A model that answers as the given one would, and closes it when closed. */
    InferenceModel decorate(InferenceModel model);
}
