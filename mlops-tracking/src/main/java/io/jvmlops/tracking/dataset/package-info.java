/** Versions of data: folders that are stored, compared, verified and given back. */
@NullMarked
package io.jvmlops.tracking.dataset;

import org.jspecify.annotations.NullMarked;
