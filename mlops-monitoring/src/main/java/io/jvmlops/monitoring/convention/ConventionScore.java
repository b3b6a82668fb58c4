package io.jvmlops.monitoring.convention;

/**
 * What a convention says of a column.
 *
 * @param convention its name
 * @param score a p-value, a distance or a statistic, as the other library shows it; NaN where that does
 * @param threshold what it compared with
 * @param drift what it concluded
 */
public record ConventionScore(String convention, double score, double threshold, boolean drift) {}
