/** How often the verdicts alarm though nothing has changed, and how often they see what has. */
@NullMarked
package io.jvmlops.benchmarks.calibration;

import org.jspecify.annotations.NullMarked;
