/** Shared by the packages of this module; not for others, and changed without notice. */
@NullMarked
package io.jvmlops.serving.internal;

import org.jspecify.annotations.NullMarked;
