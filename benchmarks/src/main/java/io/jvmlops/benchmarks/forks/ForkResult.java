package io.jvmlops.benchmarks.forks;

/**
 * What one fork measured: the medians of its iterations.
 *
 * @param nanos per call of one thread
 * @param bytes allocated on the heap per call
 */
public record ForkResult(double nanos, double bytes) {}
