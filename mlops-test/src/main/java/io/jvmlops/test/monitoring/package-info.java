/** Contract suites of the monitoring's interfaces, and a profile store in memory. */
@NullMarked
package io.jvmlops.test.monitoring;

import org.jspecify.annotations.NullMarked;
