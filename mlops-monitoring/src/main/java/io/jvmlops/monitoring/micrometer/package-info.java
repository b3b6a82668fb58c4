/** Drift as Micrometer meters; needs {@code io.micrometer:micrometer-core} on the class path. */
@NullMarked
package io.jvmlops.monitoring.micrometer;

import org.jspecify.annotations.NullMarked;
