/** What watching a stream costs. */
@NullMarked
package io.jvmlops.benchmarks.monitor;

import org.jspecify.annotations.NullMarked;
