/** Unsupported: what the packages of this module share. May change in any release. */
@NullMarked
package io.jvmlops.tracking.internal;

import org.jspecify.annotations.NullMarked;
