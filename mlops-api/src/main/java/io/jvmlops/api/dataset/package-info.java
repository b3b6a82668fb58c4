/** Versions of data: which files there were, by content, and what was read of them. */
@NullMarked
package io.jvmlops.api.dataset;

import org.jspecify.annotations.NullMarked;
