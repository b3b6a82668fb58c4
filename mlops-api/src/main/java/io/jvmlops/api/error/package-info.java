/** What can go wrong, cut by what the caller can do about it. Every leaf extends {@link io.jvmlops.api.error.MlopsException}. */
@NullMarked
package io.jvmlops.api.error;

import org.jspecify.annotations.NullMarked;
