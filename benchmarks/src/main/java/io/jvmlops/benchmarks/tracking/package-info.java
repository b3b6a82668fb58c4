/** Tracking at scale, beside MLflow's own store. */
@NullMarked
package io.jvmlops.benchmarks.tracking;

import org.jspecify.annotations.NullMarked;
