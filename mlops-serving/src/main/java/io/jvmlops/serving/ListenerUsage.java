package io.jvmlops.serving;

/**
 * What a listener was told of since the last time that this was said, and what that took.
 *
 * @param sampling as it is now: each row is taken with probability 2<sup>-sampling</sup>; 0 for all
 * @param rowsTold rows in the events that the listener was told of; a call that is not batched is one
 * @param rowsPassedOver rows that were not taken into the sample, since the listener has a CPU budget; those of events that were
 *     dropped are in neither
 * @param cpuNanos processor time of its thread, in nanoseconds
 */
public record ListenerUsage(int sampling, long rowsTold, long rowsPassedOver, long cpuNanos) {}
