/**
 * Change detectors for streams: one value at a time, no stored history, no allocation.
 *
 * <p>{@link io.jvmlops.monitoring.detector.ChangeDetector} is what all of them are. For numbers there are
 * {@link io.jvmlops.monitoring.detector.Adwin}, {@link io.jvmlops.monitoring.detector.Kswin},
 * {@link io.jvmlops.monitoring.detector.Cusum} and {@link io.jvmlops.monitoring.detector.PageHinkley}; for a model's errors
 * {@link io.jvmlops.monitoring.detector.Ddm}, {@link io.jvmlops.monitoring.detector.Eddm},
 * {@link io.jvmlops.monitoring.detector.HddmA}, {@link io.jvmlops.monitoring.detector.HddmW} and
 * {@link io.jvmlops.monitoring.detector.Stepd}.
 */
@NullMarked
package io.jvmlops.monitoring.detector;

import org.jspecify.annotations.NullMarked;
