package io.jvmlops.benchmarks.forks;

/**
 * What one fork measured.
 *
 * @param nanos per call, averaged over its iterations
 * @param bytes allocated on the heap per call
 */
public record ForkResult(double nanos, double bytes) {}
