package io.jvmlops.tracking;

/**
 * Metrics that could not be stored just now. They stay buffered and are tried again.
 *
 * @param runs how many runs they belong to
 * @param points how many points waited to be stored
 * @param attempt how often in a row storing has failed, from 1
 * @param cause what the metric store threw
 */
public record WriteFailure(int runs, long points, int attempt, Throwable cause) {}
