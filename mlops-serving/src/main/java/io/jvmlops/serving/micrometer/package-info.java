/** Serving's metrics as Micrometer meters. Needs micrometer-core on the class path. */
@NullMarked
package io.jvmlops.serving.micrometer;

import org.jspecify.annotations.NullMarked;
