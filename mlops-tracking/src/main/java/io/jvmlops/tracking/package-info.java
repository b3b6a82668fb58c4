/** Tracks experiments and registers models, embedded. Begin with {@link io.jvmlops.tracking.Tracking#open}. */
@NullMarked
package io.jvmlops.tracking;

import org.jspecify.annotations.NullMarked;
