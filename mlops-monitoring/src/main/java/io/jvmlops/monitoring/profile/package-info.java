/** Profiles of data: counted online by many threads, or from files and records; merged exactly; kept as canonical bytes. */
@NullMarked
package io.jvmlops.monitoring.profile;

import org.jspecify.annotations.NullMarked;
