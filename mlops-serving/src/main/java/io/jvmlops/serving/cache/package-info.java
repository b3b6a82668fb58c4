/** The prediction cache: exact keys, bounded memory. */
@NullMarked
package io.jvmlops.serving.cache;

import org.jspecify.annotations.NullMarked;
