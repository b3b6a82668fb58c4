/** Experiments and runs: what a training program writes, and the stores that keep it. */
@NullMarked
package io.jvmlops.api.tracking;

import org.jspecify.annotations.NullMarked;
