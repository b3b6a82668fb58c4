/** Finds out where things come from, over the interfaces of the stores. */
@NullMarked
package io.jvmlops.tracking.lineage;

import org.jspecify.annotations.NullMarked;
