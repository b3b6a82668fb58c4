/** Shared by the packages of this module; no part of its interface. */
@NullMarked
package io.jvmlops.monitoring.internal;

import org.jspecify.annotations.NullMarked;
