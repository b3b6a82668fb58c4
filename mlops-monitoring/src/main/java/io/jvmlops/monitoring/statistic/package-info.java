/** Statistics that compare two profiles, two samples or two rows of counts; each is usable alone. */
@NullMarked
package io.jvmlops.monitoring.statistic;

import org.jspecify.annotations.NullMarked;
